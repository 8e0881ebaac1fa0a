import gzip
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from mezzotint.imaging.files import encode, read_infotext
from mezzotint.imaging.stealth import read_stealth

INFOTEXT = "a cät, 日本\nSteps: 20, Sampler: Euler a, CFG scale: 7.0"


def _hidden(payload: bytes, *, place: str = "png", kind: str = "info", bits: int | None = None) -> Image.Image:
    """Noise with the payload in its lowest bits; ``bits`` is how long it is said to be."""
    message = f"stealth_{place}{kind}".encode() + (len(payload) * 8 if bits is None else bits).to_bytes(4, "big")
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 4), dtype=np.uint8)
    columns = pixels.transpose(1, 0, 2)  # a view: bits go down the columns
    for index, bit in enumerate(np.unpackbits(np.frombuffer(message + payload, np.uint8)).tolist()):
        pixel, channel = (index, 3) if place == "png" else divmod(index, 3)
        x, y = divmod(pixel, 48)
        columns[x, y, channel] = columns[x, y, channel] & 0xFE | bit
    return Image.fromarray(pixels)


@pytest.mark.parametrize("place", ["png", "rgb"])
@pytest.mark.parametrize("kind", ["info", "comp"])
def test_text_hidden_in_pixels_is_found(place: str, kind: str):
    payload = gzip.compress(INFOTEXT.encode()) if kind == "comp" else INFOTEXT.encode()

    image = _hidden(payload, place=place, kind=kind)

    assert read_infotext(encode(image)) == INFOTEXT
    assert (read_stealth(image.convert("RGB")) == INFOTEXT) == (place == "rgb")


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (8, 1), (64, 64)])
def test_pictures_without_a_message_tell_nothing(mode: str, size: tuple[int, int]):
    assert read_stealth(Image.new(mode, size)) == ""


@pytest.mark.parametrize(
    "image",
    [
        _hidden(INFOTEXT.encode(), bits=2**31),
        _hidden(b"not packed at all", kind="comp"),
        _hidden(gzip.compress(INFOTEXT.encode())[:8], kind="comp"),
        _hidden(b""),
    ],
)
def test_a_damaged_message_tells_nothing(image: Image.Image):
    assert read_stealth(image) == ""


def test_a_message_that_unpacks_to_too_much_is_cut():
    inner = gzip.compress(b"a" * 2**26)
    message = b"stealth_pngcomp" + (len(inner) * 8).to_bytes(4, "big") + inner
    bits = np.unpackbits(np.frombuffer(message, np.uint8))
    alpha = np.zeros(-(-len(bits) // 48) * 48, np.uint8)
    alpha[: len(bits)] = bits
    pixels = np.zeros((48, len(alpha) // 48, 4), np.uint8)
    pixels[..., 3] = alpha.reshape(-1, 48).T
    image = Image.fromarray(pixels)

    tracemalloc.start()
    text = read_stealth(image)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert text == "a" * 4 * 2**20
    assert peak < 64 * 2**20
