"""The exception tree: every error has a stable code, a message naming the offending value, and a hint."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar, Literal, TypeAlias


class MezzotintError(Exception):
    """Anything that mezzotint reports on purpose. ``code`` never changes; ``hint`` says what to do, or is empty."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class RequestError(MezzotintError):
    """What was asked for cannot be done as asked."""

    code = "bad-request"


class UnknownName(RequestError):
    """A name that is in no list; the hint holds the nearest one that is."""

    code = "unknown-name"

    def __init__(self, kind: str, given: str, choices: Iterable[str]) -> None:
        choices = tuple(choices)
        super().__init__(f"no {kind} {given!r}", hint=_suggest(given, choices))
        self.kind = kind
        self.given = given
        self.choices = choices
        self.args = (kind, given, choices)  # what pickle passes to __init__ when the error crosses processes


class MissingPicture(RequestError):
    """A picture that infotext names by its hash is not where such pictures are kept."""

    code = "missing-picture"


class PromptSyntaxError(RequestError):
    """A prompt that cannot be read."""

    code = "prompt-syntax"


FileFault: TypeAlias = Literal[
    "global_refused",  # a pickle names something that is neither a tensor nor a plain container
    "opcode_refused",
    "protocol_refused",
    "stream_malformed",
    "zip_malformed",
    "zip_ambiguous",  # two programs would read different things from it
    "container_refused",
    "limit_exceeded",
    "tensor_invalid",
    "header_invalid",
    "truncated",
    "type_mismatch",
    "not_a_model",
]
"""What is wrong with a model file, in a word that never changes."""


class ModelFileError(MezzotintError):
    """A model file that cannot be used. ``fault`` says why in a word, where reading the file found it."""

    code = "model-file"

    def __init__(self, message: str, *, hint: str = "", fault: FileFault | None = None) -> None:
        super().__init__(message, hint=hint)
        self.fault: FileFault | None = fault


class UnrecognisedModel(ModelFileError):
    """A file of weights that belongs to no known family."""

    code = "unrecognised-model"


class MissingWeights(ModelFileError):
    """A file whose tensors do not fill the network, or do not fit it; the message lists them."""

    code = "missing-weights"


class DamagedFile(ModelFileError):
    """A file that is cut short or not what its name says."""

    code = "damaged-file"


class UnsafeFile(ModelFileError):
    """A file that would run code when opened, or is made to mislead or exhaust whoever opens it."""

    code = "unsafe-file"


class NotNumbers(ModelFileError):
    """A network gave NaN or infinity; ``stage`` says what they are: "the autoencoder's pixels"."""

    code = "not-numbers"

    def __init__(self, stage: str) -> None:
        super().__init__(
            f"{stage} are not numbers",
            hint="use a higher precision; if that does not help, the model file may be damaged",
        )
        self.stage = stage
        self.args = (stage,)  # what pickle passes to __init__ when the error crosses processes


class ResourceError(MezzotintError):
    """The machine lacks something: a device, room on disk, permission to write."""

    code = "resource"


class OutOfMemory(ResourceError):
    """Not enough memory on the device or in the machine."""

    code = "out-of-memory"


class PluginError(MezzotintError):
    """A third-party extension failed to load or to run."""

    code = "plugin"


class Cancelled(MezzotintError):
    """The person stopped the work."""

    code = "cancelled"


class TrainingError(MezzotintError):
    """Training cannot start or go on."""

    code = "training"


def require(condition: bool, message: str, *, hint: str = "") -> None:
    """Raise RequestError unless ``condition`` holds."""
    if not condition:
        raise RequestError(message, hint=hint)


def closest(given: str, choices: Iterable[str]) -> str | None:
    """The choice nearest to ``given`` in spelling, letter case aside; None if none is near."""
    by_folded = {choice.casefold(): choice for choice in choices}
    near = get_close_matches(given.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[near[0]] if near else None


def _suggest(given: str, choices: tuple[str, ...], *, at_most: int = 12) -> str:
    if near := closest(given, choices):
        return f"did you mean {near!r}?"
    if not choices:
        return "there are none yet"
    more = f" and {len(choices) - at_most} more" if len(choices) > at_most else ""
    return f"choose from {', '.join(choices[:at_most])}{more}"
