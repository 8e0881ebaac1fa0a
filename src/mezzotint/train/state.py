"""What a training run must remember to go on exactly where it stopped: weights, averages, optimiser, step."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mezzotint.errors import TrainingError
from mezzotint.weights.safetensors import open_tensors, read_header
from mezzotint.weights.saving import save

STATE_FILE = "state.safetensors"
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


@dataclass(frozen=True)
class Slice:
    """A stretch of steps with its own warm-up and cosine decay to zero, so that every slice ends in good weights."""

    start: int
    steps: int
    learning_rate: float
    warm_up: int = 100

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise TrainingError(f"a slice needs at least one step, got {self.steps}")

    @property
    def end(self) -> int:
        return self.start + self.steps


@dataclass
class TrainingState:
    """Everything that changes while training. ``modules`` are trained in place; ``average`` follows them slowly."""

    modules: dict[str, nn.Module]
    optimizer: torch.optim.Optimizer
    average: dict[str, Tensor]
    step: int = 0
    slices: list[Slice] = field(default_factory=list[Slice])
    facts: dict[str, Any] = field(default_factory=dict[str, Any])  # JSON: settings that must not change on resuming


def parameters_of(modules: Mapping[str, nn.Module]) -> dict[str, nn.Parameter]:
    """Trained parameters by full name, in a fixed order."""
    return {
        f"{part}.{name}": parameter
        for part, module in modules.items()
        for name, parameter in module.named_parameters()
        if parameter.requires_grad
    }


def save_state(state: TrainingState, folder: Path) -> None:
    """Write the state to ``folder``, whole or not at all: a run killed while saving keeps its previous state."""
    parameters = parameters_of(state.modules)
    tensors = {f"weights/{name}": parameter.detach() for name, parameter in parameters.items()}
    tensors |= {f"average/{name}": value for name, value in state.average.items()}
    for name, parameter in parameters.items():
        for key, value in state.optimizer.state.get(parameter, {}).items():
            tensors[f"optimizer/{name}/{key}"] = torch.as_tensor(value)
    about = {"step": state.step, "slices": [asdict(part) for part in state.slices], "facts": state.facts}
    save(folder / STATE_FILE, tensors, metadata={"training": json.dumps(about, sort_keys=True)})


def load_state(state: TrainingState, folder: Path) -> None:
    """Bring ``state`` to where the run in ``folder`` was saved.

    Raises TrainingError if the run there was made with other settings or another network.
    """
    saved = open_tensors(folder / STATE_FILE)
    about = json.loads(read_header(folder / STATE_FILE).metadata["training"])
    different = sorted(key for key in state.facts if about["facts"].get(key) != state.facts[key])
    if different:
        changes = ", ".join(f"{key}: {about['facts'].get(key)!r} → {state.facts[key]!r}" for key in different)
        raise TrainingError(
            f"the run in {folder} was made with other settings ({changes})",
            hint="use the same settings, or another --run folder",
        )
    with torch.no_grad():
        for name, parameter in parameters_of(state.modules).items():
            if f"weights/{name}" not in saved:
                raise TrainingError(f"{folder / STATE_FILE} has no weights for {name}")
            parameter.copy_(saved[f"weights/{name}"])
            state.average[name].copy_(saved[f"average/{name}"])
            moments = {key: f"optimizer/{name}/{key}" for key in _MOMENTS if f"optimizer/{name}/{key}" in saved}
            if moments:
                state.optimizer.state[parameter] = {
                    key: saved[full].clone() if key == "step" else _laid_out_like(saved[full], parameter)
                    for key, full in moments.items()
                }
    state.step = int(about["step"])
    state.slices = [Slice(**part) for part in about["slices"]]


def read_average(folder: Path, part: str) -> dict[str, Tensor]:
    """The averaged weights of one trained module, by the module's own parameter names.

    Raises TrainingError if there is no state in ``folder``.
    """
    if not (folder / STATE_FILE).is_file():
        raise TrainingError(f"nothing has been trained in {folder}", hint="run the stages in their order")
    prefix = f"average/{part}."
    saved = open_tensors(folder / STATE_FILE)
    return {name.removeprefix(prefix): tensor.clone() for name, tensor in saved.items() if name.startswith(prefix)}


def _laid_out_like(value: Tensor, parameter: nn.Parameter) -> Tensor:
    """The value with the strides and on the device of ``parameter``: the fused optimiser takes them as one."""
    return torch.empty_like(parameter.detach()).copy_(value)
