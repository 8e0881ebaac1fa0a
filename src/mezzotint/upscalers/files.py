"""Upscalers in files of their own: networks of the ESRGAN family, in safetensors or pickled as people share them."""

from pathlib import Path

import torch

from mezzotint.upscalers.networks import Network, load_network
from mezzotint.upscalers.recognition import recognise
from mezzotint.upscalers.upscaler import Upscaler
from mezzotint.weights.faults import naming
from mezzotint.weights.opening import open_model_file


def upscaler_in(path: Path, name: str) -> Upscaler:
    """The upscaler in a file, under that name. Only the header is read. Raises ModelFileError of some kind."""
    tensors = open_model_file(path)
    with naming(path):
        return Upscaler(name, recognise(tensors.header.shapes).scale, weights=path)


def load_upscaler(path: Path, *, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu") -> Network:
    """The network in a file, ready to use. Raises ModelFileError of some kind."""
    tensors = open_model_file(path)
    with naming(path):
        return load_network(tensors, dtype=dtype, device=device)
