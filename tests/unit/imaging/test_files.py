import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from mezzotint.contract.infotext import parse_infotext
from mezzotint.errors import DamagedFile, RequestError, ResourceError
from mezzotint.imaging.files import (
    encode,
    pixel_hash,
    read_infotext,
    read_picture,
    write_picture,
    write_small_copy,
)

INFOTEXT = 'a cät, 日本\nNegative prompt: ugly\nSteps: 20, Sampler: Euler a, CFG scale: 7.0, Model: "a, b"'


def _noise(mode: str = "RGB", size: tuple[int, int] = (24, 16)) -> Image.Image:
    channels = len(Image.new(mode, (1, 1)).getbands())
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], channels), dtype=np.uint8)
    return Image.fromarray(pixels)


@pytest.mark.parametrize("name", ["a.png", "a.PNG", "a.jpg", "a.jpeg", "a.webp", "a.avif"])
def test_infotext_survives_in_every_kind_of_file(tmp_path: Path, name: str):
    path = tmp_path / "new" / "folder" / name

    written = write_picture(path, _noise(), INFOTEXT)

    assert written == path
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


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".avif"])
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
    told = {"uc": "lowres", "steps": 28, "sampler": "k_euler_ancestral", "scale": 11.0, "seed": 42}
    chunks.add_text("Comment", json.dumps(told))
    _noise().save(tmp_path / "a.png", pnginfo=chunks)

    found = parse_infotext(read_infotext(tmp_path / "a.png"))

    assert (found.prompt, found.negative) == ("1girl, hat", "lowres")
    request = found.to_request()
    assert (request.steps, request.sampler, request.seed, request.cfg_scale) == (28, "Euler a", 42, 11.0)
    assert (request.width, request.height, request.clip_skip, request.ensd) == (24, 16, 2, 31337)


@pytest.mark.parametrize("comment", ["{", "[1]", "7", '"x"'])
def test_novelais_damaged_words_tell_nothing(tmp_path: Path, comment: str):
    chunks = PngInfo()
    chunks.add_text("Software", "NovelAI")
    chunks.add_text("Comment", comment)
    _noise().save(tmp_path / "a.png", pnginfo=chunks)

    assert read_infotext(tmp_path / "a.png") == ""


@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0" + INFOTEXT.encode("utf-16-be"),
        b"UNICODE\0" + INFOTEXT.encode("utf-16-le"),
        b"UNICODE\0" + "\ufeff".encode("utf-16-le") + INFOTEXT.encode("utf-16-le"),
        b"ASCII\0\0\0" + INFOTEXT.replace("日本", "").encode("latin-1"),
        b"\0" * 8 + INFOTEXT.encode(),
        INFOTEXT.encode(),
    ],
)
def test_a_user_comment_is_read_in_whatever_it_is_encoded(tmp_path: Path, comment: bytes):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = comment
    _noise().save(tmp_path / "a.webp", exif=exif.tobytes())

    assert read_infotext(tmp_path / "a.webp") in (INFOTEXT, INFOTEXT.replace("日本", ""))


def test_a_text_file_beside_the_picture_tells_when_it_does_not(tmp_path: Path):
    write_picture(tmp_path / "a.png", _noise())
    (tmp_path / "a.txt").write_text(f"{INFOTEXT}\n", encoding="utf-8")
    write_picture(tmp_path / "b.png", _noise(), "its own")
    (tmp_path / "b.txt").write_text(INFOTEXT, encoding="utf-8")

    assert read_infotext(tmp_path / "a.png") == read_infotext(tmp_path / "a.txt") == INFOTEXT
    assert read_infotext(tmp_path / "b.png") == "its own"
    with pytest.raises(RequestError, match=r"cannot read .*none\.txt"):
        read_infotext(tmp_path / "none.txt")


def test_a_text_file_is_written_on_request(tmp_path: Path):
    write_picture(tmp_path / "a.png", _noise(), INFOTEXT, text_beside=True)

    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == f"{INFOTEXT}\n"
    assert read_infotext(tmp_path / "a.png") == INFOTEXT


@pytest.mark.parametrize("word", ["long ", "🐈"])
def test_infotext_too_long_for_a_jpeg_goes_beside_it(tmp_path: Path, word: str):
    text = f"{word * 20_000}\nSteps: 20, Sampler: Euler, CFG scale: 7.0"

    write_picture(tmp_path / "a.jpg", _noise(), text)
    write_picture(tmp_path / "b.webp", _noise(), text)

    assert read_infotext((tmp_path / "a.jpg").read_bytes()) == ""
    assert read_infotext(tmp_path / "a.jpg") == read_infotext(tmp_path / "b.webp") == text
    assert not (tmp_path / "b.txt").exists()


@pytest.mark.parametrize(("name", "side"), [("a.jpg", 65_536), ("a.webp", 16_384), ("a.avif", 65_536)])
def test_a_picture_too_large_for_its_format_becomes_a_png(tmp_path: Path, name: str, side: int):
    written = write_picture(tmp_path / name, Image.new("RGB", (side, 1)), INFOTEXT)

    assert written == tmp_path / "a.png"
    assert read_picture(written).size == (side, 1)
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_quality_costs_bytes(suffix: str):
    sizes = [len(encode(_noise(size=(64, 64)), suffix, quality=quality)) for quality in (20, 80, 100)]

    assert sizes == sorted(set(sizes))


def test_a_lossless_webp_keeps_every_pixel():
    data = encode(_noise(), ".webp", INFOTEXT, lossless=True)

    assert read_picture(data).tobytes() == _noise().tobytes()
    assert read_infotext(data) == INFOTEXT


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_a_format_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch, suffix: str):
    monkeypatch.setattr("PIL.features.check", lambda _feature: False)

    with pytest.raises(RequestError, match=f"cannot write {suffix[1:].upper()}"):
        encode(_noise(), suffix)


def test_a_png_takes_further_chunks(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(encode(_noise(), ".png", INFOTEXT, chunks={"postprocessing": "x: é"}))

    with Image.open(tmp_path / "a.png") as image:
        assert image.info["postprocessing"] == "x: é" and image.info["parameters"] == INFOTEXT


@pytest.mark.parametrize(
    ("size", "limits", "copy"),
    [
        ((64, 32), {}, None),
        ((64, 32), {"side_px": 16}, (16, 8)),
        ((32, 64), {"side_px": 16}, (8, 16)),
        ((64, 32), {"from_bytes": 100}, (64, 32)),
    ],
)
def test_large_pictures_get_a_small_copy(
    tmp_path: Path, size: tuple[int, int], limits: dict[str, int], copy: tuple[int, int] | None
):
    path = write_picture(tmp_path / "a.b.png", _noise(size=size), INFOTEXT)

    written = write_small_copy(path, _noise(size=size), INFOTEXT, **limits)

    if copy is None:
        assert written is None
    else:
        assert written == tmp_path / "a.b.jpg"
        assert read_picture(written).size == copy and read_infotext(written) == INFOTEXT


def test_a_small_copy_does_not_replace_its_picture(tmp_path: Path):
    path = write_picture(tmp_path / "a.jpg", _noise())

    assert write_small_copy(path, _noise(), side_px=8) == tmp_path / "a-small.jpg"
    assert read_picture(path).size == (24, 16)


def test_the_hash_is_of_pixels_not_of_the_file():
    assert pixel_hash(Image.new("RGB", (1, 1))) == "693e9af84d3dfcc71e640e005bdc5e2e"  # md5 of three zero bytes
    assert pixel_hash(_noise()) == pixel_hash(read_picture(encode(_noise(), ".png", "other text")))
