"""Layers and networks: config in, tensors through. Parameters have the names under which the world stores them."""
