"""The parts of a checkpoint under the names of the common single file, whatever they are called where they are."""

from collections.abc import Mapping

from mezzotint.errors import MissingWeights
from mezzotint.weights.layouts import LAYOUTS
from mezzotint.weights.tensors import Joined, Renamed, Section, Tensors

NETWORK = "model.diffusion_model."
AUTOENCODER = "first_stage_model."
ENCODER = "cond_stage_model.transformer."  # SD 1
OPENCLIP_ENCODER = "cond_stage_model.model."  # SD 2
FIRST_OF_TWO = "conditioner.embedders.0.transformer."  # SDXL
SECOND_OF_TWO = "conditioner.embedders.1.model."
SECOND_ALONE = "conditioner.embedders.0.model."  # SDXL refiner

FOLDERS = ("unet", "vae", "text_encoder", "text_encoder_2")
"""What the parts are called in folders, and in front of names in some files."""

_PLACES = (
    (NETWORK, "unet", "diffusers-unet"),
    (AUTOENCODER, "vae", "diffusers-vae"),
    (ENCODER, "text_encoder", ""),
    (OPENCLIP_ENCODER, "text_encoder", "openclip"),
    (FIRST_OF_TWO, "text_encoder", ""),
    (SECOND_OF_TWO, "text_encoder_2", "openclip"),
    (SECOND_ALONE, "text_encoder_2", "openclip"),
)
_OPENCLIP_WIDTHS = (1024, 1280)
_BARE_NETWORK = ("input_blocks.0.0.weight", "output_blocks.0.0.in_layers.0.weight")
_BARE_DIFFUSERS_NETWORK = ("down_blocks.0.resnets.0.norm1.weight", "up_blocks.0.resnets.0.norm1.weight")
_TOKENS = "text_model.embeddings.token_embedding.weight"


def assembled(
    parts: Mapping[str, Tensors],
    metadata: Mapping[str, str] | None = None,
    *,
    activations: Mapping[str, str] | None = None,
) -> Tensors:
    """Parts by what `FOLDERS` calls them, together as in a single file.

    ``activations`` are those of the text encoders where a configuration tells them: only OpenCLIP's use "gelu".
    """
    has_two = "text_encoder" in parts and "text_encoder_2" in parts
    under = list[Tensors]()
    for name, tensors in parts.items():
        if name == "unet":
            under.append(prefixed(_read("diffusers-unet", tensors), NETWORK))
        elif name == "vae":
            under.append(prefixed(_autoencoder(tensors), AUTOENCODER))
        else:
            encoder = _without_positions(_read("clip-flat", tensors))
            activation = (activations or {}).get(name) or (
                "gelu" if _width(encoder) in _OPENCLIP_WIDTHS else "quick_gelu"
            )
            if name == "text_encoder_2" or (activation == "gelu" and not has_two):
                prefix = SECOND_OF_TWO if has_two else OPENCLIP_ENCODER if name == "text_encoder" else SECOND_ALONE
                under.append(prefixed(LAYOUTS["openclip"].written(encoder), prefix))
            else:
                under.append(prefixed(encoder, FIRST_OF_TWO if has_two else ENCODER))
    return Joined(under, metadata)


def disassembled(tensors: Tensors) -> dict[str, Tensors]:
    """The parts of a checkpoint with the common names, each under diffusers' own names: undoes `assembled`."""
    found = dict[str, Tensors]()
    for prefix, name, layout in _PLACES:
        if part := Section(tensors, prefix):
            if layout == "openclip":  # the folders have our names
                found[name] = LAYOUTS[layout].read(part)
            else:
                found[name] = LAYOUTS[layout].written(part) if layout else part
    return found


def canonical(tensors: Tensors) -> Tensors:
    """A checkpoint under the names of the common single file; names that are in no known place keep theirs.

    Other prefixes, the parts' names of `FOLDERS` in front, and a U-Net without any prefix are understood.
    """
    if tensors and all(name.startswith("module.") for name in tensors):
        tensors = Section(tensors, "module.")
    if any(name.startswith(NETWORK) for name in tensors):
        return _with_openclip_in_place(tensors)
    parts = {name: Section(tensors, f"{name}.") for name in FOLDERS}
    if parts["unet"] and not _is_adapter(tensors):
        known = {name: part for name, part in parts.items() if part}
        others = {name: name for name in tensors if not name.startswith(tuple(f"{part}." for part in known))}
        return Joined([assembled(known), Renamed(tensors, others)], tensors.header.metadata)
    if "diffusion_model.input_blocks.0.0.weight" in tensors:
        return Renamed(tensors, {_moved(name, "diffusion_model.", NETWORK): name for name in tensors})
    is_control = any(name.startswith(("zero_convs.", "input_hint_block.", "controlnet_")) for name in tensors)
    if not is_control and all(name in tensors for name in _BARE_NETWORK):
        return prefixed(tensors, NETWORK)
    if not is_control and all(name in tensors for name in _BARE_DIFFUSERS_NETWORK):
        return assembled({"unet": tensors}, tensors.header.metadata)
    return tensors


def autoencoder_of(tensors: Tensors) -> Tensors:
    """The autoencoder in a file, under its own names: a file of it alone, or a whole checkpoint.

    Raises MissingWeights if there is none.
    """
    for prefix in (AUTOENCODER, "vae.", ""):
        found = Section(tensors, prefix)
        if "decoder.conv_in.weight" in found:
            inner = _autoencoder(found)
            return Renamed(inner, {name: name for name in inner if not name.startswith(("loss.", "model_ema."))})
    raise MissingWeights("it holds no autoencoder", hint="choose a file with a VAE in it", fault="tensor_invalid")


def prefixed(tensors: Tensors, prefix: str) -> Tensors:
    """The tensors with ``prefix`` in front of their names."""
    return Renamed(tensors, {prefix + name: name for name in tensors})


def _autoencoder(tensors: Tensors) -> Tensors:
    is_old = any(name.endswith(".query.weight") for name in tensors)
    return _read("diffusers-vae-old" if is_old else "diffusers-vae", tensors)


def _read(layout: str, tensors: Tensors) -> Tensors:
    return LAYOUTS[layout].read(tensors) if LAYOUTS[layout].fits(tensors) else tensors


def _without_positions(encoder: Tensors) -> Tensors:
    """Positions are always 0, 1, 2, …, and some tools have stored them rounded."""
    return Renamed(encoder, {name: name for name in encoder if not name.endswith("position_ids")})


def _width(encoder: Tensors) -> int:
    shape = encoder.header.shapes.get(_TOKENS, ())
    return shape[1] if len(shape) == 2 else 0


def _is_adapter(tensors: Tensors) -> bool:
    return any(".lora" in name or "lora_" in name for name in tensors)


def _with_openclip_in_place(tensors: Tensors) -> Tensors:
    """SD 2's encoder may be where the SDXL refiner has its wider one."""
    tokens = tensors.header.shapes.get(f"{SECOND_ALONE}token_embedding.weight", (0, 0))
    if tokens[-1] != _OPENCLIP_WIDTHS[0]:
        return tensors
    return Renamed(tensors, {_moved(name, SECOND_ALONE, OPENCLIP_ENCODER): name for name in tensors})


def _moved(name: str, old: str, new: str) -> str:
    return new + name.removeprefix(old) if name.startswith(old) else name
