"""Progress counts over all pictures and knows the time left; previews come no faster than their limit."""

from functools import partial

import pytest
import torch

from mezzotint.contract.events import Preview, Progress
from mezzotint.diffusion.sampling import Step
from mezzotint.families.mezzo import MEZZO
from mezzotint.families.preview import preview
from mezzotint.generate.reporting import PREVIEW_EVERY_S, Reporting
from tests.factories import Listener


class Clock:
    """A clock that goes when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def a_step() -> Step:
    latents = torch.zeros(1, MEZZO.latents.channels, 4, 6)
    return Step(x=latents, x0=latents, sigma=1.0)


def test_progress_tells_the_time_left_for_all_pictures() -> None:
    listener, clock = Listener(), Clock()
    reporting = Reporting(listener, partial(preview, space=MEZZO.latents), steps=4, pictures=2, clock=clock)

    clock.now = 1.0
    reporting.step(a_step(), 1, picture=1, batch=1)
    clock.now = 6.0
    reporting.step(a_step(), 2, picture=2, batch=1)

    first, second = listener.of(Progress)
    assert first == Progress(1, 4, picture=1, pictures=2, batch=1, eta_s=7.0)
    assert second == Progress(2, 4, picture=2, pictures=2, batch=1, eta_s=2.0)
    assert second.fraction == 6 / 8


def test_pictures_made_together_count_together() -> None:
    listener, clock = Listener(), Clock()
    reporting = Reporting(listener, partial(preview, space=MEZZO.latents), steps=4, pictures=4, clock=clock)

    clock.now = 3.0
    reporting.step(a_step(), 2, picture=1, batch=2)

    (progress,) = listener.of(Progress)
    assert progress.eta_s == 9.0
    assert progress.fraction == 4 / 16


def test_previews_keep_their_distance() -> None:
    listener, clock = Listener(), Clock()
    reporting = Reporting(listener, partial(preview, space=MEZZO.latents), steps=100, pictures=1, clock=clock)

    for number in range(1, 101):
        clock.now = number * PREVIEW_EVERY_S / 10
        reporting.step(a_step(), number, picture=1, batch=1)

    previews = listener.of(Preview)
    assert len(previews) == pytest.approx(10, abs=1)
    assert previews[0].image.size == (6, 4)
    assert previews[0].picture == 1
    assert len(listener.of(Progress)) == 100
