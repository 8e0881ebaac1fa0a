"""Infotext hidden in the lowest bits of a picture's pixels, which survives sites that strip metadata."""

import gzip
import zlib
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_LENGTH_BITS = 32


def read_stealth(image: Image.Image) -> str:
    """Hidden infotext, "" if there is none.

    Bits run down the columns: one per pixel in alpha, or three in red, green and blue. A signature, the number of bits
    (32, high first) and the text, plain or gzipped, follow one another.
    """
    if image.mode not in ("RGB", "RGBA"):
        return ""
    pixels = np.asarray(image, dtype=np.uint8).transpose(1, 0, 2) & np.uint8(1)
    places = {"rgb": pixels[..., :3].reshape(-1)}
    if image.mode == "RGBA":
        places["png"] = pixels[..., 3].reshape(-1)
    for (place, bits), (kind, is_zipped) in product(places.items(), (("info", False), ("comp", True))):
        text = _message(bits, f"stealth_{place}{kind}".encode(), is_zipped=is_zipped)
        if text:
            return text
    return ""


def _message(bits: NDArray[np.uint8], signature: bytes, *, is_zipped: bool) -> str:
    start = len(signature) * 8
    if len(bits) < start + _LENGTH_BITS or np.packbits(bits[:start]).tobytes() != signature:
        return ""
    length = int.from_bytes(np.packbits(bits[start : start + _LENGTH_BITS]).tobytes(), "big")
    payload = np.packbits(bits[start + _LENGTH_BITS :][:length]).tobytes()
    try:
        return (gzip.decompress(payload) if is_zipped else payload).decode("utf-8", errors="ignore")
    except (OSError, EOFError, zlib.error):  # the picture was changed since
        return ""
