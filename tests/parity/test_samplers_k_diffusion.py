"""Samplers against k-diffusion's own functions with the same noise, and against values computed by the web UI."""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.naming import effective_schedule
from mezzotint.diffusion.noise import PhiloxNoise, step_noise
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.sampling import Denoised
from mezzotint.diffusion.schedules import SCHEDULES
from mezzotint.diffusion.start import from_noise

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
SHAPE = (4, 8, 8)
SEEDS = [1234, 1235]
RELATIVE = 1e-4  # to the largest value: float32 arithmetic in another order
PRINTED = 1.5e-5  # the golden values have five decimals, computed in float32
PRINTED_STATISTICS = 2e-6
UNUSED = ["scipy", "torchdiffeq", "torchsde", "torchvision", "torchvision.transforms", "tqdm", "tqdm.auto"]
"""Heavy things that k-diffusion's samplers import and the functions compared here do not call (tqdm: only to count)."""

# sampler, schedule, options: first values of both pictures, then mean and standard deviation over both
GOLDEN = {
    ("DPM++ 2M", "Karras", ()): ([-0.59860, 0.40010, -0.37484, -0.50196], [0.11256, 0.57584, -0.43374, 0.61608],
                                 0.012394, 0.436855),
    ("Euler a", None, ()): ([0.23698, 0.01520, -0.23680, 0.22557], [0.32087, -0.15189, -0.48319, 0.55496],
                            -0.003828, 0.383774),
    ("Euler a", None, (("eta", 0.5),)): ([-0.42777, 0.47010, -0.49257, 0.11887], [-0.00016, 0.21922, -0.62060, 0.70359],
                                         0.000755, 0.457914),
    ("Euler", None, ()): ([-0.66542, 0.42605, -0.39627, -0.55024], [0.11314, 0.63957, -0.46646, 0.68438],
                          0.014160, 0.477264),
    ("Euler", None, (("s_churn", 10.0),)): ([0.39833, -0.21697, -0.37488, 0.04243],
                                            [0.56875, -0.01471, -0.55805, 0.44027], -0.003543, 0.425658),
    ("Euler", "SGM Uniform", ()): ([-0.77007, 0.44991, -0.41522, -0.60523], [0.11355, 0.73101, -0.49841, 0.79944],
                                   0.016669, 0.534483),
    ("DDIM", None, ()): ([-0.83519, 0.46129, -0.42411, -0.63407], [0.11375, 0.78509, -0.51403, 0.87437],
                         0.018268, 0.569867),
    ("DDIM", None, (("eta", 1.0),)): ([0.18725, 0.08430, -0.30258, 0.25208], [0.30097, -0.15539, -0.58373, 0.64689],
                                      -0.002284, 0.439644),
}  # fmt: skip

COMPARED = [
    ("Euler", "sample_euler", {}),
    ("Euler", "sample_euler", {"s_churn": 6.0, "s_noise": 1.05}),
    ("Euler", "sample_euler", {"s_churn": 6.0, "s_tmin": 0.3, "s_tmax": 8.0}),
    ("Euler a", "sample_euler_ancestral", {}),
    ("Euler a", "sample_euler_ancestral", {"eta": 0.4, "s_noise": 0.9}),
    ("DPM++ 2M", "sample_dpmpp_2m", {}),
]


def toy(x: Tensor, sigma: float) -> Denoised:
    x0 = torch.tanh(x / (1 + sigma))
    return Denoised(x0=x0, unconditional=x0)


def ours(sampler: str, schedule: str, steps: int, **options: float) -> Tensor:
    start = from_noise(SAMPLERS[sampler], SD1, SCHEDULES[schedule], steps)
    source = PhiloxNoise(SEEDS)
    x = start.mix(source(SHAPE))
    return list(SAMPLERS[sampler](toy, x, start.sigmas, step_noise(source, SHAPE), **options))[-1].x


@pytest.fixture(scope="module")
def k_diffusion() -> Iterator[ModuleType]:
    """Its ``sampling`` module, loaded without its package, which would import a training stack."""
    found = PathFinder.find_spec("k_diffusion")
    if found is None or found.submodule_search_locations is None:
        pytest.skip("k-diffusion is not installed")
    package = ModuleType("k_diffusion")
    package.__path__ = list(found.submodule_search_locations)
    stubs: dict[str, Any] = {name: MagicMock(name=name) for name in UNUSED}
    stubs["tqdm.auto"].trange = lambda count, **_: range(count)
    with pytest.MonkeyPatch.context() as patch:
        for name, module in {**stubs, "k_diffusion": package}.items():
            patch.setitem(sys.modules, name, module)
        yield import_module("k_diffusion.sampling")
        for name in [name for name in sys.modules if name.startswith("k_diffusion.")]:
            del sys.modules[name]


@pytest.mark.parametrize("schedule", ["Automatic", "Karras", "SGM Uniform"])
@pytest.mark.parametrize("steps", [1, 2, 10, 25])
@pytest.mark.parametrize(("sampler", "function", "options"), COMPARED)
def test_results_equal_k_diffusion(
    k_diffusion: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    sampler: str,
    function: str,
    options: dict[str, float],
    schedule: str,
    steps: int,
) -> None:
    sigmas = torch.tensor(SCHEDULES[schedule](SD1, steps))
    source = PhiloxNoise(SEEDS)
    x = source(SHAPE) * sigmas[0]
    monkeypatch.setattr(torch, "randn_like", lambda like: source(tuple(like.shape[1:])))  # where it takes its noise
    sample: Callable[..., Tensor] = getattr(k_diffusion, function)

    theirs = sample(lambda x, sigma: toy(x, sigma[:, None, None, None]).x0, x, sigmas, disable=True, **options)

    result = ours(sampler, schedule, steps, **options)
    assert (result - theirs).abs().max().item() <= RELATIVE * theirs.abs().max().item()


@pytest.mark.parametrize("case", GOLDEN, ids=str)
def test_results_equal_the_golden_values(case: tuple[str, str | None, tuple[tuple[str, float], ...]]) -> None:
    sampler, schedule, options = case
    first, second, mean, deviation = GOLDEN[case]

    result = ours(sampler, effective_schedule(SAMPLERS[sampler], schedule), 10, **dict(options))

    assert result[0, 0, 0, :4].tolist() == pytest.approx(first, abs=PRINTED)
    assert result[1, 0, 0, :4].tolist() == pytest.approx(second, abs=PRINTED)
    assert result.mean().item() == pytest.approx(mean, abs=PRINTED_STATISTICS)
    assert result.std().item() == pytest.approx(deviation, abs=PRINTED_STATISTICS)
