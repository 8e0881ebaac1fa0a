"""The command with a real engine and a model of random weights."""

from pathlib import Path

import pytest

from mezzotint.contract.infotext import parse_infotext
from mezzotint.families import FAMILIES
from mezzotint.imaging.files import read_infotext, read_picture
from tests.factories import write_checkpoint

QUICK = ("--model", "ink", "--steps", "2", "--width", "16", "--height", "24", "--device", "cpu", "--no-show")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    write_checkpoint(folder / "models" / "Stable-diffusion" / "ink.safetensors", FAMILIES["mezzo"])
    return folder


@pytest.fixture
def home(house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the pictures of one test go; the model is shared."""
    monkeypatch.setenv("MEZZOTINT_HOME", str(house))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_same_command_gives_the_same_bytes_alone_and_in_a_batch(mezzotint, home: Path):
    codes = [
        mezzotint("txt2img", "a red apple", "--seed", "1", *QUICK, "-o", "a.png").code,
        mezzotint("txt2img", "a red apple", "--seed", "1", *QUICK, "-o", "b.png").code,
        mezzotint("txt2img", "a red apple", "--seed", "0", "--count", "2", *QUICK, "-o", "c.png").code,
    ]

    assert codes == [0, 0, 0]
    assert (home / "a.png").read_bytes() == (home / "b.png").read_bytes() == (home / "c-2.png").read_bytes()
    assert read_picture(home / "a.png").size == (16, 24)


def test_a_picture_tells_how_to_make_it_again(mezzotint, home: Path):
    mezzotint("txt2img", "a (red:1.2) apple", "--negative", "blue", "--seed", "3", *QUICK, "-o", "a.png")

    request = parse_infotext(read_infotext(home / "a.png")).to_request()

    assert (request.prompt, request.negative, request.seed, request.model) == ("a (red:1.2) apple", "blue", 3, "ink")
    assert (request.steps, request.width, request.height) == (2, 16, 24)


def test_img2img_starts_from_the_picture(mezzotint, home: Path):
    mezzotint("txt2img", "x", "--seed", "1", *QUICK, "-o", "in.png")

    said = mezzotint("img2img", "y", "--init", "in.png", "--strength", "0.5", "--seed", "2", *QUICK, "-o", "a.png")

    assert said.code == 0
    parameters = parse_infotext(read_infotext(home / "a.png")).parameters
    assert parameters["Denoising strength"] == "0.5" and len(parameters["Init image hash"]) == 32


@pytest.mark.parametrize(
    ("flag", "value", "message"),
    [("--sampler", "eular", "no sampler 'eular'"), ("--model", "inkk", "no model 'inkk'; did you mean 'ink'?")],
)
def test_an_unknown_name_is_told(mezzotint, home: Path, flag: str, value: str, message: str):
    said = mezzotint("txt2img", "x", *QUICK, flag, value)

    assert said.code == 2 and message in said.err


def test_a_missing_start_picture_is_told(mezzotint, home: Path):
    said = mezzotint("img2img", "x", "--init", "none.png", *QUICK)

    assert said.code == 2 and "no picture at none.png" in said.err
