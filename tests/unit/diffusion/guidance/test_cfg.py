"""Classifier-free guidance: its formula, and which network calls it makes."""

from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.denoiser import denoiser
from mezzotint.diffusion.guidance.cfg import Weighted, guide
from mezzotint.diffusion.guidance.lengths import padded_with, stretched
from mezzotint.diffusion.guidance.rescaling import rescaled
from mezzotint.diffusion.guidance.skipping import at_the_start, guided_within, near_the_end
from mezzotint.diffusion.noise import PictureNoise
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.sampling import Denoise
from mezzotint.diffusion.timelines import Timeline, always
from mezzotint.errors import RequestError
from mezzotint.nn.unet import UNet, UNetConfig
from tests.factories import weight

POSITIVE, NEGATIVE = (Conditioning(torch.full((1, 77, 16), value)) for value in (3.0, 1.0))
LONGER = Conditioning(torch.full((1, 154, 16), 1.0))
X = torch.zeros(1, 4, 8, 8)


class Echo:
    """A denoiser whose answer is the context's first value; remembers how many rows each call had."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.tokens: list[int] = []

    def __call__(self, x: Tensor, sigma: float, conditioning: Conditioning) -> Tensor:
        self.calls.append(len(x))
        self.tokens.append(conditioning.context.shape[1])
        first = conditioning.rows(len(x)).context[:, 0, 0]
        return torch.zeros_like(x) + first[:, None, None, None]


def text(value: float, tokens: int = 77) -> Conditioning:
    return Conditioning(torch.full((1, tokens, 16), value))


def joined(*parts: tuple[float, float]) -> list[Weighted]:
    """Parts of a prompt, as (value, weight)."""
    return [Weighted(always(text(value)), weight) for value, weight in parts]


def said(denoise: Denoise, sigmas: Sequence[float]) -> list[float]:
    """What call after call predicts."""
    return [denoise(X, sigma).x0.unique().item() for sigma in sigmas]


def test_guidance_goes_from_the_negative_through_the_positive() -> None:
    denoised = guide(Echo(), POSITIVE, NEGATIVE, 7.5)(torch.zeros(1, 4, 8, 8), 1.0)

    assert denoised.x0.unique().tolist() == [1.0 + 7.5 * (3.0 - 1.0)]
    assert denoised.unconditional.unique().tolist() == [1.0]


@pytest.mark.parametrize(("negative", "scale"), [(NEGATIVE, 1.0), (None, 7.5)])
def test_a_scale_of_one_needs_no_negative_call(negative: Conditioning | None, scale: float) -> None:
    echo = Echo()

    denoised = guide(echo, POSITIVE, negative, scale)(torch.zeros(1, 4, 8, 8), 1.0)

    assert echo.calls == [1]
    assert denoised.x0.unique().tolist() == denoised.unconditional.unique().tolist() == [3.0]


def test_a_scale_of_zero_is_the_negative_prompt() -> None:
    assert guide(Echo(), POSITIVE, NEGATIVE, 0.0)(torch.zeros(1, 4, 8, 8), 1.0).x0.unique().tolist() == [1.0]


def test_on_a_cpu_each_prompt_has_its_own_call() -> None:
    echo = Echo()
    guide(echo, POSITIVE, NEGATIVE, 7.0)(torch.zeros(3, 4, 8, 8), 1.0)
    assert echo.calls == [3, 3]


def test_elsewhere_both_share_one_call() -> None:
    echo = Echo()
    positive, negative = (Conditioning(torch.zeros(1, 77, 16, device="meta")) for _ in range(2))

    denoised = guide(echo, positive, negative, 7.0)(torch.zeros(3, 4, 8, 8, device="meta"), 1.0)

    assert echo.calls == [6]
    assert denoised.x0.shape == denoised.unconditional.shape == (3, 4, 8, 8)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_prompts_of_different_length_run_apart(device: str) -> None:
    echo = Echo()
    positive, negative = (Conditioning(cond.context.to(device)) for cond in (POSITIVE, LONGER))
    guide(echo, positive, negative, 7.0)(torch.zeros(2, 4, 8, 8, device=device), 1.0)
    assert echo.calls == [2, 2]


@given(st.lists(st.tuples(st.floats(-4, 4), st.floats(-2, 2)), min_size=1, max_size=4), st.floats(0, 15))
def test_joined_parts_add_up_by_their_weights(parts: list[tuple[float, float]], scale: float) -> None:
    denoised = guide(Echo(), joined(*parts), NEGATIVE, scale, always_negative=True)(X, 1.0)

    expected = 1.0 + sum(weight * (value - 1.0) for value, weight in parts) * scale
    assert denoised.x0.unique().item() == pytest.approx(expected, rel=1e-5, abs=1e-4)
    assert denoised.unconditional.unique().tolist() == [1.0]


@given(st.lists(st.tuples(st.floats(-4, 4), st.sampled_from([0.25, 0.5])), min_size=1, max_size=4))
def test_a_negative_that_cancels_out_is_left_aside_without_a_difference(parts: list[tuple[float, float]]) -> None:
    scale = 1 / sum(weight for _, weight in parts)
    echo = Echo()

    short = guide(echo, joined(*parts), NEGATIVE, scale)(X, 1.0)

    cancels_out = scale * sum(weight for _, weight in parts) == 1
    assert echo.calls == [1] * (len(parts) + (not cancels_out))
    full = guide(Echo(), joined(*parts), NEGATIVE, scale, always_negative=True)(X, 1.0)
    torch.testing.assert_close(short.x0, full.x0, atol=1e-5, rtol=1e-5)


def test_a_weight_on_the_whole_prompt_multiplies_guidance() -> None:
    weighted = guide(Echo(), joined((3.0, 1.5)), NEGATIVE, 4.0)(X, 1.0)

    assert torch.equal(weighted.x0, guide(Echo(), POSITIVE, NEGATIVE, 6.0)(X, 1.0).x0)


def test_a_weight_on_the_whole_prompt_keeps_the_negative_at_a_scale_of_one() -> None:
    assert said(guide(Echo(), joined((3.0, 1.5)), NEGATIVE, 1.0), [1.0]) == [1.0 + 1.5 * 2.0]


def test_a_sampler_that_looks_at_the_negative_gets_it_at_a_scale_of_one() -> None:
    denoised = guide(Echo(), POSITIVE, NEGATIVE, 1.0, always_negative=True)(X, 1.0)

    assert denoised.x0.unique().tolist() == [3.0]
    assert denoised.unconditional.unique().tolist() == [1.0]


def test_no_positive_prompt_is_refused() -> None:
    with pytest.raises(RequestError, match="positive"):
        guide(Echo(), [], NEGATIVE, 7.0)


def test_prompts_change_by_call_each_on_its_own_timeline() -> None:
    cat_then_dog = Weighted(Timeline(((1, text(3.0)), (9, text(5.0)))))
    tree = Weighted(always(text(1.0)))
    negative = Timeline(((0, text(0.0)), (9, text(1.0))))

    called = said(guide(Echo(), [cat_then_dog, tree], negative, 1.0), [5.0] * 4)

    assert called == [3.0 + 1.0 - 0.0, 3.0 + 1.0 - 1.0, 5.0, 5.0]


def test_counting_may_begin_later() -> None:
    edited = [Weighted(Timeline(((1, text(3.0)), (9, text(5.0)))))]

    assert said(guide(Echo(), edited, None, 1.0, first_call=1), [5.0] * 2) == [3.0, 5.0]


def test_two_runs_count_apart() -> None:
    edited = [Weighted(Timeline(((0, text(3.0)), (9, text(5.0)))))]
    one, other = (guide(Echo(), edited, None, 1.0) for _ in range(2))

    assert said(one, [5.0] * 2) == said(other, [5.0] * 2) == [3.0, 5.0]


def test_skipped_calls_are_the_positive_prompt_alone() -> None:
    echo = Echo()
    rules = [near_the_end(1.0), at_the_start(0.2, 10)]

    called = said(guide(echo, POSITIVE, NEGATIVE, 7.0, skip_negative=rules), [9.0, 5.0, 4.0, 3.0, 0.9, 0.5, 0.1])

    guided = 1.0 + 7.0 * 2.0
    assert called == [3.0, 3.0, 3.0, guided, guided, 3.0, guided]  # the first three, and the odd ones below 1
    assert len(echo.calls) == 4 + 2 * 3


def test_skipped_calls_still_join_parts_by_their_weights() -> None:
    parts = joined((3.0, 1.0), (5.0, 0.5), (2.0, -1.0))

    denoised = guide(Echo(), parts, NEGATIVE, 7.0, skip_negative=[near_the_end(9.0, every_call=True)])(X, 1.0)

    assert denoised.x0.unique().tolist() == [3.0 + 0.5 * (5.0 - 3.0) - 1.0 * (2.0 - 3.0)]
    assert denoised.unconditional.unique().tolist() == [3.0]


def test_outside_an_interval_of_noise_levels_there_is_no_guidance() -> None:
    echo = Echo()

    called = said(guide(echo, POSITIVE, NEGATIVE, guided_within(0.5, 5.0, 7.0)), [9.0, 5.0, 1.0, 0.5])

    assert called == [3.0, 15.0, 15.0, 3.0]
    assert len(echo.calls) == 1 + 2 + 2 + 1


def test_parts_of_different_length_are_made_alike_and_the_negative_left_apart() -> None:
    echo = Echo()
    parts = [Weighted(always(text(3.0))), Weighted(always(text(2.0, tokens=154)))]

    guide(echo, parts, NEGATIVE, 7.0)(X, 1.0)

    assert echo.tokens == [154, 154, 77]


def test_lengths_may_be_matched() -> None:
    echo = Echo()
    for match in (stretched, padded_with(torch.zeros(1, 77, 16))):
        guide(echo, POSITIVE, LONGER, 7.0, match_lengths=match)(X, 1.0)

    assert echo.tokens == [77, 77, 154, 154]


def test_a_skipped_negative_still_decides_on_the_length() -> None:
    echo = Echo()
    padded = padded_with(torch.zeros(1, 77, 16))

    guide(echo, POSITIVE, LONGER, 7.0, match_lengths=padded, skip_negative=[near_the_end(9.0, every_call=True)])(X, 1.0)

    assert echo.tokens == [154]


@pytest.mark.parametrize("interval", [(0.0, 100.0), (2.0, 100.0)])
def test_a_negative_that_cancels_out_still_decides_on_the_length(interval: tuple[float, float]) -> None:
    echo = Echo()
    scale = guided_within(*interval, 1.0)  # outside it there is no guidance at all

    for match in (padded_with(torch.zeros(1, 77, 16)), stretched):
        for positive, negative in ((POSITIVE, LONGER), (LONGER, POSITIVE)):
            guide(echo, positive, negative, scale, match_lengths=match)(X, 1.0)

    assert echo.calls == [1] * 4
    assert echo.tokens == [154, 154, 77, 154]  # the old way changes the negative prompt alone


class Tilted(Echo):
    """Adds a slope, so that predictions have a spread: as much as the text says."""

    def __call__(self, x: Tensor, sigma: float, conditioning: Conditioning) -> Tensor:
        return super().__call__(x, sigma, conditioning) * torch.linspace(-1, 1, 8)


def test_contrast_is_taken_back_to_that_of_the_positive_prediction() -> None:
    tilted = Tilted()
    full = guide(tilted, POSITIVE, NEGATIVE, 7.0)(X, 1.0)

    denoised = guide(tilted, POSITIVE, NEGATIVE, 7.0, rescale=0.7)(X, 1.0)

    positive = tilted(X, 1.0, POSITIVE)
    assert torch.equal(denoised.x0, rescaled(full.x0, positive, amount=0.7))
    assert positive.std() < denoised.x0.std() < full.x0.std()
    assert torch.equal(denoised.unconditional, full.unconditional)


def a_network() -> UNet:
    network = UNet(UNetConfig(channels=(32, 32), blocks=1, depths=(1, 0), heads=4, context=16))
    network.load_state_dict({name: weight(name, tuple(t.shape)) for name, t in network.state_dict().items()})
    return network.eval()


@torch.inference_mode()
def test_on_a_cpu_a_prompts_bytes_do_not_depend_on_what_it_is_joined_with() -> None:
    denoise = denoiser(a_network(), discrete(scaled_linear(0.00085, 0.012), predicts="noise"))
    contexts = torch.randn(3, 1, 77, 16, generator=torch.Generator().manual_seed(0))
    one, other, away = (Conditioning(context) for context in contexts)
    x = PictureNoise([1])((4, 8, 8)) * 5

    together = guide(denoise, [Weighted(always(one)), Weighted(always(other), 0.5)], away, 7.0)(x, 5.0)

    base = denoise(x, 5.0, away)
    expected = base + (denoise(x, 5.0, one) - base) * 7.0 + (denoise(x, 5.0, other) - base) * 3.5
    assert torch.equal(together.x0, expected)
    assert torch.equal(together.unconditional, base)
