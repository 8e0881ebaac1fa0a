"""Samplers against k-diffusion's own functions with the same noise, and against values computed by the web UI."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType

import pytest
import torch
from torch import Tensor

from mezzotint.diffusion.brownian import brownian_noise
from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.denoiser import denoiser
from mezzotint.diffusion.naming import effective_schedule
from mezzotint.diffusion.noise import PictureNoise, step_noise
from mezzotint.diffusion.noise_process import discrete, scaled_linear
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.sampling import Denoise, Denoised, Sigmas
from mezzotint.diffusion.schedules import SCHEDULES
from mezzotint.diffusion.start import from_noise
from mezzotint.nn.unet import UNet, UNetConfig
from tests.factories import weight
from tests.parity import oracles

SD1 = discrete(scaled_linear(0.00085, 0.012), predicts="noise")
SHAPE = (4, 8, 8)
SEEDS = [1234, 1235]
RELATIVE = 1e-9  # to the largest value, in double precision; k-diffusion integrates LMS numerically
THROUGH_NETWORK = 1e-4  # the network computes in float32, and magnifies what differs from step to step
PRINTED = 1.5e-5  # the golden values have five decimals, computed in float32
PRINTED_STATISTICS = 2e-6
BY_PATH = 1e-3  # a Brownian path turns a rounding of 1e-6 in sigma into 1e-3 of noise
BY_PATH_STATISTICS = 2e-5
SMALL_UNET = UNetConfig(channels=(32, 64, 64), blocks=1, depths=(1, 1, 0), heads=2, context=32)


@dataclass(frozen=True)
class Golden:
    """What the web UI makes of the toy: first values of both pictures, mean and deviation over both, model calls."""

    sampler: str
    calls: int
    first: str
    second: str
    statistics: str
    schedule: str | None = None
    steps: int = 10
    options: dict[str, float] = field(default_factory=dict[str, float])

    def __str__(self) -> str:
        return f"{self.sampler} {self.schedule or ''} {self.steps} {self.options or ''}"


GOLDEN = [
    Golden("DPM++ 2M", 10, "-.59860 .40010 -.37484 -.50196", ".11256 .57584 -.43374 .61608", ".012394 .436855"),
    Golden("DPM++ SDE", 19, "-.32848 .14713 -.03605 -.45638", ".45578 -.29813 .47812 -.03248", ".025781 .329506"),
    Golden("DPM++ 2M SDE", 10, "-.15720 .16669 .01097 -.43846", ".48181 -.32959 .52764 -.11363", ".025535 .333033"),
    Golden(
        "DPM++ 2M SDE Heun", 10, "-.13544 .22408 .02898 -.41029", ".48190 -.35207 .52512 -.18377", ".024399 .337824"
    ),
    Golden("DPM++ 2S a", 19, ".03641 -.13647 -.30004 .19999", ".18462 -.15031 -.30355 .40810", "-.008497 .310635"),
    Golden("DPM++ 3M SDE", 10, "-.32674 .07764 .17406 -.42898", ".39416 -.01568 .52823 -.15510", ".032746 .335792"),
    Golden("Euler a", 10, ".23698 .01520 -.23680 .22557", ".32087 -.15189 -.48319 .55496", "-.003828 .383774"),
    Golden(
        "Euler a", 10, "-.42777 .47010 -.49257 .11887", "-.00016 .21922 -.62060 .70359", ".000755 .457914",
        options={"eta": 0.5},
    ),
    Golden("Euler", 10, "-.66542 .42605 -.39627 -.55024", ".11314 .63957 -.46646 .68438", ".014160 .477264"),
    Golden(
        "Euler", 10, ".39833 -.21697 -.37488 .04243", ".56875 -.01471 -.55805 .44027", "-.003543 .425658",
        options={"s_churn": 10.0},
    ),
    Golden("Euler", 10, "-.68836 .43553 -.40402 -.56820", ".11333 .66224 -.47854 .70697", ".014774 .491417", "Beta"),
    Golden(
        "Euler", 10, "-.77007 .44991 -.41522 -.60523", ".11355 .73101 -.49841 .79944", ".016669 .534483", "SGM Uniform"
    ),
    Golden("LMS", 10, "-.63544 .41495 -.38717 -.52896", ".11291 .61104 -.45233 .65373", ".013377 .459334"),
    Golden("Heun", 19, "-.18426 .30170 -.29564 -.28426", ".11064 .21500 -.30418 .15911", ".002485 .233969"),
    Golden("DPM2", 19, "-.64808 .41375 -.38590 -.53056", ".11283 .61997 -.45150 .66976", ".013634 .464625"),
    Golden("DPM2 a", 19, ".15500 -.12871 -.29638 .13460", ".32056 -.09767 -.36282 .38409", "-.007236 .318457"),
    Golden("DPM fast", 10, ".02779 .48229 -.44079 .52987", "-.42359 -.51312 -.55533 .60311", ".016713 .343601"),
    Golden("DPM adaptive", 18, "-.22590 -.18876 -.20543 .26047", ".16320 .12231 -.17281 .19295", "-.006118 .359971"),
    Golden("Restart", 19, "-.56999 .38756 -.36418 -.48102", ".11221 .54892 -.41853 .58627", ".011611 .418999"),
    Golden(
        "Restart", 39, ".17671 .57323 -.31565 .38869", "-.40787 -.36393 -.50326 .58559", ".008898 .399297", steps=20
    ),
    Golden(
        "Restart", 79, "-.06771 .60998 -.50289 .55031", "-.18108 -.50151 -.44235 .52108", ".014296 .380358", steps=40
    ),
    Golden("DDIM", 9, "-.83519 .46129 -.42411 -.63407", ".11375 .78509 -.51403 .87437", ".018268 .569867"),
    Golden("DDIM CFG++", 9, "-.83519 .46129 -.42411 -.63407", ".11375 .78509 -.51403 .87437", ".018268 .569867"),
    Golden(
        "DDIM", 9, ".18725 .08430 -.30258 .25208", ".30097 -.15539 -.58373 .64689", "-.002284 .439644",
        options={"eta": 1.0},
    ),
    Golden("PLMS", 10, "-.80715 .45318 -.41763 -.61649", ".11361 .75908 -.50331 .84525", ".017593 .553837"),
    Golden("UniPC", 10, "-.81647 .46483 -.42869 -.62943", ".11710 .77016 -.51562 .85255", ".017719 .562328"),
]  # fmt: skip

# sampler, k-diffusion's function, options of both
COMPARED: list[tuple[str, str, dict[str, float]]] = [
    ("Euler", "sample_euler", {}),
    ("Euler", "sample_euler", {"s_churn": 6.0, "s_noise": 1.05}),
    ("Euler", "sample_euler", {"s_churn": 6.0, "s_tmin": 0.3, "s_tmax": 8.0}),
    ("Euler a", "sample_euler_ancestral", {}),
    ("Euler a", "sample_euler_ancestral", {"eta": 0.4}),
    ("Heun", "sample_heun", {}),
    ("Heun", "sample_heun", {"s_churn": 6.0, "s_tmin": 0.3, "s_tmax": 8.0, "s_noise": 1.05}),
    ("DPM2", "sample_dpm_2", {}),
    ("DPM2", "sample_dpm_2", {"s_churn": 6.0, "s_tmin": 0.3, "s_tmax": 8.0, "s_noise": 1.05}),
    ("DPM2 a", "sample_dpm_2_ancestral", {}),
    ("DPM2 a", "sample_dpm_2_ancestral", {"eta": 0.4, "s_noise": 0.9}),
    ("LMS", "sample_lms", {}),
    ("LMS", "sample_lms", {"order": 2}),
    ("DPM fast", "sample_dpm_fast", {"eta": 1.0}),
    ("DPM fast", "sample_dpm_fast", {"eta": 0.0}),
    ("DPM fast", "sample_dpm_fast", {"eta": 0.4, "s_noise": 0.9}),
    ("DPM adaptive", "sample_dpm_adaptive", {"eta": 1.0}),
    ("DPM adaptive", "sample_dpm_adaptive", {"eta": 0.0, "rtol": 0.01}),
    ("DPM++ 2S a", "sample_dpmpp_2s_ancestral", {}),
    ("DPM++ 2S a", "sample_dpmpp_2s_ancestral", {"eta": 0.4, "s_noise": 0.9}),
    ("DPM++ SDE", "sample_dpmpp_sde", {}),
    ("DPM++ SDE", "sample_dpmpp_sde", {"eta": 0.4, "s_noise": 0.9}),
    ("DPM++ 2M", "sample_dpmpp_2m", {}),
    ("DPM++ 2M SDE", "sample_dpmpp_2m_sde", {}),
    ("DPM++ 2M SDE", "sample_dpmpp_2m_sde", {"eta": 0.4, "s_noise": 0.9}),
    ("DPM++ 2M SDE", "sample_dpmpp_2m_sde", {"eta": 0.0}),
    ("DPM++ 2M SDE Heun", "sample_dpmpp_2m_sde", {"eta": 0.4, "s_noise": 0.9}),
    ("DPM++ 3M SDE", "sample_dpmpp_3m_sde", {}),
    ("DPM++ 3M SDE", "sample_dpmpp_3m_sde", {"eta": 0.4, "s_noise": 0.9}),
    ("DPM++ 3M SDE", "sample_dpmpp_3m_sde", {"eta": 0.0}),
]
EVERY_FUNCTION = {(sampler, function): options for sampler, function, options in reversed(COMPARED)}


def toy(x: Tensor, sigma: float) -> Denoised:
    x0 = torch.tanh(x / (1 + sigma))
    return Denoised(x0=x0, unconditional=x0)


def toy_at_whole_timesteps(x: Tensor, sigma: float) -> Denoised:
    """The toy as a network that is told the nearest whole timestep and believes it: what the values were made with."""
    told = SD1.sigmas[round(SD1.timestep(sigma))]
    shown = x * math.sqrt((1 + told**2) / (1 + sigma**2))
    x0 = x - (shown - toy(shown, told).x0) * (sigma / told)
    return Denoised(x0=x0, unconditional=x0)


def numbers(text: str) -> list[float]:
    return [float(number) for number in text.split()]


@pytest.mark.parametrize("golden", GOLDEN, ids=str)
def test_results_equal_the_golden_values(golden: Golden) -> None:
    sampler = SAMPLERS[golden.sampler]
    schedule = SCHEDULES[effective_schedule(sampler, golden.schedule)]
    start = from_noise(sampler, SD1, schedule, golden.steps)
    source = PictureNoise(SEEDS)
    x = start.mix(source(SHAPE))
    noise = brownian_noise(SEEDS, SHAPE, start.span) if sampler.brownian else step_noise(source, SHAPE)
    values, statistics = (BY_PATH, BY_PATH_STATISTICS) if sampler.brownian else (PRINTED, PRINTED_STATISTICS)
    looks: list[float] = []

    def denoise(x: Tensor, sigma: float) -> Denoised:
        looks.append(sigma)
        return toy_at_whole_timesteps(x, sigma) if sampler.timestep_space else toy(x, sigma)

    result = list(sampler(denoise, x, start.sigmas, noise, **golden.options))[-1].x

    assert len(looks) == golden.calls
    assert result[0, 0, 0, :4].tolist() == pytest.approx(numbers(golden.first), abs=values)
    assert result[1, 0, 0, :4].tolist() == pytest.approx(numbers(golden.second), abs=values)
    assert [result.mean().item(), result.std().item()] == pytest.approx(numbers(golden.statistics), abs=statistics)


@pytest.fixture(scope="module")
def k_diffusion() -> Iterator[ModuleType]:
    with oracles.k_diffusion() as (sampling, _):
        yield sampling


@pytest.fixture
def in_double_precision() -> Iterator[None]:
    """In which two ways of writing one formula give one result."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def draws() -> Callable[[], Tensor]:
    """One draw for both pictures after another, in the precision of the day."""
    source = PictureNoise(SEEDS)
    return lambda: source(SHAPE).to(torch.get_default_dtype())


