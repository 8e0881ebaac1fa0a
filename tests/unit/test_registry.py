import sys
from importlib.metadata import EntryPoint
from typing import Annotated, Literal

import pytest

from mezzotint import registry
from mezzotint.errors import PluginError, RequestError, UnknownName
from mezzotint.registry import Limits, Option, Registry, options


def _shapes() -> Registry[object]:
    return Registry(
        "thing", {"Path": "pathlib:Path", "Rare": "wave:open"}, group="mezzotint.things", aliases={"k_path": "Path"}
    )


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint("broken", "no_such_package:THING", "mezzotint.things"),
        EntryPoint("Path", "json:dumps", "mezzotint.things"),
        EntryPoint("added", "json:loads", "mezzotint.things"),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda *, group: [p for p in points if p.group == group])


def test_a_thing_is_imported_on_first_use(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "wave", raising=False)

    things = _shapes()

    assert "Rare" in things and things.names() == ["Path", "Rare"] and "wave" not in sys.modules
    assert things["Rare"] is sys.modules["wave"].open


@pytest.mark.parametrize("spelling", ["Path", "path", "PATH", "k_path", "K_Path"])
def test_names_and_aliases_are_found_in_any_case(spelling: str):
    assert _shapes().resolve(spelling) == "Path"
    assert spelling in _shapes()


def test_an_unknown_name_is_an_error_with_a_suggestion():
    with pytest.raises(UnknownName, match="no thing 'pth'") as caught:
        _shapes()["pth"]

    assert caught.value.hint == "did you mean 'Path'?"
    assert "pth" not in _shapes() and 3 not in _shapes()


def test_aliases_do_not_count_as_names():
    assert list(_shapes()) == ["Path", "Rare"]
    assert len(_shapes()) == 2


def test_an_alias_to_nowhere_is_refused():
    with pytest.raises(ValueError, match="points to 'b'"):
        Registry("thing", {}, aliases={"a": "b"})


@pytest.mark.usefixtures("plugins")
def test_another_package_adds_but_does_not_replace():
    import json
    from pathlib import Path

    things = _shapes()

    assert things.names() == ["Path", "Rare", "added", "broken"]
    assert things["added"] is json.loads
    assert things["Path"] is Path


@pytest.mark.usefixtures("plugins")
def test_a_broken_plugin_is_listed_with_its_error_and_stops_nothing():
    things = _shapes()

    assert list(things.problems()) == ["broken"]
    assert "no_such_package" in things.problems()["broken"]
    assert things["Rare"]
    with pytest.raises(PluginError, match="does not load"):
        things["broken"]


def test_options_are_read_from_the_signature():
    def sampler(
        x: int, *, eta: Annotated[float, Limits(0, 1)] = 1.0, solver: Literal["midpoint", "heun"] = "heun"
    ) -> None: ...

    assert options(sampler) == {
        "eta": Option(float, 1.0, Limits(0, 1)),
        "solver": Option(Literal["midpoint", "heun"], "heun"),
    }


def test_limits_include_their_ends_and_refuse_what_is_no_number():
    limits = Limits(0, 1)

    limits.check("eta", 0)
    limits.check("eta", 1)
    for value in (-0.01, 1.5, float("nan")):
        with pytest.raises(RequestError, match="eta must be 0 to 1, got"):
            limits.check("eta", value)
