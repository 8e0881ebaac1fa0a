from pathlib import Path

from PIL import Image

from mezzotint.contract.requests import InitImage
from mezzotint.imaging.files import read_infotext, write_picture


def test_the_start_picture_and_its_strength_reach_the_request(mezzotint, studio, tmp_path: Path):
    write_picture(tmp_path / "in.png", Image.new("RGB", (8, 8)))

    said = mezzotint("img2img", "x", "--init", "in.png", "--strength", "0.5", "--fit", "fill", "-o", "a.png")

    assert said.code == 0
    assert studio.requests[0].init == InitImage(picture=Path("in.png"), strength=0.5, fit="fill")
    assert "Denoising strength: 0.5" in read_infotext(tmp_path / "a.png")


def test_left_out_they_are_the_requests_own(mezzotint, studio, tmp_path: Path):
    mezzotint("img2img", "x", "--init", "in.png")

    assert studio.requests[0].init == InitImage(picture=Path("in.png"))
    assert (tmp_path / "home/outputs/img2img-images").is_dir()


def test_a_start_picture_is_needed(mezzotint, studio):
    said = mezzotint("img2img", "x")

    assert said.code == 2 and "--init" in said.err


def test_wrong_values_are_named(mezzotint, studio):
    assert mezzotint("img2img", "x", "--init", "a.png", "--strength", "2").err.startswith("error: init.strength: ")
    assert mezzotint("img2img", "x", "--init", "a.png", "--fit", "warp").err.startswith("error: init.fit: ")
