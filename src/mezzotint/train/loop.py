"""The training loop: one for every objective. It steps, averages, logs, shows samples, saves and resumes exactly.

Whatever an objective does at a step follows from (seed, step) alone: data, noise and timesteps. So the state is the
weights, the optimiser and the step count, and a killed run goes on as if nothing had happened.
"""

import json
import logging
import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

import torch
from PIL import Image
from torch import Tensor, nn

from mezzotint.errors import TrainingError
from mezzotint.train.state import STATE_FILE, Slice, TrainingState, load_state, parameters_of, save_state

log = logging.getLogger(__name__)

Batch = TypeVar("Batch")
T = TypeVar("T")


@runtime_checkable
class Objective(Protocol[Batch]):
    """What is learned and how wrong it is."""

    @property
    def modules(self) -> dict[str, nn.Module]: ...

    @property
    def batch_size(self) -> int: ...

    def batch(self, step: int) -> Batch:
        """The data of a step; pure in ``step``, called ahead of time from another thread."""
        ...

    def loss(self, batch: Batch, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss, and figures for the log; pure in ``step``."""
        ...

    def sample(self) -> Image.Image | None:
        """A strip of pictures that shows how far it is, made with the averaged weights."""
        ...


@dataclass(frozen=True)
class LoopSettings:
    """How to train, whatever is trained. ``decay`` is the share of the average that each step keeps.

    ``shares`` gives modules, or the parts of them whose names begin so, a share of the learning rate; the longest name
    that fits counts, and what none fits has all of it.
    """

    learning_rate: float = 1e-3
    warm_up: int = 100
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.99)
    decay: float = 0.999
    clip_norm: float = 1.0
    accumulate: int = 1
    shares: Mapping[str, float] = field(default_factory=dict[str, float])
    precision: str = "fp32"
    save_every_s: float = 300.0
    save_every_steps: int | None = None
    sample_every_s: float = 300.0
    log_every: int = 20


@dataclass(frozen=True)
class Report:
    """A line of the log: ``rate`` in samples per second, ``left_s`` until the slice ends."""

    step: int
    end: int
    loss: float
    learning_rate: float
    rate: float
    left_s: float
    figures: Mapping[str, float]


def learning_rate_at(step: int, part: Slice) -> float:
    """Linear warm-up, then half a cosine down to zero at the end of the slice (Loshchilov and Hutter 2017)."""
    done = step - part.start
    rise = min(1.0, (done + 1) / max(1, part.warm_up))
    return part.learning_rate * rise * 0.5 * (1 + math.cos(math.pi * done / part.steps))


def train(
    objective: Objective[Batch],
    folder: Path,
    settings: LoopSettings,
    *,
    steps: int,
    device: str = "cpu",
    facts: Mapping[str, object] | None = None,
    on_report: Callable[[Report], None] = lambda report: None,
    stop_requested: Callable[[], bool] = lambda: False,
) -> TrainingState:
    """Train for a slice of ``steps``, or finish the slice that was interrupted in ``folder``.

    Keeps `state.safetensors`, `log.jsonl` and `samples/` there. The objective's modules end with the trained weights;
    the returned state has their running average. Raises TrainingError if the loss is no longer a number.
    """
    modules = objective.modules
    parameters = parameters_of(modules)
    optimizer = torch.optim.AdamW(
        _groups(parameters, settings), lr=settings.learning_rate, betas=settings.betas, fused=True
    )
    state = TrainingState(
        modules=modules,
        optimizer=optimizer,
        average={name: parameter.detach().clone() for name, parameter in parameters.items()},
        facts={"precision": settings.precision, "accumulate": settings.accumulate, **(facts or {})},
    )
    if (folder / STATE_FILE).is_file():
        load_state(state, folder)
        log.info("resumed %s at step %d", folder, state.step)
    if not state.slices or state.step >= state.slices[-1].end:
        state.slices.append(Slice(state.step, steps, settings.learning_rate, min(settings.warm_up, steps)))
    part = state.slices[-1]

    journal = Journal(folder, part, objective.batch_size * settings.accumulate, settings, on_report)
    with ThreadPoolExecutor(1) as ahead:
        waiting = _fetch(ahead, objective, state.step, settings.accumulate)
        while state.step < part.end and not stop_requested():
            batches = waiting.result()
            waiting = _fetch(ahead, objective, state.step + 1, settings.accumulate)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate_at(state.step, part) * group["share"]
            loss, figures = _backward(objective, batches, state.step, settings, device)
            norm = torch.nn.utils.clip_grad_norm_(list(parameters.values()), settings.clip_norm)
            if not torch.isfinite(norm):
                raise TrainingError(
                    f"the gradient is no longer a number at step {state.step}",
                    hint=f"the last good state is in {folder}; lower the learning rate and run again",
                )
            optimizer.step()  # pyright: ignore[reportUnknownMemberType]  # torch leaves it untyped
            optimizer.zero_grad(set_to_none=True)
            _follow(state, parameters, settings.decay, state.step - part.start)
            state.step += 1
            journal.note(state, loss, {**figures, "gradient_norm": norm.detach()})
            if journal.save_is_due(state.step):
                save_state(state, folder)
            if journal.sample_is_due():
                journal.keep(state.step, with_average(state, objective.sample))
    save_state(state, folder)
    journal.keep(state.step, with_average(state, objective.sample))
    return state


def with_average(state: TrainingState, action: Callable[[], T]) -> T:
    """Run ``action`` with the averaged weights in place of the live ones."""
    parameters = parameters_of(state.modules)
    live = {name: parameter.detach().clone() for name, parameter in parameters.items()}
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(state.average[name])
    try:
        with torch.compiler.set_stance("force_eager"):  # samples come in other shapes: not worth compiling for
            return action()
    finally:
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(live[name])


class Journal:
    """What a run tells: one JSON line per few steps, strips of samples, and reports to whoever listens."""

    def __init__(
        self,
        folder: Path,
        part: Slice,
        samples_per_step: int,
        settings: LoopSettings,
        on_report: Callable[[Report], None],
    ) -> None:
        self._folder, self._part, self._settings, self._on_report = folder, part, settings, on_report
        self._samples_per_step = samples_per_step
        self._folder.mkdir(parents=True, exist_ok=True)
        self._saved = self._sampled = self._noted = time.monotonic()
        self._figures: list[dict[str, Tensor]] = []

    def note(self, state: TrainingState, loss: Tensor, figures: dict[str, Tensor]) -> None:
        self._figures.append({"loss": loss, **figures})
        if state.step % self._settings.log_every and state.step != self._part.end:
            return
        now = time.monotonic()
        rate = len(self._figures) / max(1e-9, now - self._noted)
        means = {key: float(torch.stack([f[key] for f in self._figures]).mean()) for key in self._figures[-1]}
        report = Report(
            step=state.step,
            end=self._part.end,
            loss=means.pop("loss"),
            learning_rate=learning_rate_at(state.step - 1, self._part),
            rate=rate * self._samples_per_step,
            left_s=(self._part.end - state.step) / rate,
            figures=means,
        )
        line = {
            "step": report.step,
            "loss": round(report.loss, 5),
            "learning_rate": report.learning_rate,
            "samples_per_s": round(report.rate, 2),
            **{key: round(value, 5) for key, value in means.items()},
        }
        with (self._folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self._on_report(report)
        self._figures, self._noted = [], now

    def save_is_due(self, step: int) -> bool:
        every = self._settings.save_every_steps
        if every is not None:
            return step % every == 0
        if time.monotonic() - self._saved < self._settings.save_every_s:
            return False
        self._saved = time.monotonic()
        return True

    def sample_is_due(self) -> bool:
        if time.monotonic() - self._sampled < self._settings.sample_every_s:
            return False
        self._sampled = time.monotonic()
        return True

    def keep(self, step: int, strip: Image.Image | None) -> None:
        if strip is None:
            return
        folder = self._folder / "samples"
        folder.mkdir(exist_ok=True)
        unfinished = folder / f".{step:08d}.png"
        strip.save(unfinished)
        unfinished.replace(folder / f"{step:08d}.png")


def _groups(parameters: Mapping[str, nn.Parameter], settings: LoopSettings) -> list[dict[str, object]]:
    """Parameters by weight decay, which biases, norms and embeddings are spared, and by share of the learning rate."""
    groups = dict[tuple[float, float], list[nn.Parameter]]()
    for name, parameter in parameters.items():
        is_decayed = parameter.dim() >= 2 and "embedding" not in name
        named = max((part for part in settings.shares if f"{name}.".startswith(f"{part}.")), key=len, default=None)
        key = (settings.weight_decay if is_decayed else 0.0, 1.0 if named is None else settings.shares[named])
        groups.setdefault(key, []).append(parameter)
    return [{"params": group, "weight_decay": decay, "share": share} for (decay, share), group in groups.items()]


def _fetch(ahead: ThreadPoolExecutor, objective: Objective[Batch], step: int, accumulate: int) -> Future[list[Batch]]:
    return ahead.submit(lambda: [objective.batch(step * accumulate + micro) for micro in range(accumulate)])


def _backward(
    objective: Objective[Batch], batches: list[Batch], step: int, settings: LoopSettings, device: str
) -> tuple[Tensor, dict[str, Tensor]]:
    """Gradients of the mean loss over the micro-batches; the last one's figures stand for all."""
    total, figures = torch.zeros(()), dict[str, Tensor]()
    for micro, batch in enumerate(batches):
        with torch.autocast(device, torch.bfloat16, enabled=settings.precision == "bf16"):
            loss, figures = objective.loss(batch, step * settings.accumulate + micro)
        (loss / settings.accumulate).backward()  # pyright: ignore[reportUnknownMemberType]  # torch leaves it untyped
        total = total + loss.detach().float().cpu() / settings.accumulate
    return total, {key: value.detach().float().cpu() for key, value in figures.items()}


def _follow(state: TrainingState, parameters: dict[str, nn.Parameter], decay: float, done: int) -> None:
    """Move the average towards the weights; early in a slice it follows faster, as it has little to remember."""
    keep = min(decay, (1 + done) / (10 + done))
    averages, live = list(state.average.values()), [parameters[name].detach() for name in state.average]
    for average, value in zip(averages, live, strict=True):
        average.lerp_(value, 1 - keep)
