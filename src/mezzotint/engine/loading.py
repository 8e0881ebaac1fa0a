"""From a checkpoint file to a model."""

import logging
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor, nn

from mezzotint.diffusion.noise_process import Prediction
from mezzotint.engine.memory import network_dtype
from mezzotint.errors import MissingWeights, ModelFileError
from mezzotint.families.family import Family, Model, ModelFile, Part
from mezzotint.families.recognition import recognise
from mezzotint.nn.autoencoder import Autoencoder
from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig
from mezzotint.nn.tiny_autoencoder import TinyAutoencoderConfig, TinyDecoder
from mezzotint.nn.unet import UNet
from mezzotint.weights.faults import naming
from mezzotint.weights.layouts import LAYOUTS
from mezzotint.weights.leftovers import unknown_leftovers
from mezzotint.weights.loading import Section, build
from mezzotint.weights.opening import open_checkpoint, open_model_file
from mezzotint.weights.parts import autoencoder_of

log = logging.getLogger(__name__)


def load_model(
    source: ModelFile, device: torch.device, *, prediction: Prediction | None = None, spare: Path | None = None
) -> Model:
    """The checkpoint on the device, ready to use; ``prediction`` overrules what the file says of its training.

    ``spare`` is a file to take the autoencoder from if the checkpoint has none. Raises ModelFileError of some kind.
    """
    since = perf_counter()
    family = family_of(source.path, prediction=prediction)
    tensors = open_checkpoint(source.path)
    dtype = network_dtype(device)
    with naming(source.path):
        is_whole = spare is None or any(name.startswith(family.autoencoder.prefix) for name in tensors)
        _require_whole(family, tensors, but="" if is_whole else family.autoencoder.prefix)
        network = build(UNet, family.network.config, tensors, prefix=family.network.prefix, dtype=dtype, device=device)
        if is_whole or spare is None:
            part = family.autoencoder
            autoencoder = build(Autoencoder, part.config, tensors, prefix=part.prefix, device=device)
        else:
            autoencoder = load_autoencoder(spare, family, device)
        encoders = {
            name: load_text_encoder(part, tensors, dtype=dtype, device=device)
            for name, part in family.text_encoders.items()
        }
    _tell_leftovers(family, source, tensors, {family.network.prefix: network, family.autoencoder.prefix: autoencoder})
    log.info("loaded %s (%s) in %.1f s", source.name, family.full_name, perf_counter() - since)
    return Model(family, network, encoders, autoencoder, source)


def load_autoencoder(path: Path, family: Family, device: torch.device | str = "cpu") -> Autoencoder:
    """The autoencoder in a file, a whole checkpoint or one of it alone. Raises ModelFileError of some kind.

    It is in float32 everywhere: it takes little memory, and half precision can overflow in it.
    """
    tensors = open_model_file(path)
    with naming(path):
        return build(Autoencoder, family.autoencoder.config, autoencoder_of(tensors), device=device)


def family_of(path: Path, *, prediction: Prediction | None = None) -> Family:
    """The family of a checkpoint file, narrowed to it.

    Reads the file's header, the configuration beside it (``NAME.yaml``) if there is one, and a small tensor at most.
    Raises as `load_model` does.
    """
    tensors = open_checkpoint(path)
    with naming(path):
        return recognise(tensors.header, prediction=prediction, sidecar=_sidecar(path), tensors=lambda: tensors)


def load_text_encoder(
    part: Part[CLIPTextConfig],
    tensors: Mapping[str, Tensor],
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> CLIPText:
    """One text encoder of a checkpoint, under whichever of its names the file has it. Raises MissingWeights."""
    layout = LAYOUTS[part.layout] if part.layout else None
    section = Section(tensors, part.prefix)
    if layout and layout.fits(section):  # the file uses the other names
        return build(CLIPText, part.config, layout.read(section), dtype=dtype, device=device)
    return build(CLIPText, part.config, tensors, prefix=part.prefix, dtype=dtype, device=device)


def load_tiny_decoder(
    path: Path,
    config: TinyAutoencoderConfig = TinyAutoencoderConfig(),  # noqa: B008  # frozen
    *,
    device: torch.device | str = "cpu",
) -> TinyDecoder:
    """A decoder for quick looks from a file of its own, such as ``taesd_decoder.pth``, or from diffusers' one.

    Raises ModelFileError of some kind.
    """
    tensors, layout = open_model_file(path), LAYOUTS["tiny-decoder"]
    with naming(path):
        return build(TinyDecoder, config, layout.read(tensors) if layout.fits(tensors) else tensors, device=device)


def _sidecar(path: Path) -> str:
    """The text of the configuration beside a checkpoint, "" without one."""
    beside = path.with_suffix(".yaml")
    try:
        return beside.read_text(encoding="utf-8", errors="replace") if beside.is_file() else ""
    except OSError as error:
        raise ModelFileError(f"cannot read {beside.name}: {error.strerror}", hint="check its rights") from error


def _require_whole(family: Family, tensors: Mapping[str, Tensor], *, but: str = "") -> None:
    """Raise MissingWeights, which names them, if parts of the model are not in the file at all."""
    parts = {
        "network": family.network.prefix,
        "autoencoder": family.autoencoder.prefix,
        **{f"text encoder {name}": part.prefix for name, part in family.text_encoders.items()},
    }
    wanted = {what: prefix for what, prefix in parts.items() if prefix != but}
    missing = {what: prefix for what, prefix in wanted.items() if not any(name.startswith(prefix) for name in tensors)}
    if missing:
        listed = ", ".join(f"{what} ({prefix}…)" for what, prefix in missing.items())
        raise MissingWeights(
            f"this {family.full_name} file holds no {listed}",
            hint="it holds only part of a model; use a full checkpoint",
        )


def _tell_leftovers(
    family: Family, source: ModelFile, tensors: Mapping[str, Tensor], parts: Mapping[str, nn.Module]
) -> None:
    """Warn of tensors that nobody knows: outside all parts, or inside one that does not take them."""
    taken = {prefix + name for prefix, part in parts.items() for name in part.state_dict()}
    text = tuple(part.prefix for part in family.text_encoders.values())
    unknown = unknown_leftovers(name for name in tensors if name not in taken and not name.startswith(text))
    if unknown:
        log.warning("%s holds %d tensors that are not used, such as %s", source.name, len(unknown), unknown[0])