def theirs(
    sampling: ModuleType,
    name: str,
    denoise: Denoise,
    x: Tensor,
    sigmas: Sigmas,
    noise: Callable[[], Tensor],
    **options: float | str,
) -> Tensor:
    """The result of k-diffusion's function; the stochastic ones, which have a source of their own, are handed ours."""
    if name == "sample_dpmpp_2m_sde_heun":
        name, options = "sample_dpmpp_2m_sde", {**options, "solver_type": "heun"}
    levels = torch.tensor(sigmas)
    ends = {"sigma_min": min(sigma for sigma in sigmas if sigma > 0), "sigma_max": sigmas[0]}
    grid = {
        "sample_dpm_fast": {**ends, "n": len(sigmas) - 1},
        "sample_dpm_adaptive": ends,
    }.get(name, {"sigmas": levels})
    drawn = {"noise_sampler": lambda sigma, sigma_next: noise()} if "_sde" in name else {}
    sample: Callable[..., Tensor] = getattr(sampling, name)
    return sample(
        lambda x, sigma: denoise(x, float(sigma.flatten()[0])).x0, x, **grid, **drawn, disable=True, **options
    )


def difference(
    sampling: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    denoise: Denoise,
    sigmas: Sigmas,
    case: tuple[str, str],
    options: dict[str, float],
) -> float:
    """The largest deviation between both, as a share of the largest value."""
    sampler, function = case
    variant = "_heun" if sampler == "DPM++ 2M SDE Heun" else ""
    noise, again = draws(), draws()
    monkeypatch.setattr(torch, "randn_like", lambda like: noise())  # where it takes its noise
    x = noise() * sigmas[0]
    reference = theirs(sampling, function + variant, denoise, x, sigmas, noise, **options)

    again()
    result = list(SAMPLERS[sampler](denoise, x, sigmas, lambda sigma, sigma_next: again(), **options))[-1].x

    assert bool(torch.isfinite(reference).all())
    return ((result - reference).abs().max() / reference.abs().max()).item()


