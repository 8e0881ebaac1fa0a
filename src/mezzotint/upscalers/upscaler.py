"""What an upscaler is: a function on pictures, or the weights of a network that becomes one."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from PIL import Image

from mezzotint.imaging.resize import Enlarge, lanczos


@dataclass(frozen=True)
class Upscaler:
    """A way to make pictures larger, by name: ``enlarge`` itself, or a file of ``weights`` for `load_upscaler`.

    ``scale`` is how many times as large one pass makes a picture; those without a network reach any size and say 4.
    """

    name: str
    scale: int = 4
    enlarge: Enlarge | None = None
    weights: Path | None = None


def _nearest(image: Image.Image, width: int, height: int) -> Image.Image:
    """Pixels repeated."""
    return image.resize((width, height), Image.Resampling.NEAREST)


NONE = Upscaler("None", enlarge=lanczos)
"""No choice: what must grow is resized by Lanczos. Where upscaling is all that was asked for, it means not to."""

LANCZOS = Upscaler("Lanczos", enlarge=lanczos)
NEAREST = Upscaler("Nearest", enlarge=_nearest)

ANIME_VIDEO = Upscaler(
    "R-ESRGAN AnimeVideo",
    weights=Path(str(files("mezzotint") / "assets" / "upscalers" / "realesr-animevideov3.safetensors")),
)
"""A compact network for drawn pictures, realesr-animevideov3 (recipes/upscaler)."""
