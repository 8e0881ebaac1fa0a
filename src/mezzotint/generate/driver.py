"""The driver: takes a request through resolving, loading, sampling, decoding and finishing."""

import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from time import perf_counter

import torch

from mezzotint.contract.events import Monitor, PictureReady, Silent, Started, Warned
from mezzotint.contract.requests import GenerationRequest
from mezzotint.contract.results import GenerationResult, Picture
from mezzotint.diffusion.denoiser import denoiser
from mezzotint.diffusion.guidance.cfg import guide
from mezzotint.diffusion.noise import PhiloxNoise, step_noise
from mezzotint.diffusion.sampling import Denoise
from mezzotint.engine.engine import Engine
from mezzotint.engine.memory import naming_out_of_memory, network_dtype, pictures_at_once
from mezzotint.families.family import Frame, Model
from mezzotint.generate.conditioning import conditionings
from mezzotint.generate.decode import decode
from mezzotint.generate.finish import finish
from mezzotint.generate.reporting import Reporting
from mezzotint.generate.resolve import resolve
from mezzotint.generate.start import first_picture, levels, sampler_of
from mezzotint.shapes import Latents

log = logging.getLogger(__name__)
_SILENT = Silent()


def generate(engine: Engine, request: GenerationRequest, monitor: Monitor = _SILENT) -> GenerationResult:
    """The pictures of a request, seed by seed; stopped early, those that were begun.

    Raises RequestError, ModelFileError or ResourceError of some kind.
    """
    resolved = resolve(request, engine.catalog)
    for warning in resolved.warnings:
        monitor.emit(Warned(warning))
    monitor.emit(Started(resolved.request))
    with naming_out_of_memory(), torch.inference_mode():
        return _Making(engine, resolved.request, monitor).run()


class _Making:
    """One resolved request on its way."""

    def __init__(self, engine: Engine, request: GenerationRequest, monitor: Monitor) -> None:
        self.engine = engine
        self.request = request
        self.monitor = monitor
        self.timings: dict[str, float] = {}
        self.was_stopped = False

    def run(self) -> GenerationResult:
        """Load, encode, then sample and decode batch by batch."""
        since = perf_counter()
        request = self.request
        with self._timed("load"):
            model = self.engine.load(request.model)
        frame = Frame(request.width or model.family.native_px, request.height or model.family.native_px)
        with self._timed("text"):
            positive, negative = conditionings(model, request, frame)
        with self._timed("sample"):
            init = first_picture(model, request.init, frame) if request.init else None
        network = denoiser(model.network, model.family.noise_process, dtype=network_dtype(self.engine.device))
        scale = model.family.default_cfg if request.cfg_scale is None else request.cfg_scale
        denoise = guide(network, positive, negative, scale)

        pictures: list[Picture] = []
        for latents, seed in self._sampled(model, denoise, frame, init.latents if init else None):
            with self._timed("decode"):
                image = decode(model, latents)
            picture = finish(image, request, seed, model.source, init_hash=init.pixel_hash if init else "")
            pictures.append(picture)
            self.monitor.emit(PictureReady(picture, len(pictures), request.count))
        self.timings["total"] = perf_counter() - since
        log.info("%d pictures in %.1f s", len(pictures), self.timings["total"])
        return GenerationResult(tuple(pictures), self.timings, self.was_stopped)

    def _sampled(
        self, model: Model, denoise: Denoise, frame: Frame, init: Latents | None
    ) -> Iterator[tuple[Latents, int]]:
        """Final latents and seed of each picture."""
        request, space, device = self.request, model.family.latents, self.engine.device
        sampler, options = sampler_of(request)
        start = levels(model, request, sampler)
        shape = (space.channels, frame.height // space.cell_px, frame.width // space.cell_px)
        reporting = Reporting(self.monitor, space, steps=start.steps, pictures=request.count)
        seeds = range(request.seed, request.seed + request.count)
        at_once = pictures_at_once(device, area_px=frame.width * frame.height, native_px=model.family.native_px)
        for first in range(0, len(seeds), at_once):
            if self._should_stop():
                return
            batch = seeds[first : first + at_once]
            source = PhiloxNoise(batch, device=device)
            x = start.mix(source(shape), init)
            with self._timed("sample"):
                steps = sampler(denoise, x, start.sigmas, step_noise(source, shape), **options)
                for number, step in enumerate(steps, 1):
                    x = step.x
                    reporting.step(step, number, picture=first + 1, batch=len(batch))
                    if number < start.steps and self._should_stop():
                        x = step.x0
                        break
            yield from ((x[i : i + 1], seed) for i, seed in enumerate(batch))

    def _should_stop(self) -> bool:
        self.was_stopped = self.was_stopped or self.monitor.stop_requested()
        return self.was_stopped

    @contextmanager
    def _timed(self, phase: str) -> Generator[None, None, None]:
        since = perf_counter()
        yield
        self.timings[phase] = self.timings.get(phase, 0.0) + perf_counter() - since
