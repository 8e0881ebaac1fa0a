"""Pictures made again from what their files tell, by a real engine and a model of random weights."""

import json
from pathlib import Path

import pytest
from PIL import Image

from mezzotint.contract.infotext import parse_infotext
from mezzotint.families import FAMILIES
from mezzotint.imaging.files import read_infotext, read_picture, write_picture
from tests.factories import write_checkpoint

SIZE = ("--width", "64", "--height", "48")
QUICK = ("--model", "ink", "--steps", "2", *SIZE, "--seed", "4")
HERE = ("--device", "cpu", "--no-show")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    write_checkpoint(folder / "models" / "Stable-diffusion" / "ink.safetensors", FAMILIES["mezzo"])
    return folder


@pytest.fixture
def home(house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the pictures of one test go and are kept; the model is shared."""
    monkeypatch.setenv("MEZZOTINT_HOME", str(house))
    monkeypatch.setenv("MEZZOTINT_OUTPUTS_FOLDER", str(tmp_path / "outputs"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def masked(mezzotint, home: Path) -> Path:
    """A picture from another under a soft mask of alpha, both of which are gone but for what was kept."""
    Image.merge("RGB", [Image.effect_noise((80, 72), grain) for grain in (30, 60, 90)]).save(home / "in.png")
    mask = Image.new("RGBA", (80, 72))
    mask.putalpha(Image.radial_gradient("L").resize((80, 72)))
    mask.save(home / "mask.png")
    flags = ("--mask-blur", "2", "--fill", "latent noise", "--strength", "0.8", "--fit", "fill")
    said = mezzotint("img2img", "a hat", "--init", "in.png", "--mask", "mask.png", *flags, *QUICK, *HERE, "-o", "a.png")
    assert said.code == 0, said.err
    (home / "in.png").rename(home / "moved.png")
    (home / "mask.png").unlink()
    return home / "a.png"


def kept(home: Path, key: str) -> Path:
    digest = parse_infotext(read_infotext(home / "a.png")).parameters[key]
    return home / "outputs" / "init-images" / f"{digest}.png"


def test_a_masked_picture_is_made_again_byte_for_byte_from_its_file_and_the_kept_ones(
    mezzotint, home: Path, masked: Path
):
    said = mezzotint("again", masked, *HERE, "-o", "b.png")

    assert said.code == 0, said.err
    assert (home / "b.png").read_bytes() == masked.read_bytes()
    assert read_picture(kept(home, "Init image hash")).tobytes() == read_picture(home / "moved.png").tobytes()


def test_each_input_is_kept_once(mezzotint, home: Path, masked: Path):
    before = {path: path.stat().st_mtime_ns for path in (home / "outputs" / "init-images").iterdir()}

    mezzotint("again", masked, *HERE, "-o", "b.png")

    assert set(before) == {kept(home, "Init image hash"), kept(home, "Mask image hash")}
    assert before == {path: path.stat().st_mtime_ns for path in (home / "outputs" / "init-images").iterdir()}


def test_a_kept_picture_that_is_gone_is_named_and_can_be_given(mezzotint, home: Path, masked: Path):
    path = kept(home, "Init image hash")
    path.unlink()

    said = mezzotint("again", masked, *HERE, "-o", "b.png")
    given = mezzotint("again", masked, "--init", "moved.png", *HERE, "-o", "b.png")

    assert said.code == 2 and path.stem in said.err and "--init" in said.err
    assert given.code == 0, given.err
    assert (home / "b.png").read_bytes() == masked.read_bytes()


def test_fields_can_be_changed_on_the_way(mezzotint, home: Path):
    mezzotint("txt2img", "an apple", *QUICK, *HERE, "-o", "a.png")
    mezzotint("txt2img", "an apple", *QUICK, *HERE, "--cfg", "2", "-o", "b.png")

    said = mezzotint("again", "a.png", "--set", "cfg_scale=2.0", *HERE, "-o", "c.png")

    assert said.code == 0, said.err
    assert (home / "c.png").read_bytes() == (home / "b.png").read_bytes()
    assert (home / "c.png").read_bytes() != (home / "a.png").read_bytes()


def test_a_prompt_of_a_dash_is_a_prompt(mezzotint, home: Path):
    text = "-\nSteps: 2, Sampler: Euler, CFG scale: 7.0, Seed: 1, Size: 16x16, Model: ink, RNG: NV"
    write_picture(home / "a.png", Image.new("RGB", (8, 8)), text)

    said = mezzotint("again", "a.png", *HERE, "-o", "b.png")

    assert said.code == 0, said.err
    assert read_infotext(home / "b.png").startswith("-\n")


def test_what_has_no_place_in_a_request_is_told(mezzotint, home: Path):
    text = "x\nSteps: 2, CFG scale: 7.0, Seed: 1, Size: 16x16, Model: ink, Hypertile U-Net: True"
    write_picture(home / "a.png", Image.new("RGB", (8, 8)), text)

    assert "Hypertile U-Net" in mezzotint("again", "a.png", *HERE, "-o", "b.png").err


def test_a_file_that_tells_nothing_is_an_error(mezzotint, home: Path):
    write_picture(home / "a.png", Image.new("RGB", (8, 8)))

    said = mezzotint("again", "a.png")

    assert said.code == 2 and "does not say how it was made" in said.err


def test_png_info_tells_where_the_pictures_are_kept(mezzotint, home: Path, masked: Path):
    found = json.loads(mezzotint("png-info", "--json", masked).out)
    kept(home, "Mask image hash").unlink()
    missed = json.loads(mezzotint("png-info", "--json", masked).out)

    assert found["request"]["init"]["picture"] == str(kept(home, "Init image hash"))
    assert found["request"]["mask"]["picture"] == str(kept(home, "Mask image hash"))
    assert found["warnings"] == []
    assert kept(home, "Mask image hash").stem in " ".join(missed["warnings"])
