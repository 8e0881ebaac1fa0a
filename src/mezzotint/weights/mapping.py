"""A file's bytes mapped into memory: looked at where they lie, never copied whole."""

import mmap
import stat
import zlib
from pathlib import Path

import torch
from torch import Tensor

from mezzotint.errors import ModelFileError
from mezzotint.weights.faults import refusal


class MappedFile:
    """The bytes of one file, opened once. The map is private: writing to a tensor of it leaves the file alone."""

    def __init__(self, path: Path) -> None:
        """Raises ModelFileError if there is no such file or it may not be read, or it is empty or no ordinary file."""
        try:
            what = path.stat()
            if not stat.S_ISREG(what.st_mode):  # opening a pipe would wait for ever, a device may never end
                kind = "a folder" if stat.S_ISDIR(what.st_mode) else "a pipe or a device"
                raise refusal("not_a_model", f"is {kind}, not a file", hint="choose the model file itself")
            if what.st_size == 0:
                raise refusal("truncated", "is empty (0 bytes)")
            with path.open("rb") as file:
                self.map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ModelFileError(f"cannot be opened: {reason}", hint="check the path and its rights") from error
        self.path = path
        self.size = len(self.map)
        self._bytes = torch.frombuffer(self.map, dtype=torch.uint8)

    def read(self, begin: int, end: int) -> bytes:
        """A copy of some bytes; fewer if the file ends before."""
        return self.map[begin:end]

    def tensor(self, begin: int, end: int, dtype: torch.dtype) -> Tensor:
        """Some bytes as a row of numbers: where they lie, or moved if they lie where no view can begin."""
        part = self._bytes[begin:end]
        if begin % dtype.itemsize:
            part = part.clone()
        return part.view(dtype)

    def crc32(self, begin: int, end: int) -> int:
        """The check sum of some bytes, as ZIP archives have it."""
        return zlib.crc32(memoryview(self.map)[begin:end])
