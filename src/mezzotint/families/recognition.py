"""Which family a file belongs to, from its header."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from torch import Tensor

from mezzotint.diffusion.noise_process import Prediction, zero_terminal_snr
from mezzotint.errors import UnrecognisedModel
from mezzotint.families import FAMILIES
from mezzotint.families.family import ABSENT, ANY, Family, Mark, Signature
from mezzotint.families.prediction import told_prediction
from mezzotint.families.strangers import stranger
from mezzotint.weights.safetensors import Header

Shapes = Mapping[str, tuple[int, ...]]


def recognise(
    header: Header,
    families: Iterable[Family] | None = None,
    *,
    prediction: Prediction | None = None,
    sidecar: str = "",
    tensors: Callable[[], Mapping[str, Tensor]] | None = None,
) -> Family:
    """The family whose signature the header bears, narrowed to this file; the registered ones if none are given.

    What the network predicts is, first come first served: ``prediction``, the text of the ``sidecar``, what the header
    says, what the family's rule makes of one small tensor (``tensors`` opens the file, if there is such a rule), the
    family's default. Raises UnrecognisedModel, which names the nearest family and the first tensor that differs.
    """
    candidates = [FAMILIES[name] for name in FAMILIES] if families is None else list(families)
    if known := stranger(header.shapes):
        raise UnrecognisedModel(f"this is {known}", hint=_known(candidates))
    for family in candidates:
        if matches(family.signature, header.shapes):
            told = prediction or told_prediction(header, sidecar)
            found = _with_training(_with_input(family, header.shapes), told, tensors)
            if "ztsnr" in header.entries or header.metadata.get("rescale_betas_zero_snr") == "true":
                found = replace(found, noise_process=zero_terminal_snr(found.noise_process))
            return found
    raise _unrecognised(candidates, header.shapes)


def matches(signature: Signature, shapes: Shapes) -> bool:
    """Whether all tensors of the signature are there with its shapes, and none that it says are absent."""
    return not _differences(signature, shapes)


def _with_input(family: Family, shapes: Shapes) -> Family:
    """The family with the number of input channels that the file has, and what they hold."""
    name = f"{family.network.prefix}input_blocks.0.0.weight"
    own = family.network.config.in_channels
    channels = shapes[name][1] if name in shapes else own
    if channels == own:
        return family
    if channels not in family.variants:
        known = ", ".join(f"{n} ({what})" for n, what in sorted({own: "plain", **family.variants}.items()))
        raise UnrecognisedModel(
            f"a {family.title} network with {channels} input channels is of no known kind",
            hint=f"known numbers of channels: {known}",
        )
    config = replace(family.network.config, in_channels=channels)
    return replace(family, network=replace(family.network, config=config), extra_input=family.variants[channels])


def _with_training(
    family: Family, told: Prediction | None, tensors: Callable[[], Mapping[str, Tensor]] | None
) -> Family:
    """The family with what this file's network predicts, and the side of the pictures that goes with it."""
    if told is None and family.weigh is not None and tensors is not None and family.extra_input == "nothing":
        told = family.weigh(tensors())
    process = replace(family.noise_process, predicts=told or family.noise_process.predicts)
    side = family.velocity_native_px if told == "velocity" else None
    return replace(family, noise_process=process, native_px=side or family.native_px)


def _differences(signature: Signature, shapes: Shapes) -> list[str]:
    """The names in the signature that the file lacks or has in another shape, in the signature's order."""
    return [name for name, wanted in signature.items() if not _fits(shapes.get(name), wanted)]


def _fits(shape: tuple[int, ...] | None, wanted: tuple[int | Mark, ...] | Mark) -> bool:
    if isinstance(wanted, Mark):
        return shape is None
    return (
        shape is not None
        and len(shape) == len(wanted)
        and all(side is ANY or side == length for side, length in zip(wanted, shape, strict=True))
    )


def _unrecognised(candidates: list[Family], shapes: Shapes) -> UnrecognisedModel:
    def distance(family: Family) -> tuple[int, int]:
        absent = sum(name not in shapes for name, wanted in family.signature.items() if wanted is not ABSENT)
        return len(_differences(family.signature, shapes)), absent

    if not shapes:
        return UnrecognisedModel("the file holds no tensors")
    nearest = min(candidates, key=distance)
    name = _differences(nearest.signature, shapes)[0]
    wanted = nearest.signature[name]
    if isinstance(wanted, Mark):
        instead = " instead of no such tensor"
    else:
        instead = f" instead of ({', '.join('any' if side is ANY else str(side) for side in wanted)})"
    has = f"has {name!r} as {shapes[name]}{instead}" if name in shapes else f"has no {name!r}"
    return UnrecognisedModel(
        f"this is no kind of model that mezzotint knows: it is nearest to {nearest.name}, but {has}",
        hint=_known(candidates),
    )


def _known(candidates: list[Family]) -> str:
    return f"known families: {', '.join(family.name for family in candidates)}"
