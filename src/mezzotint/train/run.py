"""A training run from the outside: a stage by name, its default length, and the checks before it starts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mezzotint.errors import UnknownName
from mezzotint.train import mezzo
from mezzotint.train.precision import resolve_precision


@dataclass(frozen=True)
class Stage:
    """One stage of the embedded model's recipe. ``length`` counts steps, or shards for the latents."""

    work: Callable[[mezzo.Run, int], object]
    length: int
    about: str


def _export(run: mezzo.Run, length: int) -> Path:
    return mezzo.export(run, run.folder / f"{run.tier.family.title}.safetensors")


STAGES: Mapping[str, Stage] = {
    "autoencoder": Stage(lambda run, length: mezzo.train_autoencoder(run, steps=length), 2000, "pixels to latents"),
    "latents": Stage(lambda run, length: mezzo.build_latents(run, shards=length), 48, "composed pictures, encoded"),
    "denoiser": Stage(lambda run, length: mezzo.train_denoiser(run, steps=length), 6000, "text encoder and U-Net"),
    "previews": Stage(lambda run, length: mezzo.train_quick_look(run, steps=length), 800, "quick looks"),
    "export": Stage(_export, 1, "one file to ship"),
}


def stages(only: str | None) -> Mapping[str, Stage]:
    """All stages in their order, or the one asked for. Raises UnknownName."""
    if only is None:
        return STAGES
    if only not in STAGES:
        raise UnknownName("stage", only, tuple(STAGES))
    return {only: STAGES[only]}


def tier_named(name: str) -> mezzo.Tier:
    """Raises UnknownName."""
    if name not in mezzo.TIERS:
        raise UnknownName("tier", name, tuple(mezzo.TIERS))
    return mezzo.TIERS[name]


__all__ = ["STAGES", "Stage", "resolve_precision", "stages", "tier_named"]
