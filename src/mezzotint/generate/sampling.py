"""The sampling of one pass: its noise, what guides it, and the walk from noise, or from a picture, to latents."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

import torch

from mezzotint.contract.requests import GenerationRequest
from mezzotint.diffusion.brownian import brownian_noise
from mezzotint.diffusion.noise import PictureNoise, step_noise
from mezzotint.diffusion.sampling import Noise
from mezzotint.engine.engine import Engine
from mezzotint.errors import NotNumbers
from mezzotint.families.family import Frame, Model
from mezzotint.generate.conditioning import Words
from mezzotint.generate.course import Course
from mezzotint.generate.denoising import Guided, denoise_for
from mezzotint.generate.extra_input import extra_input
from mezzotint.generate.inpainting import Inpainting
from mezzotint.generate.passes import Pass
from mezzotint.generate.reporting import Reporting
from mezzotint.generate.start import FirstPicture
from mezzotint.imaging.hires import HiresSize
from mezzotint.nn.seamless import seamless
from mezzotint.shapes import Latents


@dataclass(frozen=True)
class Batch:
    """Pictures that are made together: the number of the first among all, from 0, and their seeds."""

    first: int
    seeds: Sequence[int]
    subseeds: Sequence[int]


@dataclass(frozen=True, eq=False)
class Walk:
    """One pass of a batch. ``init`` and ``hole`` belong to img2img.

    A second pass has its ``size``, and ``steps_before`` it.
    """

    model: Model
    step: Pass
    batch: Batch
    init: FirstPicture | None = None
    hole: Inpainting | None = None
    size: HiresSize | None = None
    steps_before: int = 0

    @property
    def is_second(self) -> bool:
        """Whether another pass came before."""
        return self.size is not None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of one picture's latents."""
        space = self.model.family.latents
        return space.channels, self.step.height // space.cell_px, self.step.width // space.cell_px

    @property
    def frame(self) -> Frame:
        """The size that the model is told."""
        return Frame(self.step.width, self.step.height) if self.size is None else Frame(*self.size.upscaled)


class Sampling:
    """The sampling of one request's passes.

    Until `close`, a network that overflows in half precision computes in float32, which infotext tells by ``notes``,
    and models draw pictures that tile if that is asked for. ``last`` is the model that took the last step.
    """

    last: Model

    def __init__(self, engine: Engine, request: GenerationRequest, course: Course, reporting: Reporting) -> None:
        self.notes: dict[str, object] = {}
        self._engine = engine
        self._request = request
        self._course = course
        self._reporting = reporting
        self._told: dict[tuple[str, bool], Guided] = {}
        self._changed, self._seen = ExitStack(), list[Model]()

    def latents(self, walk: Walk, picture: Latents | None = None) -> Latents:
        """The scaled latents that a pass ends with, begun from noise or from ``picture``.

        Where half precision overflows the pass is walked once more in float32. Raises NotNumbers if that does not help.
        """
        try:
            return self._walked(walk, picture)
        except NotNumbers as error:
            narrow = [model for model in (walk.model, self.last) if model.dtype != torch.float32]
            if not narrow:
                raise
            self._widen(narrow, error)
            return self._walked(walk, picture)

    def close(self) -> None:
        """Put all models back to what they were, bit for bit."""
        self._changed.close()

    def noise(self, walk: Walk) -> PictureNoise:
        """The noise of a walk's pictures from its beginning, each from its own seed."""
        request, batch = self._request, walk.batch
        cell = walk.step.height // walk.shape[1]
        old = request.seed_resize
        return PictureNoise(
            batch.seeds,
            subseeds=batch.subseeds,
            strength=request.subseed_strength,
            from_size=(old[1] // cell, old[0] // cell) if old else None,
            step_seed_offset=request.ensd,
            source=self._source,
            device=self._engine.device,
        )

    def _walked(self, walk: Walk, picture: Latents | None) -> Latents:
        self.last = self._tiled(walk.model)
        step, batch = walk.step, walk.batch
        noise = self.noise(walk)
        x = step.start.mix(noise(walk.shape), picture)
        if not step.start.steps:
            return x

        denoise = denoise_for(
            self._request,
            step,
            self._guided(walk),
            refiner=(lambda: self._guided(replace(walk, model=self._refiner()))) if self._takes_refiner(walk) else None,
            blend=walk.hole.blend() if walk.hole else None,
        )
        source = self._step_noise(walk, noise)
        with self._course.timed("sample"):
            for number, at in enumerate(step.sampler(denoise, x, step.start.sigmas, source, **step.options), 1):
                x = at.x
                shown = walk.steps_before + min(number, step.start.steps)  # DPM adaptive takes as many as it needs
                self._reporting.step(at, shown, picture=batch.first + 1, batch=len(batch.seeds))
                if number < step.start.steps and self._course.should_stop():
                    return at.x0
        return x

    def _guided(self, walk: Walk) -> Guided:
        """The model with what it is told in this pass, encoded once for all batches where it is the same."""
        model = walk.model
        key = model.source.sha256, walk.is_second
        if key in self._told and model.family.extra_input != "low-res":  # whose noise is the picture's own
            return self._told[key]
        with self._course.timed("text"):
            weight, seed = self._request.conditional_mask_weight, walk.batch.seeds[0]
            extra = extra_input(model, walk.shape, walk.init, walk.hole, mask_weight=weight, seed=seed)
            words = Words(model, self._request, walk.frame, extra.labels)
            told = words.told(walk.step.positive, walk.step.negative, extra.concat)
            self._told[key] = Guided(model, told, words.empty())
        return self._told[key]

    # noise

    def _step_noise(self, walk: Walk, noise: PictureNoise) -> Noise:
        if not walk.step.sampler.brownian:
            return step_noise(noise, walk.shape)
        source = partial(PictureNoise, source=self._source, device=self._engine.device)
        return brownian_noise(walk.batch.seeds, walk.shape, walk.step.start.span, source=source)

    @property
    def _source(self) -> str:
        """The noise source; NVIDIA's numbers stand in for a GPU's where there is none."""
        is_there = self._engine.device.type == "cuda"
        return "NV" if self._request.noise_source == "GPU" and not is_there else self._request.noise_source

    # the refiner

    def _takes_refiner(self, walk: Walk) -> bool:
        refiner = self._request.refiner
        if refiner is None:
            return False
        if self._request.hires is None:
            return True
        return refiner.hires_pass in ("both passes", "second pass" if walk.is_second else "first pass")

    def _refiner(self) -> Model:
        assert self._request.refiner is not None
        with self._course.timed("load"):
            self.last = self._tiled(self._engine.load(self._request.refiner.model))
        return self.last

    # what is done to models

    def _tiled(self, model: Model) -> Model:
        """The model, whose pictures tile until `close` if that is asked for."""
        x, y = self._request.tiling_x, self._request.tiling_y
        if (x or y) and model not in self._seen:
            self._seen.append(model)
            self._changed.enter_context(seamless(model.network, model.autoencoder, x=x, y=y))
        return model

    def _widen(self, models: Sequence[Model], error: NotNumbers) -> None:
        """Let the models compute in float32 from here on, and say so."""
        for model in models:
            if model.dtype != torch.float32:  # the same one may come twice
                self._changed.callback(_convert, model, model.dtype)
                _convert(model, torch.float32)
        self.notes["Precision"] = "float32"
        self._course.warn(f"{error.message}; making it again in float32", error.hint)


def _convert(model: Model, dtype: torch.dtype) -> None:
    with torch.inference_mode(mode=False):  # or its weights could not be used outside
        model.network.to(dtype)
