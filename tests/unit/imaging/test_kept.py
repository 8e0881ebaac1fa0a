from pathlib import Path

import pytest
from PIL import Image

from mezzotint.contract.infotext import parse_infotext
from mezzotint.contract.requests import GenerationRequest
from mezzotint.errors import MissingPicture
from mezzotint.imaging.files import encode, pixel_hash, read_picture, read_upright
from mezzotint.imaging.inputs import keep_inputs
from mezzotint.imaging.kept import keep_picture, kept_picture, restored_with_kept


def noise(mode: str = "RGB") -> Image.Image:
    bands = [Image.effect_noise((24, 16), 30 + 20 * band) for band in range(len(mode))]
    return Image.merge(mode, bands) if len(bands) > 1 else bands[0]


def text(init: str, mask: str = "") -> str:
    masked = f", Mask blur: 4, Mask image hash: {mask}" if mask else ""
    return f"x\nSteps: 2, Seed: 1, Size: 16x16, Denoising strength: 0.5, Init image hash: {init}{masked}"


def test_pictures_are_kept_under_their_hash_and_written_once(tmp_path: Path):
    image = noise()
    digest = keep_picture(tmp_path / "init", image)
    before = (tmp_path / "init" / f"{digest}.png").stat().st_mtime_ns

    assert digest == keep_picture(tmp_path / "init", image) == pixel_hash(image)
    found = kept_picture(tmp_path / "init", digest)
    assert found is not None and found.stat().st_mtime_ns == before
    assert read_picture(found).tobytes() == image.tobytes()


@pytest.mark.parametrize("digest", ["", "0" * 32, "../a"])
def test_a_picture_that_is_not_kept_is_none(tmp_path: Path, digest: str):
    (tmp_path / "a.png").touch()
    (tmp_path / "init").mkdir()

    assert kept_picture(tmp_path / "init", digest) is None


@pytest.mark.parametrize("is_rounded", [True, False])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_kept_inputs_are_kept_again_under_the_same_names(tmp_path: Path, mode: str, is_rounded: bool):
    init = {"picture": encode(noise("RGBA")), "background": "#204060"}
    mask = {"picture": encode(noise(mode)), "is_rounded": is_rounded}
    keep_inputs(tmp_path, GenerationRequest.model_validate({"prompt": "", "init": init, "mask": mask}))
    kept = {read_upright(path).mode: path for path in tmp_path.iterdir()}

    init, mask = init | {"picture": kept["RGB"]}, mask | {"picture": kept["L"]}
    keep_inputs(tmp_path, GenerationRequest.model_validate({"prompt": "", "init": init, "mask": mask}))

    assert sorted(tmp_path.iterdir()) == sorted(kept.values())


def test_infotext_finds_the_pictures_that_it_names(tmp_path: Path):
    init, mask = keep_picture(tmp_path, noise()), keep_picture(tmp_path, noise("L"))

    request = restored_with_kept(parse_infotext(text(init, mask)), tmp_path).request

    assert request.init is not None and request.init.picture == tmp_path / f"{init}.png"
    assert request.mask is not None and request.mask.picture == tmp_path / f"{mask}.png"


def test_a_given_picture_is_taken_before_a_kept_one(tmp_path: Path):
    init = keep_picture(tmp_path, noise())

    request = restored_with_kept(parse_infotext(text(init)), tmp_path, init=Path("mine.png")).request

    assert request.init is not None and request.init.picture == Path("mine.png")


def test_a_picture_that_is_gone_is_named(tmp_path: Path):
    init = keep_picture(tmp_path, noise())

    with pytest.raises(MissingPicture, match="no start picture with the hash abc") as caught:
        restored_with_kept(parse_infotext(text("abc")), tmp_path)
    with pytest.raises(MissingPicture, match="no mask with the hash def"):
        restored_with_kept(parse_infotext(text(init, "def")), tmp_path)

    assert "--init" in caught.value.hint


def test_words_alone_need_no_picture(tmp_path: Path):
    assert restored_with_kept(parse_infotext("x\nSteps: 2, Seed: 1, Size: 16x16"), tmp_path).request.init is None
