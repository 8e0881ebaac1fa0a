"""Which family a file belongs to, from its header alone."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mezzotint.errors import UnrecognisedModel
from mezzotint.families import FAMILIES
from mezzotint.families.family import ANY, Family, Signature
from mezzotint.weights.safetensors import Header

Shapes = Mapping[str, tuple[int, ...]]


def recognise(header: Header, families: Iterable[Family] | None = None) -> Family:
    """The family whose signature the header bears, narrowed to this file; the registered ones if none are given.

    Raises UnrecognisedModel, which names the nearest family and the first tensor that differs.
    """
    candidates = [FAMILIES[name] for name in FAMILIES] if families is None else list(families)
    for family in candidates:
        if matches(family.signature, header.shapes):
            return _narrowed(family, header)
    raise _unrecognised(candidates, header.shapes)


def matches(signature: Signature, shapes: Shapes) -> bool:
    """Whether all tensors of the signature are there with its shapes."""
    return not _differences(signature, shapes)


def _narrowed(family: Family, header: Header) -> Family:
    """The family with what ANY stood for: the number of input channels, and what the file says of its training."""
    first = header.shapes.get(f"{family.network.prefix}input_blocks.0.0.weight")
    if first:
        config = replace(family.network.config, in_channels=first[1])
        family = replace(family, network=replace(family.network, config=config))
    is_velocity = "v_pred" in header.entries or header.metadata.get("modelspec.prediction_type") == "v"
    if is_velocity:
        family = replace(family, noise_process=replace(family.noise_process, predicts="velocity"))
    return family


def _differences(signature: Signature, shapes: Shapes) -> list[str]:
    """The names in the signature that the file lacks or has in another shape, in the signature's order."""
    return [name for name, wanted in signature.items() if not _fits(shapes.get(name), wanted)]


def _fits(shape: tuple[int, ...] | None, wanted: tuple[object, ...]) -> bool:
    return (
        shape is not None
        and len(shape) == len(wanted)
        and all(side is ANY or side == length for side, length in zip(wanted, shape, strict=True))
    )


def _unrecognised(candidates: list[Family], shapes: Shapes) -> UnrecognisedModel:
    def distance(family: Family) -> tuple[int, int]:
        absent = sum(name not in shapes for name in family.signature)
        return len(_differences(family.signature, shapes)), absent

    if not shapes:
        return UnrecognisedModel("the file holds no tensors")
    nearest = min(candidates, key=distance)
    name = _differences(nearest.signature, shapes)[0]
    wanted = ", ".join("any" if side is ANY else str(side) for side in nearest.signature[name])
    has = f"has {name!r} as {shapes[name]}" if name in shapes else f"has no {name!r}"
    return UnrecognisedModel(
        f"this is no kind of model that mezzotint knows: it is nearest to {nearest.name}, but {has}"
        + (f" instead of ({wanted})" if name in shapes else ""),
        hint=f"known families: {', '.join(family.name for family in candidates)}",
    )
