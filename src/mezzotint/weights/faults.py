"""How a model file is refused: one word for the fault, the fitting error, a message that is short and printable."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from mezzotint.errors import DamagedFile, FileFault, ModelFileError, UnsafeFile

_UNSAFE: frozenset[FileFault] = frozenset(
    {
        "global_refused",
        "opcode_refused",
        "protocol_refused",
        "zip_ambiguous",
        "container_refused",
        "limit_exceeded",
        "type_mismatch",
    }
)
_NAME_MAX = 512
_DOTS_MAX = 40
_AGAIN = "download or copy it again"
_SAFER = "use the .safetensors version of this model"


def refusal(fault: FileFault, message: str, *, hint: str | None = None) -> ModelFileError:
    """The error for a file with that fault; raise it under `naming`, which puts the file's name in front."""
    if fault in _UNSAFE:
        return UnsafeFile(message, hint=_SAFER if hint is None else hint, fault=fault)
    return DamagedFile(message, hint=_AGAIN if hint is None else hint, fault=fault)


def shown(thing: object, *, at_most: int = 80) -> str:
    """Text from a file as it may be shown to a person: escaped, in quotes, cut."""
    text = thing if isinstance(thing, str) else type(thing).__name__
    return ascii(text[:at_most]) + ("…" if len(text) > at_most else "")


def is_sane_name(name: str) -> bool:
    """Whether a tensor may be called so: names never become attributes or paths here, but they are shown to people."""
    has_dunder = any(len(part) > 3 and part.startswith("__") and part.endswith("__") for part in name.split("."))
    return len(name) <= _NAME_MAX and name.count(".") <= _DOTS_MAX and name.isprintable() and not has_dunder


@contextmanager
def naming(path: Path) -> Generator[None, None, None]:
    """Put the file's name in front of what is wrong with its contents."""
    try:
        yield
    except ModelFileError as error:
        name = shown(path.name, at_most=200)[1:-1] if not path.name.isprintable() else path.name
        raise type(error)(f"{name}: {error.message}", hint=error.hint, fault=error.fault) from error
