"""Infotext hidden in the lowest bits of a picture's pixels, which survives sites that strip metadata."""

import zlib
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_LENGTH_BITS = 32
_MOST_BYTES = 4 * 2**20  # unpacked; a few kilobytes of pixels could hold gigabytes
_GZIP = 16 + zlib.MAX_WBITS


def read_stealth(image: Image.Image) -> str:
    """Hidden infotext, "" if there is none.

    Bits run down the columns: one per pixel in alpha, or three in red, green and blue. A signature, the number of bits
    (32, high first) and the text, plain or gzipped, follow one another.
    """
    if image.mode not in ("RGB", "RGBA"):
        return ""
    pixels = np.asarray(image, dtype=np.uint8).transpose(1, 0, 2)  # a view: columns first
    places = {"rgb": pixels[..., :3]}
    if image.mode == "RGBA":
        places["png"] = pixels[..., 3:]
    for (place, samples), (kind, is_zipped) in product(places.items(), (("info", False), ("comp", True))):
        text = _message(samples, f"stealth_{place}{kind}".encode(), is_zipped=is_zipped)
        if text:
            return text
    return ""


def _message(samples: NDArray[np.uint8], signature: bytes, *, is_zipped: bool) -> str:
    start = len(signature) * 8
    head = _bits(samples, start + _LENGTH_BITS)
    if len(head) < start + _LENGTH_BITS or np.packbits(head[:start]).tobytes() != signature:
        return ""
    end = start + _LENGTH_BITS + int.from_bytes(np.packbits(head[start:]).tobytes(), "big")
    if end > samples.size:  # the picture was cut since
        return ""
    payload = np.packbits(_bits(samples, end)[start + _LENGTH_BITS :]).tobytes()
    if not is_zipped:
        return payload.decode("utf-8", errors="ignore")
    try:
        return zlib.decompressobj(_GZIP).decompress(payload, _MOST_BYTES).decode("utf-8", errors="ignore")
    except zlib.error:  # the picture was changed since
        return ""


def _bits(samples: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    """The first ``count`` lowest bits, from no more columns than hold them."""
    per_column = samples.shape[1] * samples.shape[2]
    columns = samples[: -(-count // per_column)]
    return columns.reshape(-1)[:count] & np.uint8(1)
