"""The command with a real engine and a model of random weights."""

import json
from pathlib import Path

import pytest
from PIL import Image

from mezzotint.cli.making import with_assigned
from mezzotint.contract.infotext import parse_infotext
from mezzotint.errors import RequestError
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
    monkeypatch.setenv("MEZZOTINT_OUTPUTS_FOLDER", str(tmp_path / "outputs"))
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
    assert parameters["Denoising strength"] == "0.5"
    kept = home / "outputs" / "init-images" / f"{parameters['Init image hash']}.png"
    assert read_picture(kept).tobytes() == read_picture(home / "in.png").tobytes()


def test_pictures_are_made_where_nothing_can_be_kept(mezzotint, home: Path):
    Image.new("RGB", (8, 8), "red").save(home / "in.png")
    (home / "outputs").write_text("a file, so no folder")

    said = mezzotint("img2img", "x", "--init", "in.png", *QUICK, "-o", "a.png")

    assert said.code == 0 and "not kept" in said.err
    assert (home / "a.png").is_file()


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


@pytest.mark.parametrize(
    ("name", "kind"), [("png", "PNG"), ("jpeg", "JPEG"), ("jpg", "JPEG"), ("webp", "WEBP"), ("avif", "AVIF")]
)
def test_a_picture_of_any_format_tells_how_it_was_made(mezzotint, home: Path, name: str, kind: str):
    flags = ("--count", "2", "--grid", "--format", name, "-o", "out/")
    mezzotint("txt2img", "a (red:1.2) apple, été", "--seed", "3", *QUICK, *flags)

    files = sorted((home / "out").iterdir())
    suffix = "jpg" if name == "jpeg" else name
    assert [file.name for file in files] == [f"00000-3.{suffix}", f"00001-4.{suffix}", f"grid-0000.{suffix}"]
    for file, seed in zip(files, (3, 4, 3), strict=True):
        with Image.open(file) as picture:
            assert picture.format == kind
        said = mezzotint("png-info", file)
        assert said.code == 0
        assert said.out.startswith("a (red:1.2) apple, été\nSteps: 2, ") and f"Seed: {seed}, " in said.out


def test_quality_and_lossless_reach_the_file(mezzotint, home: Path):
    init = Image.effect_noise((16, 24), 80).convert("RGB")
    init.save(home / "in.png")
    same = ("img2img", "x", "--init", "in.png", "--strength", "0.0", "--seed", "3", *QUICK)
    for name in ("plain.png", "fine.webp --lossless", "high.jpg --quality 95", "low.jpg --quality 10"):
        assert mezzotint(*same, "-o", *name.split()).code == 0

    assert read_picture(home / "fine.webp").tobytes() == read_picture(home / "plain.png").tobytes()
    assert (home / "high.jpg").stat().st_size > (home / "low.jpg").stat().st_size
    assert read_picture(home / "high.jpg").tobytes() != read_picture(home / "plain.png").tobytes()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--format", "webb"), "output.format: input should be 'png', 'jpg', 'webp' or 'avif', got 'webb'; did you"),
        (("--format", "jpeg", "--lossless"), "jpg files always lose something"),
        (("--quality", "101"), "output.quality: input should be less than or equal to 100, got 101; the nearest is"),
        (("--format", "webp", "-o", "a.png"), "a.png would be png, and the format asked for is webp"),
    ],
)
def test_a_file_that_cannot_be_as_asked_is_told(mezzotint, home: Path, flags: tuple[str, ...], message: str):
    said = mezzotint("txt2img", "x", *QUICK, *flags)

    assert said.code == 2 and said.err.startswith(f"error: {message}")


def test_any_field_can_be_assigned() -> None:
    fields = with_assigned({"hires": {"scale": 2}}, ["eta=0.5", "hires.steps=10", "scheduler=Karras", 'styles=["ink"]'])

    assert fields == {"eta": 0.5, "hires": {"scale": 2, "steps": 10}, "scheduler": "Karras", "styles": ["ink"]}
    with pytest.raises(RequestError, match="FIELD=VALUE"):
        with_assigned({}, ["eta"])


def test_a_mask_keeps_the_rest_of_a_picture(mezzotint, home: Path):
    picture = Image.effect_noise((64, 64), 80).convert("RGB")
    mask = Image.new("L", (64, 64))
    mask.paste(255, (24, 24, 40, 40))
    picture.save(home / "in.png")
    mask.save(home / "mask.png")
    size = ("--width", "64", "--height", "64", "--model", "ink", "--steps", "2", "--device", "cpu", "--no-show")

    said = mezzotint("img2img", "x", "--init", "in.png", "--mask", "mask.png", "--mask-blur", "1", *size, "-o", "a.png")

    assert said.code == 0, said.err
    made = read_picture(home / "a.png")
    assert made.crop((0, 0, 64, 16)).tobytes() == picture.crop((0, 0, 64, 16)).tobytes()
    assert made.crop((28, 28, 36, 36)).tobytes() != picture.crop((28, 28, 36, 36)).tobytes()


def test_a_second_pass_doubles_the_size(mezzotint, home: Path):
    said = mezzotint(
        "txt2img", "x", *QUICK, "--hires", "2", "--hires-steps", "1", "--set", "hires.strength=0.5", "-o", "a.png"
    )

    assert said.code == 0, said.err
    assert read_picture(home / "a.png").size == (32, 48)


def test_a_dry_run_tells_the_request_and_makes_nothing(mezzotint, home: Path):
    said = mezzotint("txt2img", "x", *QUICK, "--seed", "5", "--dry-run", "-o", "a.png")

    told = json.loads(said.out)
    assert (told["seed"], told["sampler"], told["width"]) == (5, "DPM++ 2M", 16)
    assert not (home / "a.png").exists()


def test_samplers_and_a_model_are_told(mezzotint, home: Path):
    samplers = [json.loads(line) for line in mezzotint("samplers", "--json").out.splitlines()]
    model = json.loads(mezzotint("models", "inspect", "ink", "--json").out)

    assert {"Euler a", "UniPC", "LCM"} <= {row.get("sampler") for row in samplers}
    assert (model["family"], model["predicts"], model["precision"].split()[0]) == ("mezzo", "velocity", "float16")
    assert model["sha256"].startswith(model["hash"])
