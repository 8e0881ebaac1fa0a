"""Prompts of different length: what padding changes in the picture, also where guidance does without the negative."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mezzotint.engine import Engine
from mezzotint.generate import generate
from tests.factories import Listener, a_request

SHORT, LONG = "a red apple", "a green pear on a table " * 8  # one chunk of 30 tokens, and two

ROUNDING = 1  # of a level, where the same sum is computed in another order


@pytest.fixture(scope="module")
def engine(small_home: Path) -> Engine:
    return Engine(small_home, "cpu")


def made(engine: Engine, prompt: str, negative: str, **fields: Any) -> np.ndarray:
    request = a_request(model="small", prompt=prompt, negative=negative, **fields)
    return np.asarray(generate(engine, request, Listener()).pictures[0].image).astype(int)


@pytest.mark.parametrize("scale", [1.0, 5.0])
def test_a_prompt_that_is_padded_is_another_to_the_model_at_any_scale(engine: Engine, scale: float) -> None:
    plain, padded = (made(engine, SHORT, LONG, cfg_scale=scale, pad_conds=pads) for pads in (False, True))

    assert (plain != padded).any()


def test_a_negative_that_cancels_out_is_of_no_effect_however_it_is_padded(engine: Engine) -> None:
    plain, padded = (made(engine, LONG, SHORT, cfg_scale=1.0, pad_conds=pads) for pads in (False, True))

    assert (plain == padded).all()


@pytest.mark.parametrize(("prompt", "negative"), [(SHORT, LONG), (LONG, SHORT)])
@pytest.mark.parametrize("fields", [{"pad_conds": True}, {"old_ways": {"pad_conds_v0": True}}])
def test_without_the_negative_call_the_picture_is_the_one_with_it(
    engine: Engine, prompt: str, negative: str, fields: dict[str, Any]
) -> None:
    short = made(engine, prompt, negative, cfg_scale=1.0, **fields)
    full = made(engine, prompt, negative, cfg_scale=1.0 + 1e-6, **fields)

    assert np.abs(short - full).max() <= ROUNDING


@pytest.mark.parametrize("sampler", ["Euler", "DDIM"])
def test_the_old_way_of_padding_wins_for_every_sampler(engine: Engine, sampler: str) -> None:
    def padded(**fields: Any) -> bytes:
        return made(engine, LONG, SHORT, sampler=sampler, steps=3, **fields).tobytes()

    old = padded(old_ways={"pad_conds_v0": True})

    assert padded(pad_conds=True, old_ways={"pad_conds_v0": True}) == old
    assert len({old, padded(), padded(pad_conds=True)}) == 3
