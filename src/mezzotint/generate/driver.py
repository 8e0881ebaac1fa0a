"""The driver: takes a request through resolving, loading, sampling, decoding and finishing."""

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from mezzotint.contract.events import Monitor, PictureReady, Silent, Started, Warned
from mezzotint.contract.infotext import MadeWith
from mezzotint.contract.requests import GenerationRequest
from mezzotint.contract.results import GenerationResult, Picture
from mezzotint.diffusion.brownian import brownian_noise
from mezzotint.diffusion.noise import PictureNoise, step_noise
from mezzotint.diffusion.sampling import Noise
from mezzotint.diffusion.variations import seeds_of
from mezzotint.engine.engine import Engine
from mezzotint.engine.memory import naming_out_of_memory, network_dtype, pictures_at_once
from mezzotint.errors import NotNumbers
from mezzotint.families.family import Frame, Model
from mezzotint.generate.conditioning import Words
from mezzotint.generate.decode import decode
from mezzotint.generate.denoising import Guided, denoise_for
from mezzotint.generate.enlarging import enlarge_by, enlarged
from mezzotint.generate.extra_input import extra_input
from mezzotint.generate.finish import finish
from mezzotint.generate.inpainting import Inpainting, inpainting
from mezzotint.generate.passes import Pass, first_pass, second_pass
from mezzotint.generate.reporting import Reporting
from mezzotint.generate.resolve import expanded, resolve
from mezzotint.generate.start import FirstPicture, first_picture
from mezzotint.imaging.colour import colour_matched
from mezzotint.imaging.hires import HiresSize, hires_size
from mezzotint.nn.seamless import seamless
from mezzotint.shapes import Latents
from mezzotint.weights.hashes import short_hash

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
    parts = expanded(resolved.request, engine.catalog)
    made = list[GenerationResult]()
    with naming_out_of_memory(), torch.inference_mode():
        for first, request in parts:
            made.append(_Making(engine, request, monitor, first=first, of=resolved.request.count).run())
            if made[-1].was_stopped:
                break
    return made[0] if len(parts) == 1 else _joined(made)


def _joined(results: Sequence[GenerationResult]) -> GenerationResult:
    timings: dict[str, float] = {}
    for result in results:
        for phase, seconds in result.timings.items():
            timings[phase] = timings.get(phase, 0.0) + seconds
    pictures = tuple(picture for result in results for picture in result.pictures)
    return GenerationResult(pictures, timings, any(result.was_stopped for result in results))


@dataclass(frozen=True)
class _Batch:
    """Pictures that are made together: the number of the first, from 0, and their seeds."""

    first: int
    seeds: Sequence[int]
    subseeds: Sequence[int]


