"""The upscaler in the box: a published network, read out of a Python package and written as safetensors."""