@pytest.mark.usefixtures("in_double_precision")
@pytest.mark.parametrize("schedule", ["Automatic", "Karras", "SGM Uniform", "KL Optimal"])
@pytest.mark.parametrize("steps", [2, 10, 25])
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
    sigmas = SCHEDULES[schedule](SD1, steps)

    assert difference(k_diffusion, monkeypatch, toy, sigmas, (sampler, function), options) <= RELATIVE


@pytest.fixture(scope="module")
def network() -> UNet:
    with torch.device("meta"):
        unet = UNet(SMALL_UNET)
    filled = {name: weight(name, tuple(tensor.shape)) for name, tensor in unet.state_dict().items()}
    unet.load_state_dict(filled, assign=True)
    return unet.eval().requires_grad_(False)


@torch.inference_mode()
@pytest.mark.parametrize("case", EVERY_FUNCTION, ids="-".join)
def test_twelve_steps_through_a_network_equal_k_diffusion(
    k_diffusion: ModuleType, monkeypatch: pytest.MonkeyPatch, network: UNet, case: tuple[str, str]
) -> None:
    predict = denoiser(network, SD1)
    told = Conditioning(context=weight("context", (1, 77, SMALL_UNET.context)))

    def denoise(x: Tensor, sigma: float) -> Denoised:
        x0 = predict(x, sigma, told)
        return Denoised(x0=x0, unconditional=x0)

    sigmas = SCHEDULES[SAMPLERS[case[0]].schedule](SD1, 12)

    assert difference(k_diffusion, monkeypatch, denoise, sigmas, case, EVERY_FUNCTION[case]) <= THROUGH_NETWORK
