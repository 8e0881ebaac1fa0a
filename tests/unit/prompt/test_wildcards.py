"""Wildcards from the files of a folder."""

import logging
from pathlib import Path

import pytest

from mezzotint.prompt.wildcards import Wildcards, read_wildcards


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "wildcards"
    (home / "sub").mkdir(parents=True)
    (home / "colour.txt").write_bytes(
        "\ufeffred\r\n# a comment\n\n2::blue  # the sea\n  green \n#hash\n{a|b}\n".encode()
    )
    (home / "sub" / "deep.txt").write_text("x1\nx2")
    (home / "pack.yaml").write_text(
        "artists:\n  northern:\n    - Ann\n    - 3::Bo\n  dutch: [Cor, 17, {not: this}]\nyesno: [yes, no]\none: alone\n"
    )
    (home / "sub" / "more.json").write_text('{"j": {"k": ["l", "m", 1.5, true, null]}, "flat": ["n"]}')
    (home / "list.json").write_text('["p", "q"]')
    (home / "picture.png").write_bytes(b"\x89PNG")
    return home


def test_lists_are_named_by_their_files_and_keys(folder: Path) -> None:
    assert read_wildcards(folder).names() == [
        "artists/dutch", "artists/northern", "colour", "list", "one", "sub/deep", "sub/flat", "sub/j/k", "yesno",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("colour", ["red", "2::blue", "green", "{a|b}"]),
        (" colour ", ["red", "2::blue", "green", "{a|b}"]),
        ("artists/dutch", ["Cor", "17"]),
        ("artists/*", ["Cor", "17", "Ann", "3::Bo"]),
        ("sub/*", ["x1", "x2", "n", "l", "m", "1.5"]),
        ("**/deep", ["x1", "x2"]),
        ("l?st", ["p", "q"]),
        ("one", ["alone"]),
        ("yesno", ["yes", "no"]),
        ("artists", []),
        ("Colour", []),
        ("../colour", []),
        ("*/../../etc/passwd", []),
    ],
)
def test_values_are_found_by_name_or_pattern(folder: Path, pattern: str, expected: list[str]) -> None:
    assert read_wildcards(folder).find(pattern) == expected


def test_no_folder_is_no_wildcards(tmp_path: Path) -> None:
    assert read_wildcards(tmp_path / "none").names() == []


def bomb() -> str:
    """A few lines that stand for 10^9 values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for i in range(1, 9):
        uses = ", ".join(f"{j}: *a{i - 1}" for j in range(10))
        lines.append(f"a{i}: &a{i} {{{uses}}}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("broken.json", '{"a": [', "Expecting value"),
        ("broken.yaml", "a: [b", "expected"),
        ("deep.json", "[" * 200_000, "recursion"),
        ("bomb.yaml", bomb(), "more than 1000 values"),
    ],
)
def test_a_file_that_cannot_be_read_is_left_aside(
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: str,
    reason: str,
) -> None:
    monkeypatch.setattr("mezzotint.prompt.wildcards._MOST_VALUES", 1000)
    (folder / name).write_text(content)

    with caplog.at_level(logging.WARNING):
        wildcards = read_wildcards(folder)

    assert "colour" in wildcards.names()
    (record,) = caplog.records
    assert name in record.getMessage()
    assert reason in record.getMessage()


def test_yaml_makes_nothing_but_text(folder: Path) -> None:
    (folder / "code.yaml").write_text(
        "a:\n  - !!python/object/apply:os.system ['true']\n  - !!python/name:os.system x\n"
    )
    assert read_wildcards(folder).find("a") == ["x"]


def test_a_file_too_large_is_left_aside_when_it_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("mezzotint.prompt.wildcards._LARGEST_BYTES", 10)
    wildcards = read_wildcards(folder / "sub")
    (folder / "sub" / "deep.txt").write_text("too long for that")

    assert wildcards.find("deep") == []
    assert "larger than" in caplog.text


def test_lists_may_come_from_anywhere() -> None:
    assert Wildcards({"a": ["b"]}).find("a") == ["b"]
