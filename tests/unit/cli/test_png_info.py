import json
from pathlib import Path

from PIL import Image

from mezzotint.imaging.files import write_picture

TEXT = "a cat\nNegative prompt: ugly\nSteps: 20, Sampler: Euler a, CFG scale: 7.0, Size: 64x96"


def _file(path: Path, text: str = TEXT) -> Path:
    write_picture(path, Image.new("RGB", (8, 8)), text)
    return path


def test_the_text_is_shown_as_it_is(mezzotint, tmp_path: Path):
    assert mezzotint("png-info", _file(tmp_path / "a.png")).out == f"{TEXT}\n"


def test_several_files_are_named(mezzotint, tmp_path: Path):
    said = mezzotint("png-info", _file(tmp_path / "a.png"), _file(tmp_path / "b.webp"))

    assert said.out == f"{tmp_path / 'a.png'}\n{TEXT}\n\n{tmp_path / 'b.webp'}\n{TEXT}\n\n"


def test_json_holds_the_parts(mezzotint, tmp_path: Path):
    told = json.loads(mezzotint("png-info", "--json", _file(tmp_path / "a.png")).out)

    assert (told["prompt"], told["negative"], told["infotext"]) == ("a cat", "ugly", TEXT)
    assert told["parameters"]["Size-2"] == "96"
    assert told["request"] == {
        "prompt": "a cat", "negative": "ugly", "steps": 20, "sampler": "Euler a", "cfg_scale": 7.0, "width": 64,
        "height": 96, "noise_source": "GPU",
    }  # fmt: skip
    assert told["unknown"] == {} and told["warnings"] == []


def test_json_tells_what_has_no_place_in_a_request(mezzotint, tmp_path: Path):
    told = json.loads(mezzotint("png-info", "--json", _file(tmp_path / "a.png", f"{TEXT}, Hypertile U-Net: True")).out)

    assert told["unknown"] == {"Hypertile U-Net": "True"}
    assert "Hypertile U-Net" in told["warnings"][0]


def test_json_names_a_value_that_no_request_takes(mezzotint, tmp_path: Path):
    told = json.loads(mezzotint("png-info", "--json", _file(tmp_path / "a.png", f"{TEXT}, Clip skip: 99")).out)

    assert told["request"] is None and told["error"].startswith("clip_skip: ")
    assert told["parameters"]["Clip skip"] == "99"


def test_text_files_are_read_too(mezzotint, tmp_path: Path):
    (tmp_path / "a.txt").write_text(f"{TEXT}\n", encoding="utf-8")

    assert mezzotint("png-info", tmp_path / "a.txt").out == f"{TEXT}\n"


def test_a_picture_that_tells_nothing_is_an_error(mezzotint, tmp_path: Path):
    said = mezzotint("png-info", _file(tmp_path / "a.png", ""))

    assert said.code == 2 and "does not say how it was made" in said.err


def test_a_missing_file_is_an_error(mezzotint, tmp_path: Path):
    assert mezzotint("png-info", tmp_path / "none.png").code == 2
