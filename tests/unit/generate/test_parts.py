"""What a request may ask for besides words: variations, masks, second passes, refiners, other models' inputs."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from mezzotint.contract.events import Progress, Warned
from mezzotint.contract.infotext import parse_infotext
from mezzotint.contract.results import GenerationResult
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.engine import Engine
from mezzotint.errors import NotNumbers, RequestError
from mezzotint.families.family import ANY, Family, Part
from mezzotint.families.mezzo import MEZZO
from mezzotint.generate import generate
from mezzotint.nn.unet import UNet
from tests.factories import Listener, a_request, write_checkpoint


@pytest.fixture(scope="module")
def home(small_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model, another of its kind, and two that take further input."""
    home = tmp_path_factory.mktemp("parts")
    folder = home / "models" / "Stable-diffusion"
    folder.mkdir(parents=True)
    (folder / "small.safetensors").symlink_to(small_home / "models" / "Stable-diffusion" / "small.safetensors")
    write_checkpoint(folder / "other.safetensors", MEZZO, seed=5)
    write_checkpoint(folder / "hole.safetensors", taking(17))
    write_checkpoint(folder / "edit.safetensors", taking(16))
    write_checkpoint(folder / "large.safetensors", taking(11))
    return home


def taking(channels: int) -> Family:
    """The small family with more input channels: 17 for inpainting, 16 to edit, 11 to enlarge."""
    config = replace(MEZZO.network.config, in_channels=channels, labels=1000 if channels == 11 else None)
    first = f"{MEZZO.network.prefix}input_blocks.0.0.weight"
    signature = {**MEZZO.signature, first: (config.channels[0], ANY, 3, 3)}
    return replace(MEZZO, network=Part(MEZZO.network.prefix, config), signature=signature)


