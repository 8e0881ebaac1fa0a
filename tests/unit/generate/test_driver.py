"""From request to pictures: the same bytes every time and in any batch, stopped gently, made again from infotext."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from mezzotint.contract.events import PictureReady, Preview, Progress, Started, Warned
from mezzotint.contract.infotext import parse_infotext
from mezzotint.contract.results import GenerationResult
from mezzotint.engine import Engine
from mezzotint.errors import OutOfMemory, UnknownName
from mezzotint.generate import generate
from tests.factories import Listener, a_request


@pytest.fixture(scope="module")
def engine(small_home: Path) -> Engine:
    return Engine(small_home, "cpu")


def made(engine: Engine, listener: Listener | None = None, **fields: Any) -> GenerationResult:
    return generate(engine, a_request(model="small", **fields), listener or Listener())


def pixels(result: GenerationResult, index: int = 0) -> bytes:
    return result.pictures[index].image.tobytes()


def distance(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of all values, 0 to 255."""
    counts = ImageChops.difference(one, other).convert("L").histogram()
    return sum(value * count for value, count in enumerate(counts)) / sum(counts)


def test_the_same_request_twice_gives_the_same_bytes(engine: Engine) -> None:
    assert pixels(made(engine, sampler="Euler a")) == pixels(made(engine, sampler="Euler a"))


def test_a_freshly_loaded_model_gives_the_same_bytes(engine: Engine, small_home: Path) -> None:
    assert pixels(made(engine)) == pixels(made(Engine(small_home, "cpu")))


@pytest.mark.parametrize("sampler", ["DPM++ 2M", "Euler a", "DDIM"])
def test_a_seed_in_a_batch_gives_the_same_bytes_as_alone(engine: Engine, sampler: str) -> None:
    batch = made(engine, seed=5, count=3, sampler=sampler, steps=3)

    assert [picture.seed for picture in batch.pictures] == [5, 6, 7]
    for i, seed in enumerate((5, 6, 7)):
        assert pixels(batch, i) == pixels(made(engine, seed=seed, sampler=sampler, steps=3))


def test_seed_prompt_negative_and_guidance_each_change_the_picture(engine: Engine) -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"seed": 2},
        {"prompt": "a blue boat"},
        {"prompt": "a (red:1.4) apple"},
        {"negative": "boat"},
        {"cfg_scale": 2.0},
        {"clip_skip": 2},
        {"scheduler": "Exponential"},
    ]

    assert len({pixels(made(engine, steps=3, **change)) for change in changes}) == len(changes)


def test_the_negative_prompt_has_no_effect_at_a_guidance_of_one(engine: Engine) -> None:
    assert pixels(made(engine, cfg_scale=1.0, negative="boat")) == pixels(made(engine, cfg_scale=1.0))


def test_pictures_have_the_size_asked_for_also_an_odd_one(engine: Engine) -> None:
    assert made(engine, width=40, height=72).pictures[0].image.size == (40, 72)


def test_a_long_prompt_is_taken_whole(engine: Engine) -> None:
    words = "apple, " * 40

    assert pixels(made(engine, prompt=words + "red")) != pixels(made(engine, prompt=words + "blue"))


def test_infotext_makes_the_picture_again(engine: Engine) -> None:
    picture = made(engine, seed=3, count=2, sampler="Euler a", eta=0.7, negative="blur").pictures[1]

    again = generate(engine, parse_infotext(picture.infotext).to_request())

    assert picture.request.count == 1
    assert pixels(again) == picture.image.tobytes()
    assert again.pictures[0].infotext == picture.infotext


def test_infotext_names_model_and_hash(engine: Engine) -> None:
    parameters = parse_infotext(made(engine).pictures[0].infotext).parameters

    assert parameters["Model"] == "small"
    assert parameters["Model hash"] == engine.load("small").source.sha256[:10]


