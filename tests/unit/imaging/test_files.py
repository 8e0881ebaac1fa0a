import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from mezzotint.contract.infotext import parse_infotext
from mezzotint.errors import DamagedFile, RequestError, ResourceError
from mezzotint.imaging.files import encode, pixel_hash, read_infotext, read_picture, write_picture

INFOTEXT = 'a cät, 日本\nNegative prompt: ugly\nSteps: 20, Sampler: Euler a, CFG scale: 7.0, Model: "a, b"'


def _noise(mode: str = "RGB", size: tuple[int, int] = (24, 16)) -> Image.Image:
    channels = len(Image.new(mode, (1, 1)).getbands())
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], channels), dtype=np.uint8)
    return Image.fromarray(pixels)


@pytest.mark.parametrize("name", ["a.png", "a.PNG", "a.jpg", "a.jpeg", "a.webp"])
def test_infotext_survives_in_every_kind_of_file(tmp_path: Path, name: str):
    path = tmp_path / "new" / "folder" / name

    write_picture(path, _noise(), INFOTEXT)

    assert read_infotext(path) == INFOTEXT
    assert read_picture(path).size == (24, 16)
    assert [file.name for file in path.parent.iterdir()] == [name]


def test_a_png_keeps_every_pixel_and_repeats_to_the_byte(tmp_path: Path):
    write_picture(tmp_path / "a.png", _noise(), INFOTEXT)
    write_picture(tmp_path / "b.png", _noise(), INFOTEXT)

    assert read_picture(tmp_path / "a.png").tobytes() == _noise().tobytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_chunk_is_the_one_that_others_read(tmp_path: Path):
    write_picture(tmp_path / "a.png", _noise(), INFOTEXT)

    with Image.open(tmp_path / "a.png") as image:
        assert image.info["parameters"] == INFOTEXT


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_without_infotext_nothing_is_told(suffix: str):
    assert read_infotext(encode(_noise(), suffix)) == ""


def test_other_endings_are_refused(tmp_path: Path):
    with pytest.raises(RequestError, match=r"cannot write pictures as '.xyz'"):
        write_picture(tmp_path / "a.xyz", _noise())


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_picture(tmp_path / "a.png", _noise())
    before = (tmp_path / "a.png").read_bytes()

    def full(self: Path, data: bytes) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ResourceError, match="No space left"):
        write_picture(tmp_path / "a.png", _noise(size=(8, 8)))

    assert (tmp_path / "a.png").read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_a_place_that_is_no_folder_is_told(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(ResourceError, match="cannot write"):
        write_picture(tmp_path / "file" / "a.png", _noise())


def test_missing_and_damaged_files_are_told(tmp_path: Path):
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "cut.png").write_bytes(encode(_noise())[:200])

    with pytest.raises(RequestError, match="no picture at"):
        read_picture(tmp_path / "none.png")
    with pytest.raises(RequestError, match="no picture at"):
        read_picture(tmp_path)
    with pytest.raises(DamagedFile, match="is not a picture"):
        read_picture(tmp_path / "text.png")
    with pytest.raises(DamagedFile, match=r"cut\.png"):
        read_picture(tmp_path / "cut.png")
    with pytest.raises(DamagedFile, match="the picture is not a picture"):
        read_picture(b"")


def test_transparent_parts_show_the_background():
    clear = encode(Image.new("RGBA", (2, 2), (10, 20, 30, 0)))

    assert read_picture(clear).getpixel((0, 0)) == (255, 255, 255)
    assert read_picture(clear, background="#151210").getpixel((0, 0)) == (0x15, 0x12, 0x10)


def test_pictures_are_turned_upright(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    _noise().save(tmp_path / "a.jpg", exif=exif)

    assert read_picture(tmp_path / "a.jpg").size == (16, 24)


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_every_mode_is_read_as_rgb(mode: str):
    assert read_picture(encode(Image.new(mode, (4, 4)))).mode == "RGB"


def test_a_user_comment_wins_over_the_text_chunk(tmp_path: Path):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "from exif".encode("utf-16-be")
    chunks = PngInfo()
    chunks.add_text("parameters", "from chunk")
    _noise().save(tmp_path / "a.png", pnginfo=chunks, exif=exif.tobytes())

    assert read_infotext(tmp_path / "a.png") == "from exif"


def test_a_gif_tells_in_its_comment(tmp_path: Path):
    _noise().save(tmp_path / "a.gif", comment=INFOTEXT.encode())

    assert read_infotext(tmp_path / "a.gif") == INFOTEXT


def test_novelais_words_become_ours(tmp_path: Path):
    chunks = PngInfo()
    chunks.add_text("Software", "NovelAI")
    chunks.add_text("Description", "1girl, hat")
    told = {
        "uc": "lowres",
        "steps": 28,
        "sampler": "k_euler_ancestral",
        "scale": 11.0,
        "seed": 42,
        "width": 512,
        "height": 768,
    }
    chunks.add_text("Comment", json.dumps(told))
    _noise().save(tmp_path / "a.png", pnginfo=chunks)

    found = parse_infotext(read_infotext(tmp_path / "a.png"))

    assert (found.prompt, found.negative) == ("1girl, hat", "lowres")
    request = found.to_request()
    assert (request.steps, request.sampler, request.seed, request.clip_skip) == (28, "Euler a", 42, 2)
    assert found.parameters["ENSD"] == "31337"


@pytest.mark.parametrize("place", ["png", "rgb"])
@pytest.mark.parametrize("is_zipped", [False, True])
def test_text_hidden_in_pixels_is_found(place: str, is_zipped: bool):
    payload = gzip.compress(INFOTEXT.encode()) if is_zipped else INFOTEXT.encode()
    signature = f"stealth_{place}{'comp' if is_zipped else 'info'}".encode()
    message = signature + (len(payload) * 8).to_bytes(4, "big") + payload
    bits = np.unpackbits(np.frombuffer(message, np.uint8))
    pixels = np.asarray(_noise("RGBA", (64, 48))).copy()
    columns = pixels.transpose(1, 0, 2)  # a view: bits go down the columns
    for index, bit in enumerate(bits.tolist()):
        pixel, channel = (index, 3) if place == "png" else divmod(index, 3)
        x, y = divmod(pixel, 48)
        columns[x, y, channel] = columns[x, y, channel] & 0xFE | bit

    assert read_infotext(encode(Image.fromarray(pixels))) == INFOTEXT


def test_the_hash_is_of_pixels_not_of_the_file():
    assert pixel_hash(Image.new("RGB", (1, 1))) == "693e9af84d3dfcc71e640e005bdc5e2e"  # md5 of three zero bytes
    assert pixel_hash(_noise()) == pixel_hash(read_picture(encode(_noise(), ".png", "other text")))
