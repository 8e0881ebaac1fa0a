"""Pickled checkpoints, read by a machine of our own that knows tensors and plain containers and runs nothing."""