class _Making:
    """One resolved request on its way: ``of`` pictures are made in all, and its own come after the ``first``."""

    def __init__(
        self, engine: Engine, request: GenerationRequest, monitor: Monitor, *, first: int = 0, of: int | None = None
    ) -> None:
        self.first = first
        self.pictures = request.count if of is None else of
        self.engine = engine
        self.request = request
        self.monitor = monitor
        self.dtype = network_dtype(engine.device)
        self.timings: dict[str, float] = {}
        self.notes: dict[str, object] = {}  # what infotext tells besides
        self.was_stopped = False
        self._told: dict[tuple[str, bool], Guided] = {}

    def run(self) -> GenerationResult:
        """Load, encode, then sample and decode batch by batch."""
        since = perf_counter()
        request = self.request
        with self._timed("load"):
            model = self.engine.load(request.model, request.vae)
        first = first_pass(request, model.family)
        with self._timed("sample"):
            init = self._first_picture(model, first)
            hole = self._inpainting(model, init)
        self._count_steps(model, first)
        pictures: list[Picture] = []
        for batch in self._batches(model, first):
            with self._tiling(model):
                latents = self._sampled(model, first, batch, init, hole)
                if request.hires is not None and not self.was_stopped:
                    latents = self._second(model, first, batch, latents)
                images = self._decoded(latents, init, hole)
            made_with = self._made_with(model, init, hole)
            for image, seed, subseed in zip(images, batch.seeds, batch.subseeds, strict=True):
                picture = finish(image, request, made_with, seed=seed, subseed=subseed, extra=self.notes)
                pictures.append(picture)
                self.monitor.emit(PictureReady(picture, self.first + len(pictures), self.pictures))
        self.timings["total"] = perf_counter() - since
        log.info("%d pictures in %.1f s", len(pictures), self.timings["total"])
        return GenerationResult(tuple(pictures), self.timings, self.was_stopped)

    # what the request brings

    def _first_picture(self, model: Model, step: Pass) -> FirstPicture | None:
        init = self.request.init
        if init is None:
            return None
        enlarge = enlarge_by(init.upscaler, device=self.engine.device, should_stop=self._should_stop)
        return first_picture(model, init, Frame(step.width, step.height), enlarge=enlarge)

    def _inpainting(self, model: Model, init: FirstPicture | None) -> Inpainting | None:
        if init is None or self.request.mask is None:
            return None
        hole = inpainting(model, self.request, init)
        if hole is None:
            self.monitor.emit(Warned("the mask is empty, so the whole picture is redrawn"))
        return hole

    def _batches(self, model: Model, step: Pass) -> Iterator[_Batch]:
        """The seeds, as many at once as the device takes, until somebody stops the work."""
        request, side = self.request, model.family.native_px
        seeds, subseeds = seeds_of(
            request.seed, request.subseed, strength=request.subseed_strength, count=request.count
        )
        if not request.subseed_strength:
            subseeds = [-1] * request.count
        at_once = pictures_at_once(self.engine.device, area_px=step.width * step.height, native_px=side)
        if step.sampler.couples_pictures:
            at_once = 1
        for first in range(0, request.count, at_once):
            if self._should_stop():
                return
            yield _Batch(first, seeds[first : first + at_once], subseeds[first : first + at_once])

    # sampling

    def _sampled(
        self, model: Model, step: Pass, batch: _Batch, init: FirstPicture | None, hole: Inpainting | None
    ) -> Latents:
        """The latents that the first pass ends with."""
        noise = self._noise(step, batch, self._shape(model, step))
        picture = init.latents if init else None
        if hole is not None:
            fresh = self._noise(step, batch, self._shape(model, step))(self._shape(model, step))
            picture = hole.begin(fresh)
        latents = self._walk(model, step, batch, noise, picture, init=init, hole=hole)
        if hole is not None and hole.part.soft is None:
            latents = hole.blend()(latents, 0.0)
        return latents

    def _second(self, model: Model, first: Pass, batch: _Batch, latents: Latents) -> Float[Tensor, "b c h2 w2"]:
        """The latents that the second pass ends with."""
        hires = self.request.hires
        assert hires is not None
        size = self._hires_size(first)
        enlarge = partial(enlarge_by, hires.upscaler, device=self.engine.device, should_stop=self._should_stop)
        with self._timed("upscale"):
            picture = enlarged(self._last, latents, size, hires.upscaler, enlarge)
        if hires.model:
            with self._timed("load"):
                model = self.engine.load(hires.model, self.request.vae)
        step = second_pass(self.request, model.family, first, size.final)
        noise = self._noise(step, batch, self._shape(model, step))
        return self._walk(model, step, batch, noise, picture, first_size=size)

    def _walk(
        self,
        model: Model,
        step: Pass,
        batch: _Batch,
        noise: PictureNoise,
        picture: Latents | None,
        *,
        init: FirstPicture | None = None,
        hole: Inpainting | None = None,
        first_size: HiresSize | None = None,
    ) -> Latents:
        """One pass from noise, or from ``picture``, to latents; in float32 once more where half precision overflows."""
        self._last = model
        shape = self._shape(model, step)
        x = step.start.mix(noise(shape), picture)
        if not step.start.steps:
            return x

        def guided(of: Model) -> Guided:
            return self._guided(of, step, batch, init, hole, first_size)

        takes_refiner = self._takes_refiner(is_second=first_size is not None)
        denoise = denoise_for(
            self.request,
            step,
            guided(model),
            dtype=self.dtype,
            refiner=(lambda: guided(self._refiner())) if takes_refiner else None,
            blend=hole.blend() if hole else None,
        )
        source = self._step_noise(step, batch, noise, shape)
        before = 0 if first_size is None else self._steps_before
        try:
            with self._timed("sample"):
                for number, at in enumerate(step.sampler(denoise, x, step.start.sigmas, source, **step.options), 1):
                    x = at.x
                    shown = before + min(number, step.start.steps)  # DPM adaptive takes as many as it needs
                    self._reporting.step(at, shown, picture=self.first + batch.first + 1, batch=len(batch.seeds))
                    if number < step.start.steps and self._should_stop():
                        return at.x0
        except NotNumbers as error:
            if self.dtype == torch.float32:
                raise
            self._widen(model, error)
            noise = self._noise(step, batch, shape)
            return self._walk(model, step, batch, noise, picture, init=init, hole=hole, first_size=first_size)
        return x

    def _guided(
        self,
        model: Model,
        step: Pass,
        batch: _Batch,
        init: FirstPicture | None,
        hole: Inpainting | None,
        size: HiresSize | None,
    ) -> Guided:
        """The model with what it is told in this pass, encoded once for all batches where it is the same."""
        key = model.source.sha256, size is not None
        if key in self._told and model.family.extra_input != "low-res":  # whose noise is the picture's own
            return self._told[key]
        with self._timed("text"):
            shape, weight = self._shape(model, step), self.request.conditional_mask_weight
            extra = extra_input(model, shape, init, hole, mask_weight=weight, seed=batch.seeds[0])
            words = Words(model, self.request, self._frame(step, size), extra.labels)
            told = words.told(step.positive, step.negative, extra.concat)
            self._told[key] = Guided(model, told, words.empty())
        return self._told[key]

    def _widen(self, model: Model, error: NotNumbers) -> None:
        """Compute in float32 from here on, and say so."""
        self.dtype = torch.float32
        with torch.inference_mode(mode=False):  # or its weights could not be used outside
            model.network.float()
        self.notes["Precision"] = "float32"
        self.monitor.emit(Warned(f"{error.message}; making it again in float32", error.hint))

    def _noise(self, step: Pass, batch: _Batch, shape: tuple[int, int, int]) -> PictureNoise:
        request = self.request
        cell = step.height // shape[1]
        old = request.seed_resize
        return PictureNoise(
            batch.seeds,
            subseeds=batch.subseeds,
            strength=request.subseed_strength,
            from_size=(old[1] // cell, old[0] // cell) if old else None,
            step_seed_offset=request.ensd,
            source=self._source,
            device=self.engine.device,
        )

    def _step_noise(self, step: Pass, batch: _Batch, noise: PictureNoise, shape: tuple[int, int, int]) -> Noise:
        if not step.sampler.brownian:
            return step_noise(noise, shape)
        source = partial(PictureNoise, source=self._source, device=self.engine.device)
        return brownian_noise(batch.seeds, shape, step.start.span, source=source)

    @property
    def _source(self) -> str:
        """The noise source; NVIDIA's numbers stand in for a GPU's where there is none."""
        is_there = self.engine.device.type == "cuda"
        return "NV" if self.request.noise_source == "GPU" and not is_there else self.request.noise_source

    # the refiner

    def _takes_refiner(self, *, is_second: bool) -> bool:
        refiner = self.request.refiner
        if refiner is None:
            return False
        if self.request.hires is None:
            return True
        return refiner.hires_pass in ("both passes", "second pass" if is_second else "first pass")

    def _refiner(self) -> Model:
        assert self.request.refiner is not None
        with self._timed("load"):
            self._last = self.engine.load(self.request.refiner.model)
        return self._last

    # sizes and progress

    def _shape(self, model: Model, step: Pass) -> tuple[int, int, int]:
        space = model.family.latents
        return space.channels, step.height // space.cell_px, step.width // space.cell_px

    def _frame(self, step: Pass, size: HiresSize | None) -> Frame:
        width, height = (step.width, step.height) if size is None else size.upscaled
        return Frame(width, height)

    def _hires_size(self, first: Pass) -> HiresSize:
        hires = self.request.hires
        assert hires is not None
        width, height = hires.width or 0, hires.height or 0
        return hires_size(first.width, first.height, scale=hires.scale, resize_width=width, resize_height=height)

    def _count_steps(self, model: Model, first: Pass) -> None:
        self._steps_before = total = first.start.steps
        if self.request.hires is not None:
            total += second_pass(self.request, model.family, first, self._hires_size(first).final).start.steps
        space = model.family.latents
        self._reporting = Reporting(self.monitor, space, steps=max(total, 1), pictures=self.pictures)

    # endings

    def _decoded(self, latents: Latents, init: FirstPicture | None, hole: Inpainting | None) -> list[Image.Image]:
        """Finished pictures of latents, decoded by the model that they come from last, as A1111 does."""
        with self._timed("decode"):
            rows = [latents[i : i + 1] for i in range(len(latents))]
            return [self._finished(decode(self._last, row), row, init, hole) for row in rows]

    def _finished(
        self, image: Image.Image, latents: Tensor, init: FirstPicture | None, hole: Inpainting | None
    ) -> Image.Image:
        if init is not None and self.request.init is not None and self.request.init.color_correction:
            image = colour_matched(image, init.fitted)
        return image if hole is None else hole.finished(image, latents)

    def _made_with(self, model: Model, init: FirstPicture | None, hole: Inpainting | None) -> MadeWith:
        request = self.request
        hires_model = self._named(request.hires.model) if request.hires and request.hires.model else ""
        vae = self.engine.vae(request.model, request.vae)
        return MadeWith(
            vae=vae.name if vae else "",
            vae_hash=short_hash(vae.sha256) if vae else "",
            model=model.source.stem,
            model_hash=short_hash(model.source.sha256),
            refiner=self._named(request.refiner.model) if request.refiner else "",
            hires_model=hires_model,
            init_hash=init.pixel_hash if init else "",
            mask_hash=hole.mask_hash if hole else "",
            is_inpainting_model=model.family.extra_input == "inpainting",
        )

    def _named(self, ref: str) -> str:
        """``name [hash]`` of a model."""
        source = self.engine.source(ref)
        return f"{source.stem} [{short_hash(source.sha256)}]"

    @contextmanager
    def _tiling(self, model: Model) -> Generator[None, None, None]:
        x, y = self.request.tiling_x, self.request.tiling_y
        with ExitStack() as held:
            if x or y:
                held.enter_context(seamless(model.network, model.autoencoder, x=x, y=y))
            yield

    def _should_stop(self) -> bool:
        self.was_stopped = self.was_stopped or self.monitor.stop_requested()
        return self.was_stopped

    @contextmanager
    def _timed(self, phase: str) -> Generator[None, None, None]:
        since = perf_counter()
        yield
        self.timings[phase] = self.timings.get(phase, 0.0) + perf_counter() - since
