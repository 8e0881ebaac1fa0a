"""Noise sources: where random normal numbers come from. One file per kind of generator; a line here adds it.

Names are those of the setting ``randn_source`` and of infotext's ``RNG``.
"""

from typing import TYPE_CHECKING

from mezzotint.registry import Registry

if TYPE_CHECKING:
    from mezzotint.diffusion.noise_sources.source import NoiseSource

NOISE_SOURCES: "Registry[NoiseSource]" = Registry(
    "noise source",
    {
        "NV": "mezzotint.diffusion.noise_sources.philox:philox",
        "CPU": "mezzotint.diffusion.noise_sources.generators:on_cpu",
        "GPU": "mezzotint.diffusion.noise_sources.generators:on_device",
    },
    group="mezzotint.noise_sources",
)
DEFAULT_SOURCE = "NV"  # the same on every machine, and what A1111 draws on an NVIDIA card
