import pytest

from mezzotint.cli.exits import exit_code, one_line
from mezzotint.errors import (
    Cancelled,
    DamagedFile,
    MezzotintError,
    MissingWeights,
    OutOfMemory,
    PluginError,
    RequestError,
    ResourceError,
    TrainingError,
    UnknownName,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MezzotintError("x"), 1),
        (RequestError("x"), 2),
        (UnknownName("a", "b", []), 2),
        (DamagedFile("x"), 3),
        (MissingWeights("x"), 3),
        (ResourceError("x"), 4),
        (OutOfMemory("x"), 5),
        (PluginError("x"), 6),
        (TrainingError("x"), 7),
        (Cancelled("x"), 130),
    ],
)
def test_the_class_decides_the_code(error: MezzotintError, code: int):
    assert exit_code(error) == code


def test_an_error_is_one_line_with_its_hint():
    assert one_line(UnknownName("sampler", "eular", ["Euler"])) == "no sampler 'eular'; did you mean 'Euler'?"
    assert one_line(RequestError("a\n  b")) == "a b"
