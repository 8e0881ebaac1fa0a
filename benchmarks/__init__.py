"""Benchmarks: how long things take, each beside the bound that its tests hold it to."""