def test_a_model_is_made_with_by_its_path(engine: Engine, small_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.safetensors"
    path.symlink_to(small_home / "models" / "Stable-diffusion" / "small.safetensors")

    result = generate(engine, a_request(model=str(path)))

    assert pixels(result) == pixels(made(engine))


def test_events_tell_what_happens_in_order(engine: Engine) -> None:
    listener = Listener()

    result = made(engine, listener, count=2)

    told = [type(event) for event in listener.events if not isinstance(event, Preview)]
    assert told == [Started, Progress, Progress, PictureReady, Progress, Progress, PictureReady]
    assert listener.of(Started)[0].request.sampler == "DPM++ 2M"
    assert [event.fraction for event in listener.of(Progress)] == [0.25, 0.5, 0.75, 1.0]
    assert [event.picture for event in listener.of(PictureReady)] == list(result.pictures)


def test_timings_cover_the_phases(engine: Engine) -> None:
    timings = made(engine).timings

    assert set(timings) == {"load", "text", "sample", "decode", "total"}
    assert sum(timings[phase] for phase in ("load", "text", "sample", "decode")) <= timings["total"]


def test_warnings_are_passed_on(engine: Engine) -> None:
    listener = Listener()

    made(engine, listener, sampler="Euler", eta=0.5)

    assert [event.message for event in listener.of(Warned)] == ["Euler draws no noise, so eta is left aside"]


def test_stopping_keeps_the_picture_so_far_and_those_before(engine: Engine) -> None:
    listener = Listener(stop_after=(Progress, 5))

    result = made(engine, listener, count=4, steps=4, sampler="Euler")

    assert result.was_stopped
    assert len(result.pictures) == 2
    assert pixels(result, 0) == pixels(made(engine, steps=4, sampler="Euler"))
    finished = made(engine, seed=2, steps=4, sampler="Euler").pictures[0].image
    assert distance(result.pictures[1].image, finished) > 0
    assert len(listener.of(Progress)) == 5


def test_stopping_at_the_last_step_keeps_the_finished_picture(engine: Engine) -> None:
    listener = Listener(stop_after=(Progress, 2))

    result = made(engine, listener, count=2)

    assert len(result.pictures) == 1
    assert result.was_stopped
    assert pixels(result) == pixels(made(engine))


def test_stopping_before_the_start_makes_nothing(engine: Engine) -> None:
    result = made(engine, Listener(stop_after=(Started, 1)))

    assert result.pictures == ()
    assert result.was_stopped


def test_a_run_to_the_end_was_not_stopped(engine: Engine) -> None:
    assert not made(engine).was_stopped


def test_img2img_stays_the_nearer_the_lower_the_strength(engine: Engine) -> None:
    picture = made(engine, seed=9).pictures[0].image
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")

    def redrawn(strength: float) -> Image.Image:
        init = {"picture": buffer.getvalue(), "strength": strength}
        return made(engine, steps=10, sampler="Euler", init=init).pictures[0].image

    unchanged, near, far = redrawn(0.0), redrawn(0.2), redrawn(1.0)
    assert distance(near, unchanged) < distance(far, unchanged)


def test_img2img_gives_the_same_bytes_in_a_batch_and_says_where_it_started(engine: Engine) -> None:
    buffer = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(buffer, "PNG")
    init = {"picture": buffer.getvalue(), "strength": 0.5}

    batch = made(engine, seed=1, count=2, init=init)

    assert pixels(batch, 1) == pixels(made(engine, seed=2, init=init))
    parameters = parse_infotext(batch.pictures[0].infotext).parameters
    assert parameters["Denoising strength"] == "0.5"
    assert len(parameters["Init image hash"]) == 32


def test_an_unknown_model_is_told_before_any_event(engine: Engine) -> None:
    listener = Listener()

    with pytest.raises(UnknownName):
        generate(engine, a_request(model="smol"), listener)

    assert listener.events == []


def test_lack_of_memory_is_told_as_such(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(engine.load("small").autoencoder, "decode", fail)

    with pytest.raises(OutOfMemory):
        made(engine)


def test_each_picture_draws_its_own_variants_and_the_same_alone(engine: Engine) -> None:
    listener = Listener()
    batch = made(engine, listener, prompt="a {red|green|blue|black|white} apple", seed=3, count=4)

    prompts = [picture.request.prompt for picture in batch.pictures]
    alone = made(engine, prompt="a {red|green|blue|black|white} apple", seed=6)

    assert len(set(prompts)) > 1
    assert all(prompt.startswith("a ") and prompt.endswith(" apple") and "{" not in prompt for prompt in prompts)
    assert pixels(batch, 3) == pixels(alone)
    assert [(event.index, event.pictures) for event in listener.of(PictureReady)] == [(1, 4), (2, 4), (3, 4), (4, 4)]