@pytest.fixture
def engine(home: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    known = {"mezzo": replace(taking(MEZZO.latents.channels), variants={17: "inpainting", 16: "instruct"})}
    monkeypatch.setattr("mezzotint.families.recognition.FAMILIES", known)
    return Engine(home, "cpu")


def made(engine: Engine, listener: Listener | None = None, **fields: Any) -> GenerationResult:
    return generate(engine, a_request(**{"model": "small"} | fields), listener or Listener())


def picture(result: GenerationResult, index: int = 0) -> np.ndarray:
    return np.asarray(result.pictures[index].image).astype(int)


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def scene(width: int = 64, height: int = 64) -> Image.Image:
    rng = np.random.default_rng(3)
    return Image.fromarray(rng.integers(0, 255, (height, width, 3), dtype=np.uint8))


def hole(box: tuple[int, int, int, int] = (24, 24, 44, 44), size: tuple[int, int] = (64, 64)) -> bytes:
    mask = Image.new("L", size)
    mask.paste(255, box)
    return png(mask)


@pytest.mark.parametrize("sampler", list(SAMPLERS))
def test_every_sampler_makes_a_picture_and_the_same_again(engine: Engine, sampler: str) -> None:
    one = made(engine, sampler=sampler, steps=4, prompt="[a red:a blue:0.5] apple AND a pear :0.5", negative="x")
    other = made(engine, sampler=sampler, steps=4, prompt="[a red:a blue:0.5] apple AND a pear :0.5", negative="x")

    assert one.pictures[0].image.tobytes() == other.pictures[0].image.tobytes()
    assert picture(one).std() > 0


@pytest.mark.parametrize("sampler", ["Euler a", "DPM++ SDE", "LCM"])
def test_a_variation_in_a_batch_is_the_same_as_alone(engine: Engine, sampler: str) -> None:
    fields = {"sampler": sampler, "steps": 3, "subseed_strength": 0.3}
    batch = made(engine, seed=7, subseed=20, count=3, **fields)
    alone = made(engine, seed=7, subseed=22, **fields)

    assert batch.pictures[2].image.tobytes() == alone.pictures[0].image.tobytes()
    assert [p.seed for p in batch.pictures] == [7, 7, 7]
    assert [p.request.subseed for p in batch.pictures] == [20, 21, 22]


def test_a_full_variation_is_the_picture_of_the_subseed(engine: Engine) -> None:
    varied = made(engine, seed=7, subseed=20, subseed_strength=1.0)
    assert (picture(varied) == picture(made(engine, seed=20))).all()


@pytest.mark.parametrize(
    "fields",
    [
        {"ensd": 31337, "sampler": "Euler a"},
        {"noise_source": "CPU"},
        {"seed_resize": (16, 16)},
        {"s_churn": 20.0, "sampler": "Euler"},
        {"cfg_rescale": 0.7},
        {"guidance_interval": (0.0, 0.5)},
        {"skip_early_cond": 0.5},
        {"s_min_uncond": 10.0},
        {"clip_skip": 2},
        {"emphasis": "No norm", "prompt": "a (red:1.4) apple"},
        {"tiling_x": True},
        {"tiling_y": True},
        {"zero_terminal_snr": True},
        {"sgm_noise_multiplier": True},
        {"quantize_timesteps": True},
        {"prompt": "a red apple AND a blue pear"},
        {"prompt": "a [red|blue] apple"},
    ],
)
def test_every_option_changes_the_picture(engine: Engine, fields: dict[str, Any]) -> None:
    plain = {"steps": 4, "negative": "green", "cfg_scale": 7.0, "prompt": "a (red:1.4) apple"} | {
        key: value for key, value in fields.items() if key == "sampler"
    }
    assert (picture(made(engine, **plain)) != picture(made(engine, **plain | fields))).any()


def test_a_tiling_picture_leaves_the_model_as_it_was(engine: Engine) -> None:
    before = picture(made(engine))
    made(engine, tiling_x=True, tiling_y=True)
    assert (picture(made(engine)) == before).all()


@pytest.mark.parametrize("upscaler", ["Latent", "Latent (nearest-exact)", "Lanczos", "None"])
def test_a_second_pass_gives_a_larger_picture(engine: Engine, upscaler: str) -> None:
    listener = Listener()

    result = made(engine, listener, steps=3, hires={"scale": 2, "steps": 2, "upscaler": upscaler, "strength": 0.6})

    assert result.pictures[0].image.size == (64, 64)
    progress = listener.of(Progress)
    assert [event.step for event in progress] == [1, 2, 3, 4, 5]
    assert {event.steps for event in progress} == {5}
    assert "Hires upscale: 2" in result.pictures[0].infotext


def test_a_second_pass_of_no_strength_is_the_first_one_enlarged(engine: Engine) -> None:
    listener = Listener()

    large = made(engine, listener, steps=3, hires={"scale": 2, "upscaler": "Lanczos", "strength": 0.0})

    assert large.pictures[0].image.size == (64, 64)
    assert [event.step for event in listener.of(Progress)] == [1, 2, 3]


def test_a_second_pass_is_the_same_in_a_batch_and_trimmed_to_its_size(engine: Engine) -> None:
    fields = {"steps": 2, "sampler": "Euler a", "hires": {"width": 64, "height": 48, "steps": 2}}
    batch = made(engine, seed=3, count=2, **fields)

    assert batch.pictures[1].image.size == (64, 48)
    assert (picture(batch, 1) == picture(made(engine, seed=4, **fields))).all()


def test_a_second_pass_may_have_another_model_and_words(engine: Engine) -> None:
    plain = made(engine, hires={"steps": 2})

    assert (picture(plain) != picture(made(engine, hires={"steps": 2, "model": "other"}))).any()
    assert (picture(plain) != picture(made(engine, hires={"steps": 2, "prompt": "a pear"}))).any()


def test_a_refiner_takes_over_and_is_told(engine: Engine) -> None:
    plain = made(engine, steps=6)

    refined = made(engine, steps=6, refiner={"model": "other", "switch_at": 0.5})
    whole = made(engine, steps=6, refiner={"model": "other", "switch_at": 0.0})

    assert (picture(plain) != picture(refined)).any()
    assert (picture(whole) == picture(made(engine, steps=6, model="other"))).all()
    assert "Refiner: other [" in refined.pictures[0].infotext


@pytest.mark.parametrize("fill", ["fill", "original", "latent noise", "latent nothing"])
@pytest.mark.parametrize("area", ["whole picture", "only masked"])
def test_outside_its_mask_a_picture_stays_byte_for_byte(engine: Engine, fill: str, area: str) -> None:
    mask = {"picture": hole(), "fill": fill, "area": area, "blur_x": 2, "blur_y": 2, "padding": 4}
    old = scene()

    result = made(engine, width=64, height=64, steps=3, init={"picture": png(old), "strength": 0.9}, mask=mask)

    changed = (picture(result) != np.asarray(old).astype(int)).any(axis=-1)
    assert changed[30:38, 30:38].mean() > 0.9
    far = np.ones_like(changed)
    far[12:56, 12:56] = False
    assert not changed[far].any()


@pytest.mark.parametrize("area", ["whole picture", "only masked"])
def test_soft_inpainting_reaches_further_and_ends(engine: Engine, area: str) -> None:
    old = scene(224, 224)
    mask = {"picture": hole((100, 100, 124, 124), (224, 224)), "area": area, "padding": 8, "soft": {}}
    side = 224 if area == "whole picture" else 64
    init = {"picture": png(old), "strength": 1.0}

    result = made(engine, width=side, height=side, steps=1, init=init, mask=mask)

    changed = (picture(result) != np.asarray(old).astype(int)).any(axis=-1)
    assert changed[108:116, 108:116].mean() > 0.5
    assert not changed[:32].any()


def test_fills_differ_and_inversion_turns_the_mask(engine: Engine) -> None:
    def inpainted(**mask: Any) -> np.ndarray:
        init = {"picture": png(scene()), "strength": 0.6}
        return picture(
            made(
                engine,
                width=64,
                height=64,
                steps=3,
                init=init,
                mask={"picture": hole(), "blur_x": 0, "blur_y": 0} | mask,
            )
        )

    results = [inpainted(fill=fill) for fill in ("fill", "original", "latent noise", "latent nothing")]
    assert len({result.tobytes() for result in results}) == 4
    turned = (inpainted(invert=True) != np.asarray(scene()).astype(int)).any(axis=-1)
    assert not turned[26:42, 26:42].any()
    assert turned[:8].mean() > 0.9


@pytest.mark.parametrize("sampler", ["DDIM", "PLMS", "UniPC", "DPM++ 2M SDE"])
def test_masks_hold_for_every_way_of_sampling(engine: Engine, sampler: str) -> None:
    old = scene()
    mask = {"picture": hole(), "blur_x": 1, "blur_y": 1}

    result = made(engine, width=64, height=64, steps=5, sampler=sampler, init={"picture": png(old)}, mask=mask)

    assert (picture(result)[:12] == np.asarray(old).astype(int)[:12]).all()
    assert (picture(result)[30:38, 30:38] != np.asarray(old).astype(int)[30:38, 30:38]).any()


def test_only_the_masked_part_of_a_larger_picture_is_worked_on(engine: Engine) -> None:
    old = scene(160, 96)
    mask = {
        "picture": hole((100, 40, 130, 60), (160, 96)),
        "area": "only masked",
        "padding": 8,
        "blur_x": 2,
        "blur_y": 2,
    }

    result = made(engine, width=32, height=32, init={"picture": png(old), "strength": 0.9}, mask=mask)

    assert result.pictures[0].image.size == (160, 96)
    changed = (picture(result) != np.asarray(old).astype(int)).any(axis=-1)
    assert changed[46:54, 106:124].mean() > 0.9
    assert not changed[:, :80].any()


def test_an_empty_mask_redraws_the_whole_picture_with_a_word(engine: Engine) -> None:
    listener = Listener()
    init, mask = {"picture": png(scene()), "strength": 0.5}, {"picture": png(Image.new("L", (64, 64)))}

    result = made(engine, listener, width=64, height=64, init=init, mask=mask)

    assert any("mask is empty" in event.message for event in listener.of(Warned))
    assert (picture(result) != np.asarray(scene()).astype(int)).mean() > 0.9


def test_infotext_of_an_inpainted_picture_makes_it_again(engine: Engine) -> None:
    old, mask = png(scene()), {"picture": hole(), "blur_x": 3, "blur_y": 3, "fill": "latent noise"}
    first = made(engine, width=64, height=64, steps=3, init={"picture": old, "strength": 0.8}, mask=mask).pictures[0]

    again = parse_infotext(first.infotext).to_request(old, hole())

    assert generate(engine, again, Listener()).pictures[0].image.tobytes() == first.image.tobytes()


@pytest.mark.parametrize("fit", ["stretch", "crop", "fill", "latent"])
def test_start_pictures_take_any_fit_and_their_colours_back(engine: Engine, fit: str) -> None:
    init = {"picture": png(scene(80, 56)), "fit": fit, "strength": 0.9, "color_correction": True}
    plain = init | {"color_correction": False}

    result = made(engine, init=init)

    assert result.pictures[0].image.size == (32, 32)
    assert (picture(result) != picture(made(engine, init=plain))).any()


def test_a_model_made_for_inpainting_sees_the_hole(engine: Engine) -> None:
    def inpainted(**fields: Any) -> np.ndarray:
        init = {"picture": png(scene()), "strength": 1.0}
        mask = {"picture": hole(), "fill": "latent nothing"}
        return picture(made(engine, model="hole", width=64, height=64, steps=3, init=init, mask=mask, **fields))

    hidden, shown = inpainted(), inpainted(conditional_mask_weight=0.0)

    assert (hidden != shown).any()
    assert picture(made(engine, model="hole")).std() > 0  # and from words alone


def test_a_model_made_to_edit_follows_picture_and_words_by_two_scales(engine: Engine) -> None:
    def edited(**fields: Any) -> bytes:
        init = {"picture": png(scene(32, 32)), "strength": 1.0}
        return picture(made(engine, model="edit", init=init, steps=3, **fields)).tobytes()

    assert len({edited(), edited(image_cfg_scale=3.0), edited(image_cfg_scale=1.0), edited(cfg_scale=3.0)}) == 4
    with pytest.raises(RequestError, match="picture"):
        made(engine, model="edit")
    with pytest.raises(RequestError, match="without AND"):
        edited(prompt="a AND b")


def test_a_model_made_to_enlarge_sees_the_small_picture(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "mezzotint.families.recognition.FAMILIES", {"mezzo": replace(taking(11), extra_input="low-res")}
    )
    engine = Engine(home, "cpu")

    one = made(engine, model="large", init={"picture": png(scene(16, 16)), "strength": 1.0}, steps=2)
    other = made(engine, model="large", init={"picture": png(scene(24, 24)), "strength": 1.0}, steps=2)

    assert (picture(one) != picture(other)).any()


@pytest.fixture
def overflowing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> UNet:
    """The small model's network in half precision, in which all that it says is infinite."""
    network = engine.load("small").network
    network.to(torch.float16)
    original = type(network).forward

    def forward(self: UNet, x: torch.Tensor, *rest: Any, **named: Any) -> torch.Tensor:
        made = original(self, x, *rest, **named)
        return made * torch.inf if self is network and x.dtype == torch.float16 else made

    monkeypatch.setattr(type(network), "forward", forward)
    return network


def test_predictions_that_are_not_numbers_are_made_again_in_float32(engine: Engine, overflowing: UNet) -> None:
    overflowing.float()
    expected = made(engine).pictures[0].image.tobytes()
    overflowing.half()
    listener = Listener()

    result = made(engine, listener)

    assert result.pictures[0].image.tobytes() == expected  # its weights were of half precision in the file
    assert any("float32" in event.message for event in listener.of(Warned))
    assert "Precision: float32" in result.pictures[0].infotext


def test_a_network_is_as_narrow_afterwards_as_before(engine: Engine, overflowing: UNet) -> None:
    before = {name: weight.clone() for name, weight in overflowing.state_dict().items()}

    first, second = made(engine), made(engine)

    assert first.pictures[0].infotext == second.pictures[0].infotext
    assert first.pictures[0].image.tobytes() == second.pictures[0].image.tobytes()
    assert all(torch.equal(weight, before[name]) for name, weight in overflowing.state_dict().items())


@pytest.mark.parametrize("fields", [{"refiner": {"model": "other", "switch_at": 0.5}}, {"hires": {"model": "other"}}])
def test_a_wide_network_works_beside_a_narrow_one(engine: Engine, overflowing: UNet, fields: dict[str, Any]) -> None:
    engine.load("other").network.half()

    result = made(engine, steps=4, **fields)

    assert "Precision: float32" in result.pictures[0].infotext
    assert engine.load("other").dtype == torch.float16


def test_predictions_that_are_not_numbers_in_float32_are_an_error(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = engine.load("small").network
    bias = network.out[2].bias
    assert isinstance(bias, torch.Tensor)
    monkeypatch.setattr(bias, "data", torch.full_like(bias, torch.nan))

    with pytest.raises(NotNumbers, match="network's predictions"):
        made(engine)


def test_a_picture_too_large_for_memory_is_decoded_in_tiles(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = picture(made(engine))
    monkeypatch.setattr("mezzotint.generate.decode.fits_whole", lambda device, area_px: False)

    assert (picture(made(engine)) == whole).all()  # one tile is the whole
    assert made(engine, width=640, height=32, steps=1).pictures[0].image.size == (640, 32)
