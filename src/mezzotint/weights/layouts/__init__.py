"""Layouts: other people's names for the same tensors. One file per rename table; a line here adds it."""

from typing import TYPE_CHECKING

from mezzotint.registry import Registry

if TYPE_CHECKING:
    from mezzotint.weights.renaming import Layout

LAYOUTS: "Registry[Layout]" = Registry(
    "weight layout",
    {"clip-flat": "mezzotint.weights.layouts.clip_flat:CLIP_FLAT"},
    group="mezzotint.layouts",
)
