"""From a checkpoint file to a model."""

import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor

from mezzotint.engine.memory import network_dtype
from mezzotint.errors import ModelFileError
from mezzotint.families.family import Family, Model, ModelFile, Part
from mezzotint.families.recognition import recognise
from mezzotint.nn.autoencoder import Autoencoder
from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig
from mezzotint.nn.unet import UNet
from mezzotint.weights.layouts import LAYOUTS
from mezzotint.weights.leftovers import unknown_leftovers
from mezzotint.weights.loading import Section, build
from mezzotint.weights.safetensors import open_tensors, read_header

log = logging.getLogger(__name__)


def load_model(source: ModelFile, device: torch.device) -> Model:
    """The checkpoint on the device, ready to use. Raises ModelFileError of some kind if it cannot be."""
    since = perf_counter()
    family = family_of(source.path)
    tensors = open_tensors(source.path)
    dtype = network_dtype(device)
    with _naming(source.path):
        network = build(UNet, family.network.config, tensors, prefix=family.network.prefix, dtype=dtype, device=device)
        autoencoder = build(  # float32 everywhere: it takes little memory, and half precision can overflow in it
            Autoencoder, family.autoencoder.config, tensors, prefix=family.autoencoder.prefix, device=device
        )
        encoders = {name: _text_encoder(part, tensors, dtype, device) for name, part in family.text_encoders.items()}
    _tell_leftovers(family, source, tensors)
    log.info("loaded %s (%s) in %.1f s", source.name, family.name, perf_counter() - since)
    return Model(family, network, encoders, autoencoder, source)


def family_of(path: Path) -> Family:
    """The family of a checkpoint file, narrowed to it; reads its header only. Raises as `load_model` does."""
    header = read_header(path)
    with _naming(path):
        return recognise(header)


def _text_encoder(
    part: Part[CLIPTextConfig], tensors: Mapping[str, Tensor], dtype: torch.dtype, device: torch.device
) -> CLIPText:
    layout = LAYOUTS[part.layout] if part.layout else None
    section = Section(tensors, part.prefix)
    if layout and layout.fits(section):  # the file uses the other names
        return build(CLIPText, part.config, layout.read(section), dtype=dtype, device=device)
    return build(CLIPText, part.config, tensors, prefix=part.prefix, dtype=dtype, device=device)


@contextmanager
def _naming(path: Path) -> Generator[None, None, None]:
    """Put the file's name in front of what is wrong with its contents."""
    try:
        yield
    except ModelFileError as error:
        raise type(error)(f"{path.name}: {error.message}", hint=error.hint) from error


def _tell_leftovers(family: Family, source: ModelFile, tensors: Mapping[str, Tensor]) -> None:
    prefixes = (
        family.network.prefix,
        family.autoencoder.prefix,
        *(part.prefix for part in family.text_encoders.values()),
    )
    unknown = unknown_leftovers(name for name in tensors if not name.startswith(prefixes))
    if unknown:
        log.warning("%s holds %d tensors that are not used, such as %s", source.name, len(unknown), unknown[0])
