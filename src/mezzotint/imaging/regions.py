"""The part of a picture that is worked on when only the masked area is to be repainted."""

from dataclasses import dataclass

from PIL import Image

from mezzotint.errors import require
from mezzotint.imaging.resize import crop, fill


@dataclass(frozen=True)
class Region:
    """A rectangle in pixels; ``right`` and ``bottom`` lie just outside it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def cut(self, picture: Image.Image, width: int, height: int) -> Image.Image:
        """This part of a picture or mask, brought to the size to work at without loss of proportions."""
        return fill(picture.crop((self.left, self.top, self.right, self.bottom)), width, height)

    def put(self, part: Image.Image, picture: Image.Image) -> Image.Image:
        """A copy of ``picture`` with ``part``, brought to this region's size, in its place."""
        whole = picture.copy()
        whole.paste(crop(part, self.width, self.height), (self.left, self.top))
        return whole


def masked_region(mask: Image.Image, width: int, height: int, *, padding_px: int = 0) -> Region | None:
    """What surrounds all that is not black in the mask (blurred already), None if nothing is.

    ``padding_px`` is added on each side; then the shorter side grows, as far as the picture goes, towards the
    proportions of ``width`` x ``height``, the size to work at.
    """
    require(padding_px >= 0, f"the padding must be at least 0 px, got {padding_px}")
    box = mask.convert("L").getbbox()
    if box is None:
        return None
    left, right = max(box[0] - padding_px, 0), min(box[2] + padding_px, mask.width)
    top, bottom = max(box[1] - padding_px, 0), min(box[3] + padding_px, mask.height)
    proportions = width / height
    if (right - left) / (bottom - top) > proportions:
        top, bottom = _grown(top, bottom, int((right - left) / proportions), mask.height)
    else:
        left, right = _grown(left, right, int((bottom - top) * proportions), mask.width)
    return Region(left, top, right, bottom)


def _grown(start: int, end: int, length: int, limit: int) -> tuple[int, int]:
    """A span of ``length`` about the same middle (an odd pixel goes to its end), moved to lie within 0..limit."""
    length = min(max(length, end - start), limit)
    start -= (length - (end - start)) // 2
    start = min(max(start, 0), limit - length)
    return start, start + length
