"""How errors leave the program: one line for the person, a number for scripts."""

from mezzotint.errors import (
    Cancelled,
    MezzotintError,
    ModelFileError,
    OutOfMemory,
    PluginError,
    RequestError,
    ResourceError,
    TrainingError,
)

EXIT_CODES: dict[type[MezzotintError], int] = {
    MezzotintError: 1,
    RequestError: 2,  # as for a flag that does not exist
    ModelFileError: 3,
    ResourceError: 4,
    OutOfMemory: 5,
    PluginError: 6,
    TrainingError: 7,
    Cancelled: 130,  # as for a program ended by Ctrl-C
}
"""The nearest class above an error's own decides."""


def exit_code(error: MezzotintError) -> int:
    """The number for this error's class."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def one_line(error: MezzotintError) -> str:
    """What happened, then what to do."""
    text = f"{error.message}; {error.hint}" if error.hint else error.message
    return " ".join(text.split())
