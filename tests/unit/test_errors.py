import pickle

import pytest

from mezzotint import errors
from mezzotint.errors import MezzotintError, NotNumbers, RequestError, UnknownName, closest, require


def _tree(kind: type[MezzotintError]) -> list[type[MezzotintError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in _tree(child))]


def test_every_error_has_a_code_of_its_own():
    own = [kind for kind in _tree(MezzotintError) if kind.__module__ == errors.__name__]

    codes = [kind.code for kind in own]

    assert len(own) == 16
    assert len(set(codes)) == len(codes)


def test_unknown_name_suggests_the_nearest_choice_whatever_the_case():
    error = UnknownName("sampler", "eular", ["Euler", "Euler a", "DDIM"])

    assert str(error) == "no sampler 'eular'"
    assert error.hint == "did you mean 'Euler'?"


def test_unknown_name_lists_choices_when_none_is_near():
    many = [f"n{index}" for index in range(20)]

    assert UnknownName("thing", "zzzz", ["a", "b"]).hint == "choose from a, b"
    assert UnknownName("thing", "zzzz", many).hint.endswith("n11 and 8 more")
    assert UnknownName("model", "x", []).hint == "there are none yet"


@pytest.mark.parametrize("error", [UnknownName("a", "b", ["c"]), RequestError("no", hint="do"), NotNumbers("U-Net")])
def test_errors_cross_processes_whole(error: MezzotintError):
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert (str(copy), copy.hint) == (str(error), error.hint)


def test_require_raises_only_when_the_condition_fails():
    require(True, "never")
    with pytest.raises(RequestError, match="steps must be") as caught:
        require(False, "steps must be at least 1", hint="try 20")

    assert caught.value.hint == "try 20"


def test_closest_finds_nothing_in_the_far_away():
    assert closest("karas", ["Karras", "Normal"]) == "Karras"
    assert closest("qqq", ["Karras", "Normal"]) is None
