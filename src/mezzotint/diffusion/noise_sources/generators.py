"""Noise from PyTorch's own generators: of the CPU, or of the device that computes."""

import torch
from torch import Tensor

from mezzotint.diffusion.noise_sources.source import Normals

_WITHOUT_GENERATOR = ("cpu", "mps", "meta")  # there A1111 draws on the CPU, also when told to draw on the GPU


def on_cpu(seed: int, device: torch.device | str = "cpu") -> Normals:
    """Drawn by the CPU's Mersenne twister, then moved. Values depend on the size of the draw: 16 are a threshold."""
    return _normals(seed, drawn_on="cpu", device=device)


def on_device(seed: int, device: torch.device | str = "cpu") -> Normals:
    """Drawn by the device's own generator, or by the CPU's where it has none that repeats."""
    own = torch.device(device).type not in _WITHOUT_GENERATOR
    return _normals(seed, drawn_on=device if own else "cpu", device=device)


def _normals(seed: int, *, drawn_on: torch.device | str, device: torch.device | str) -> Normals:
    generator = torch.Generator(drawn_on).manual_seed(seed % 2**64)

    def draw(shape: tuple[int, ...]) -> Tensor:
        return torch.randn(shape, generator=generator, device=drawn_on, dtype=torch.float32).to(device)

    return draw
