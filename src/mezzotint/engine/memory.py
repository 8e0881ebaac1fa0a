"""Devices and memory: what to compute on and in, how much may stay loaded, and what to say when it does not fit."""

import os
from collections.abc import Generator
from contextlib import contextmanager

import torch

from mezzotint.errors import OutOfMemory, RequestError, UnknownName

DEVICES = ("auto", "cpu", "cuda", "mps")

_SHARE_OF_MEMORY = 0.5  # that loaded models may keep; the rest is for what they compute
_BATCH = 4  # pictures of a family's own size that are made together on an accelerator
_DECODING_BYTES_PER_PX = 5600  # measured on Stable Diffusion's autoencoder in float32
_UNKNOWN_MEMORY_BYTES = 8 * 1024**3


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name, the fastest there is for "auto".

    Raises UnknownName, or RequestError if this machine has none of that kind.
    """
    kind, _, number = name.partition(":")
    if kind not in DEVICES or (number and not number.isdigit()):
        raise UnknownName("device", name, DEVICES)
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if kind == "auto":
        kind = next(kind for kind, is_there in available.items() if is_there)
    elif not available[kind]:
        raise RequestError(f"this machine has no {kind} device", hint="use --device auto")
    return torch.device(kind, int(number)) if number else torch.device(kind)


def network_dtype(device: torch.device) -> torch.dtype:
    """What networks compute in: half precision on accelerators, float32 on a CPU whatever the file holds."""
    return torch.float32 if device.type == "cpu" else torch.float16


def model_budget(device: torch.device) -> int:
    """Bytes of weights that may stay loaded on the device."""
    total = torch.cuda.mem_get_info(device)[1] if device.type == "cuda" else _machine_bytes()
    return int(total * _SHARE_OF_MEMORY)


def pictures_at_once(device: torch.device, *, area_px: int, native_px: int) -> int:
    """How many pictures of ``area_px`` share a network call.

    One on a CPU: a batch saves nothing there, and alone each picture comes out the same in any company, bit for bit.
    """
    return 1 if device.type == "cpu" else max(1, _BATCH * native_px**2 // area_px)


def fits_whole(device: torch.device, area_px: int) -> bool:
    """Whether pixels of that area can be decoded in one piece: their widest layers beside what is free now."""
    free = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else _free_bytes()
    return area_px * _DECODING_BYTES_PER_PX <= free


@contextmanager
def naming_out_of_memory() -> Generator[None, None, None]:
    """Raise OutOfMemory for the ways in which PyTorch says so."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _out_of_memory() from error
    except RuntimeError as error:
        if "out of memory" in str(error) or "can't allocate memory" in str(error):
            raise _out_of_memory() from error
        raise


def _out_of_memory() -> OutOfMemory:
    return OutOfMemory("there is not enough memory for this", hint="use a smaller size, or close other programs")


def _free_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # neither Windows nor macOS has it
        return _UNKNOWN_MEMORY_BYTES


def _machine_bytes() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return _UNKNOWN_MEMORY_BYTES
