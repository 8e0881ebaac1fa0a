"""A request as passes: one run of the sampler each, with its size, words, steps and levels."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mezzotint.contract.requests import GenerationRequest
from mezzotint.diffusion.naming import effective_schedule, sampler_and_schedule
from mezzotint.diffusion.noise_process import NoiseProcess, downcast, for_timestep_sampler, quantized, zero_terminal_snr
from mezzotint.diffusion.samplers import SAMPLERS
from mezzotint.diffusion.sampling import Sampler, Schedule
from mezzotint.diffusion.schedules import SCHEDULES
from mezzotint.diffusion.schedules.options import with_options
from mezzotint.diffusion.start import Start, from_noise, from_picture
from mezzotint.families.family import Family
from mezzotint.prompt.reading import ReadPrompt, read_negative, read_prompt

_OLD_KARRAS = {"sigma_min": 0.1, "sigma_max": 10.0}


@dataclass(frozen=True)
class Pass:
    """One run of a sampler over latents, and by which words.

    ``start`` has the noise levels that it visits, ``process`` the model's as this request changes it, and ``options``
    are the sampler's own.
    """

    width: int
    height: int
    steps: int
    sampler: Sampler
    schedule: Schedule
    process: NoiseProcess
    options: Mapping[str, float | str]
    scale: float
    positive: ReadPrompt
    negative: ReadPrompt
    start: Start


def first_pass(request: GenerationRequest, family: Family) -> Pass:
    """The only pass of most requests, the small one of those with a second."""
    sampler = _sampler(request, request.sampler or family.default_sampler)
    steps = request.steps or family.default_steps
    process = _process(request, family, sampler)
    schedule = _schedule(request, family, request.scheduler or "Automatic")
    init = request.init
    if init is None:
        start = from_noise(
            sampler,
            process,
            schedule,
            steps,
            discard_penultimate=request.discard_penultimate,
            sgm_noise_multiplier=request.sgm_noise_multiplier,
        )
    else:
        start = from_picture(
            sampler,
            process,
            schedule,
            steps,
            init.strength,
            keep_steps=init.fix_steps,
            discard_penultimate=request.discard_penultimate,
            noise_multiplier=init.noise_multiplier,
            extra_noise=init.extra_noise,
        )
    order, old = sampler.second_order, request.old_ways.prompt_editing
    return Pass(
        width=request.width or family.native_px,
        height=request.height or family.native_px,
        steps=steps,
        sampler=sampler,
        schedule=schedule,
        process=process,
        options=sampler_options(request, sampler),
        scale=family.default_cfg if request.cfg_scale is None else request.cfg_scale,
        positive=read_prompt(request.prompt, steps=steps, second_order=order, old_scheduling=old),
        negative=read_negative(request.negative, steps=steps, second_order=order, old_scheduling=old),
        start=start,
    )


def second_pass(request: GenerationRequest, family: Family, first: Pass, size: tuple[int, int]) -> Pass:
    """The pass of ``size`` pixels over the enlarged picture. Raises UnknownName."""
    hires = request.hires
    assert hires is not None
    name, schedule_name = sampler_and_schedule(hires.sampler or first.sampler.name, hires.scheduler)
    sampler = _sampler(request, name)
    if hires.sampler is None and hires.scheduler is None:
        schedule_name = request.scheduler or "Automatic"
    steps = hires.steps or first.steps
    process = _process(request, family, sampler)
    schedule = _schedule(request, family, effective_schedule(sampler, schedule_name))
    start = from_picture(
        sampler,
        process,
        schedule,
        steps,
        hires.strength,
        keep_steps=True,
        discard_penultimate=request.discard_penultimate,
        extra_noise=hires.extra_noise,
    )

    def read_as(read: Callable[..., ReadPrompt], text: str) -> ReadPrompt:
        return read(
            text,
            steps=first.steps,
            hires_steps=None if request.old_ways.hires_first_prompts else steps,
            second_order=first.sampler.second_order,
            hires_second_order=sampler.second_order,
            old_scheduling=request.old_ways.prompt_editing,
        )

    width, height = size
    return Pass(
        width=width,
        height=height,
        steps=steps,
        sampler=sampler,
        schedule=schedule,
        process=process,
        options=sampler_options(request, sampler),
        scale=first.scale if hires.cfg_scale is None else hires.cfg_scale,
        positive=read_as(read_prompt, hires.prompt or request.prompt),
        negative=read_as(read_negative, hires.negative or request.negative),
        start=start,
    )


def sampler_options(request: GenerationRequest, sampler: Sampler) -> dict[str, float | str]:
    """Those of the request's options that differ from the usual and that the sampler takes."""
    unipc = request.unipc
    told: dict[str, float | str | None] = {
        "eta": request.eta,
        "s_churn": request.s_churn or None,
        "s_tmin": request.s_tmin or None,
        "s_tmax": request.s_tmax,
        "s_noise": None if request.s_noise == 1 else request.s_noise,
        "variant": None if unipc.variant == "bh1" else unipc.variant,
        "order": None if unipc.order == 3 else unipc.order,
        "lower_order_final": None if unipc.lower_order_final else False,
    }
    if sampler.name != "UniPC":  # LMS has an order too, of its own
        told["order"] = None
    return sampler.accepted({name: value for name, value in told.items() if value is not None})


def _sampler(request: GenerationRequest, name: str) -> Sampler:
    """The sampler of that name; one with a grid of its own spaces it as the request wants."""
    sampler = SAMPLERS[name]
    if sampler.regrid is None:
        return sampler
    return replace(sampler, regrid=with_options(sampler.regrid, skip=request.unipc.skip_type))


def _process(request: GenerationRequest, family: Family, sampler: Sampler) -> NoiseProcess:
    process = family.noise_process
    if request.old_ways.downcast_alphas:
        process = downcast(process)
    if request.zero_terminal_snr:
        process = zero_terminal_snr(process)
    if request.quantize_timesteps:
        process = quantized(process)
    return for_timestep_sampler(process) if sampler.timestep_space else process


def _schedule(request: GenerationRequest, family: Family, name: str) -> Schedule:
    given: dict[str, float | str] = {
        "sigma_min": request.sigma_min or 0,
        "sigma_max": request.sigma_max or 0,
        "rho": request.rho or 0,
        "alpha": request.beta_alpha,
        "beta": request.beta_beta,
        "table": "sdxl" if family.name.startswith("sdxl") else "sd1",
    }
    if request.old_ways.karras_sigmas and name == "Karras":
        given |= _OLD_KARRAS
    return with_options(SCHEDULES[name], **given)


def sigma_interval(process: NoiseProcess, interval: tuple[float, float]) -> tuple[float, float] | None:
    """The noise levels of a share of the way from noise (0) to picture (1), None for all of it."""
    begin, end = interval
    if (begin, end) == (0.0, 1.0):
        return None
    high = math.inf if begin == 0 else process.sigma(process.last_timestep * (1 - begin))
    low = 0.0 if end == 1 else process.sigma(process.last_timestep * (1 - end))
    return low, high
