import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from mezzotint.cli import test as test_command

CHECKS = Path(test_command.__file__).parents[3] / "launcher" / "checks.py"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    made: list[list[str]] = []

    def run(arguments: list[str], check: bool) -> SimpleNamespace:
        made.append(arguments)
        return SimpleNamespace(returncode=3)

    monkeypatch.setattr(subprocess, "run", run)
    return made


@pytest.mark.parametrize("arguments", [(), ("--slow",), ("--static",), ("-k", "infotext", "-x", "tests/unit")])
def test_all_arguments_reach_the_checks_and_their_exit_code_comes_back(
    mezzotint, calls: list[list[str]], arguments: tuple[str, ...]
):
    said = mezzotint("test", *arguments)

    assert said.code == 3
    assert calls == [[sys.executable, str(CHECKS), *arguments]]


def test_an_installed_package_has_no_tests(
    mezzotint, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(test_command, "__file__", str(tmp_path / "site-packages/mezzotint/cli/test.py"))

    said = mezzotint("test")

    assert said.code == 2 and "run this in a checkout" in said.err and calls == []


def test_without_pytest_the_person_is_told_how_to_get_it(
    mezzotint, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(test_command.importlib.util, "find_spec", lambda name: None)

    said = mezzotint("test")

    assert said.code == 4 and "./mezzotint test" in said.err and calls == []
