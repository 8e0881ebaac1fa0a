"""The refiner: when it takes over, that it stays, and that prompts go on counting."""

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.guidance.cfg import Weighted, guide
from mezzotint.diffusion.guidance.refiner import after_calls, after_timesteps, switch_denoise
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.sampling import Denoise, Denoised
from mezzotint.diffusion.timelines import Timeline
from mezzotint.errors import RequestError

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
X = torch.zeros(1, 4, 8, 8)


def saying(value: float) -> Denoise:
    return lambda x, sigma: Denoised(x0=x * 0 + value, unconditional=x)


def said(denoise: Denoise, sigma: float) -> float:
    return denoise(X, sigma).x0.unique().item()


def test_the_refiner_takes_over_and_stays() -> None:
    asked: list[int] = []

    def refiner(calls: int) -> Denoise:
        asked.append(calls)
        return saying(2.0)

    denoise = switch_denoise(saying(1.0), refiner, lambda call, sigma: sigma < 1)

    assert [said(denoise, sigma) for sigma in (5.0, 1.0, 0.9, 3.0, 0.5)] == [1, 1, 2, 2, 2]  # the noise may rise again
    assert asked == [2]  # loaded once, when it was time


def test_a_refiner_that_is_never_due_is_never_loaded() -> None:
    def refiner(calls: int) -> Denoise:
        raise AssertionError("loaded")

    denoise = switch_denoise(saying(1.0), refiner, after_timesteps(SD1, 1.0))

    assert [said(denoise, sigma) for sigma in (14.6, 1.0, 0.03)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("share", "last_before", "first_after"), [(0.8, 200, 199), (0.5, 500, 499), (0.001, 999, 998), (0.999, 1, 0)]
)
def test_the_share_of_timesteps_decides(share: float, last_before: int, first_after: int) -> None:
    for timestep_space in (False, True):
        rule = after_timesteps(SD1, share, timestep_space=timestep_space)
        assert not rule(0, SD1.sigmas[last_before])
        assert rule(0, SD1.sigmas[first_after])


def test_a_share_of_zero_is_the_refiner_alone() -> None:
    assert after_timesteps(SD1, 0.0)(0, 99.0)
    assert after_calls(10, 0.0)(0, 14.6)


def test_between_two_timesteps_the_nearer_noise_level_counts() -> None:
    low, high = SD1.sigmas[199], SD1.sigmas[200]
    rule, in_timestep_space = after_timesteps(SD1, 0.8), after_timesteps(SD1, 0.8, timestep_space=True)

    assert rule(0, 0.51 * low + 0.49 * high)
    assert not rule(0, 0.49 * low + 0.51 * high)
    assert in_timestep_space(0, 0.49 * low + 0.51 * high)  # there the fraction is cut off


def test_the_share_of_calls_may_decide_instead() -> None:
    rule = after_calls(10, 0.75)

    assert [rule(call, 14.6) for call in range(10)] == [False] * 8 + [True] * 2


def test_a_run_without_calls_is_refused() -> None:
    with pytest.raises(RequestError, match="at least 1 call, got 0"):
        after_calls(0, 0.5)


def test_the_refiners_prompts_go_on_counting() -> None:
    def echo(x: Tensor, sigma: float, conditioning: Conditioning) -> Tensor:
        return torch.zeros_like(x) + conditioning.context[0, 0, 0]

    edited = [Weighted(Timeline(((2, Conditioning(torch.zeros(1, 77, 16))), (9, Conditioning(torch.ones(1, 77, 16))))))]
    denoise = switch_denoise(
        guide(echo, edited, None, 1.0),
        lambda calls: guide(echo, edited, None, 1.0, first_call=calls),
        lambda call, sigma: call == 2,
    )

    assert [said(denoise, 1.0) for _ in range(5)] == [0, 0, 0, 1, 1]
