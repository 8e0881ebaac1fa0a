"""Families: kinds of checkpoints, one table per file; a line here adds it."""

from typing import TYPE_CHECKING

from mezzotint.registry import Registry

if TYPE_CHECKING:
    from mezzotint.families.family import Family

FAMILIES: "Registry[Family]" = Registry(
    "model family",
    {
        "sd1": "mezzotint.families.sd1:SD1",
        "sd2": "mezzotint.families.sd2:SD2",
        "sd-x4-upscaler": "mezzotint.families.sd_x4:SD_X4_UPSCALER",
        "sdxl": "mezzotint.families.sdxl:SDXL",
        "sdxl-refiner": "mezzotint.families.sdxl_refiner:SDXL_REFINER",
        "mezzo": "mezzotint.families.mezzo:MEZZO",
    },
    group="mezzotint.families",
)
