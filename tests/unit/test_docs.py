"""The documentation's examples: every command is one that the command line takes, every Python block runs."""

import re
import shlex
from pathlib import Path

import pytest
from PIL import Image
from typer.main import get_command

from mezzotint.cli.app import application

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of that language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """Every line of the shell blocks that calls mezzotint, as it stands after a pipe if there is one."""
    lines = [line for page in PAGES for block in blocks(page, "sh") for line in block.splitlines()]
    return [line[line.index("./mezzotint") :] for line in lines if "./mezzotint" in line]


@pytest.mark.parametrize("line", commands())
def test_command_in_the_documentation_is_understood(line):
    name, *arguments = shlex.split(line, comments=True)[1:]
    group = get_command(application())

    with group.make_context("mezzotint", [name, *arguments]) as context:
        _, command, rest = group.resolve_command(context, [name, *arguments])
        while hasattr(command, "resolve_command"):  # a group, such as models
            _, command, rest = command.resolve_command(context, rest)
        command.make_context(name, rest, parent=context)  # raises UsageError for what it does not take


def test_readme_names_its_two_commands():
    assert {shlex.split(line, comments=True)[1] for line in commands()} >= {"txt2img", "test"}


def test_library_example_of_the_readme_makes_a_picture(tmp_path, monkeypatch):
    (example,) = blocks(ROOT / "README.md", "python")
    monkeypatch.chdir(tmp_path)

    exec(compile(example, "README.md", "exec"), {})

    with Image.open(tmp_path / "apple.png") as picture:
        assert picture.size[0] == picture.size[1] >= 64
        assert picture.getextrema() != ((0, 0),) * 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))

    missing = [target for target in targets if not (page.parent / target).exists()]

    assert missing == []
