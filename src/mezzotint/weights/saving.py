"""Writing safetensors files so that a file is either whole or not there."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType]  # PathLike without its parameter
from torch import Tensor

from mezzotint.errors import ResourceError


def save(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> None:
    """Write the tensors; an existing file is replaced at once and whole, and is on disk when this returns.

    Raises ResourceError if the disk refuses.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    packed = {name: tensor.detach().contiguous().cpu() for name, tensor in tensors.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.touch()  # by the person's umask; the library alone would leave the file private
        mode = partial.stat().st_mode
        save_file(packed, partial, metadata=dict(metadata or {}))
        partial.chmod(mode)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise ResourceError(f"cannot write {path}: {error.strerror or error}", hint="check room and rights") from error
    finally:
        with suppress(OSError):  # gone already, if all went well
            partial.unlink()
