"""The driver: takes a request through resolving, loading, its passes, decoding and finishing."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
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
from mezzotint.diffusion.variations import seeds_of
from mezzotint.engine.engine import Engine
from mezzotint.engine.memory import naming_out_of_memory, pictures_at_once
from mezzotint.errors import ModelFileError
from mezzotint.families.family import Family, Frame, Model
from mezzotint.families.preview import preview
from mezzotint.generate.course import Course
from mezzotint.generate.decode import decode
from mezzotint.generate.enlarging import enlarge_by, enlarged
from mezzotint.generate.finish import finish
from mezzotint.generate.inpainting import Inpainting, inpainting
from mezzotint.generate.passes import Pass, first_pass, second_pass
from mezzotint.generate.reporting import Reporting
from mezzotint.generate.resolve import expanded, resolve
from mezzotint.generate.sampling import Batch, Sampling, Walk
from mezzotint.generate.start import FirstPicture, first_picture
from mezzotint.imaging.colour import colour_matched
from mezzotint.imaging.hires import HiresSize, hires_size
from mezzotint.shapes import Latents, Pixels
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


class _Making:
    """One resolved request on its way: ``of`` pictures are made in all, and its own come after the ``first``."""

    def __init__(self, engine: Engine, request: GenerationRequest, monitor: Monitor, *, first: int, of: int) -> None:
        self.first = first
        self.pictures = of
        self.engine = engine
        self.request = request
        self.course = Course(monitor)

    def run(self) -> GenerationResult:
        """Load, encode, then sample and decode batch by batch."""
        since = perf_counter()
        request, course = self.request, self.course
        with course.timed("load"):
            model = self.engine.load(request.model, request.vae)
        step = first_pass(request, model.family)
        with course.timed("sample"):
            init = self._first_picture(model, step)
            hole = self._inpainting(model, init)
        pictures: list[Picture] = []
        with closing(Sampling(self.engine, request, course, self._reporting(model, step))) as sampling:
            for batch in self._batches(model, step):
                walk = Walk(model, step, batch, init, hole)
                latents = self._first(sampling, walk)
                if request.hires is not None and not course.was_stopped:
                    latents = self._second(sampling, walk, latents)
                images = self._decoded(sampling.last, latents, init, hole)
                made_with = self._made_with(model, init, hole)
                for image, seed, subseed in zip(images, batch.seeds, batch.subseeds, strict=True):
                    picture = finish(image, request, made_with, seed=seed, subseed=subseed, extra=sampling.notes)
                    pictures.append(picture)
                    course.monitor.emit(PictureReady(picture, self.first + len(pictures), self.pictures))
        course.timings["total"] = perf_counter() - since
        log.info("%d pictures in %.1f s", len(pictures), course.timings["total"])
        return GenerationResult(tuple(pictures), course.timings, course.was_stopped)

    # what the request brings

    def _first_picture(self, model: Model, step: Pass) -> FirstPicture | None:
        init = self.request.init
        if init is None:
            return None
        catalog, device, should_stop = self.engine.catalog, self.engine.device, self.course.should_stop
        enlarge = enlarge_by(init.upscaler, catalog, device=device, should_stop=should_stop)
        return first_picture(model, init, Frame(step.width, step.height), enlarge=enlarge)

    def _inpainting(self, model: Model, init: FirstPicture | None) -> Inpainting | None:
        if init is None or self.request.mask is None:
            return None
        hole = inpainting(model, self.request, init)
        if hole is None:
            self.course.warn("the mask is empty, so the whole picture is redrawn")
        return hole

    def _batches(self, model: Model, step: Pass) -> Iterator[Batch]:
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
            if self.course.should_stop():
                return
            end = first + at_once
            yield Batch(self.first + first, seeds[first:end], subseeds[first:end])

    # the passes

    def _first(self, sampling: Sampling, walk: Walk) -> Latents:
        """The latents that the first pass ends with."""
        hole = walk.hole
        if hole is None:
            return sampling.latents(walk, walk.init.latents if walk.init else None)
        latents = sampling.latents(walk, hole.begin(sampling.noise(walk)(walk.shape)))
        return hole.blend()(latents, 0.0) if hole.part.soft is None else latents

    def _second(self, sampling: Sampling, first: Walk, latents: Latents) -> Float[Tensor, "b c h2 w2"]:
        """The latents that the second pass ends with."""
        hires, model = self.request.hires, first.model
        assert hires is not None
        size = self._hires_size(first.step)
        catalog, device, should_stop = self.engine.catalog, self.engine.device, self.course.should_stop
        enlarge = partial(enlarge_by, hires.upscaler, catalog, device=device, should_stop=should_stop)
        with self.course.timed("upscale"):
            picture = enlarged(sampling.last, latents, size, hires.upscaler, enlarge)
        if hires.model:
            with self.course.timed("load"):
                model = self.engine.load(hires.model, self.request.vae)
        step = second_pass(self.request, model.family, first.step, size.final)
        walk = Walk(model, step, first.batch, size=size, steps_before=first.step.start.steps)
        return sampling.latents(walk, picture)

    def _hires_size(self, first: Pass) -> HiresSize:
        hires = self.request.hires
        assert hires is not None
        width, height = hires.width or 0, hires.height or 0
        return hires_size(first.width, first.height, scale=hires.scale, resize_width=width, resize_height=height)

    def _reporting(self, model: Model, first: Pass) -> Reporting:
        steps = first.start.steps
        if self.request.hires is not None:
            steps += second_pass(self.request, model.family, first, self._hires_size(first).final).start.steps
        return Reporting(self.course.monitor, self._look(model.family), steps=max(steps, 1), pictures=self.pictures)

    def _look(self, family: Family) -> Callable[[Latents], Pixels]:
        """How previews are made: by the family's tiny decoder if one can be read, else by a linear map."""
        try:
            decoder = self.engine.quick_look(family)
        except ModelFileError as error:
            self.course.monitor.emit(Warned(f"{error.message}; previews do without it", error.hint))
            decoder = None
        return decoder or partial(preview, space=family.latents)

    # endings

    def _decoded(
        self, model: Model, latents: Latents, init: FirstPicture | None, hole: Inpainting | None
    ) -> list[Image.Image]:
        """Finished pictures of latents, decoded by the ``model`` that they come from last, as A1111 does."""
        with self.course.timed("decode"):
            rows = [latents[i : i + 1] for i in range(len(latents))]
            return [self._finished(decode(model, row), row, init, hole) for row in rows]

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
