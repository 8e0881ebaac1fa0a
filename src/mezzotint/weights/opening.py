"""One way to open whatever holds a model: safetensors, a pickled checkpoint, or a folder of parts."""

from pathlib import Path

from mezzotint.weights.averages import averaged
from mezzotint.weights.faults import naming
from mezzotint.weights.folders import open_folder
from mezzotint.weights.mapping import MappedFile
from mezzotint.weights.parts import canonical
from mezzotint.weights.pickles.opening import looks_pickled, open_pickled
from mezzotint.weights.safetensors import looks_like_safetensors, open_tensors
from mezzotint.weights.scaled import unscaled
from mezzotint.weights.sniffing import no_model
from mezzotint.weights.tensors import Tensors

SUFFIXES = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".sft")
"""Endings under which people keep files that can be opened; what a file is, its content tells."""


def open_model_file(path: Path, *, variant: str = "") -> Tensors:
    """The tensors of a file or folder by name, with their header. Nothing is read but the header.

    Wrappers such as ``state_dict`` are off; a folder of parts has the names of the common single file. ``variant`` is
    for folders, see `open_folder`. Raises ModelFileError of some kind; its ``fault`` says what is wrong with the file.
    """
    if path.is_dir():
        return open_folder(path, variant=variant)
    with naming(path):
        file = MappedFile(path)
        start = file.read(0, 16)
        if not looks_pickled(start) and not looks_like_safetensors(start, file.size):
            raise no_model(file)
    return open_pickled(path) if looks_pickled(start) else open_tensors(path)


def open_checkpoint(path: Path, *, ema: bool = False, variant: str = "") -> Tensors:
    """As `open_model_file`, for what makes pictures: names as in the common single file, weights without scales beside.

    ``ema`` puts moving averages in place of the weights, if the file has both.
    """
    opened = open_model_file(path, variant=variant)
    with naming(path):
        tensors = canonical(opened)
        return unscaled(averaged(tensors) if ema else tensors)
