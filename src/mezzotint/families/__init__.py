"""Families: kinds of checkpoints, one table per file; a line here adds it."""

from typing import TYPE_CHECKING

from mezzotint.registry import Registry

if TYPE_CHECKING:
    from mezzotint.families.family import Family

FAMILIES: "Registry[Family]" = Registry(
    "model family",
    {
        "sd1": "mezzotint.families.sd1:SD1",
        "mezzo": "mezzotint.families.mezzo:MEZZO",
    },
    group="mezzotint.families",
)
