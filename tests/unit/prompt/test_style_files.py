"""Files of styles."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mezzotint.errors import DamagedFile, RequestError, ResourceError
from mezzotint.prompt.style_files import divider_of, list_styles, read_styles, write_styles
from mezzotint.prompt.styles import Style

INK = Style("ink", "ink drawing of {prompt}", "colour, photo")
MASTER = Style("master", 'a "masterpiece"\nof sorts')
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = TEXTS.filter(lambda name: bool(name.strip()) and not name.startswith("#"))


def test_a_file_is_a_table_with_a_byte_order_mark(tmp_path: Path) -> None:
    write_styles(tmp_path / "styles.csv", [INK, MASTER])

    assert (tmp_path / "styles.csv").read_bytes() == (
        b"\xef\xbb\xbfname,prompt,negative_prompt\r\n"
        b'ink,ink drawing of {prompt},"colour, photo"\r\n'
        b'master,"a ""masterpiece""\nof sorts",\r\n'
    )
    assert read_styles(tmp_path / "styles.csv") == [INK, MASTER]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("name,text\nold,an old one\n", [Style("old", "an old one")]),
        ("name,prompt,negative_prompt\n#note,x,y\nink, pen,  pencil\n", [Style("ink", "pen", "pencil")]),
        ('name, prompt\nink, "a, b"\n', [Style("ink", "a, b")]),
        ("name,prompt,negative_prompt\nshort\n,nameless,\n", [Style("short")]),
        ("name,prompt,negative_prompt\nlong,a,b,c,d\n", [Style("long", "a", "b")]),
        ("\ufeffname,prompt\r\nink,pen\r\n", [Style("ink", "pen")]),
        ("", []),
    ],
)
def test_files_of_all_kinds_are_read(tmp_path: Path, content: str, expected: list[Style]) -> None:
    path = tmp_path / "styles.csv"
    path.write_bytes(content.encode())

    assert read_styles(path) == expected


def test_several_files_have_dividers(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine.csv", tmp_path / "theirs.csv"
    write_styles(mine, [INK, MASTER])
    write_styles(theirs, [Style("ink", "other")])

    listed = list_styles([mine, theirs])

    assert divider_of(mine) == "------------------MINE------------------"
    assert [style.name for style in listed] == [divider_of(mine), "ink", "master", divider_of(theirs)]
    assert listed[0] == Style(divider_of(mine))
    assert listed[1].prompt == "other"
    assert list_styles([mine]) == [INK, MASTER]


def test_what_was_there_is_kept_beside(tmp_path: Path) -> None:
    path = tmp_path / "styles.csv"
    write_styles(path, [INK])

    write_styles(path, [MASTER])

    assert read_styles(path) == [MASTER]
    assert read_styles(tmp_path / "styles.csv.bak") == [INK]
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_file()) == ["styles.csv", "styles.csv.bak"]


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "styles.csv"
    write_styles(path, [INK])

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ResourceError, match="No space left"):
        write_styles(path, [MASTER])

    assert read_styles(path) == [INK]
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["styles.csv"]


@pytest.mark.parametrize("name", ["", "  ", "#note"])
def test_a_name_that_would_not_be_read_again_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RequestError, match="cannot be called"):
        write_styles(tmp_path / "styles.csv", [Style(name)])
    assert not (tmp_path / "styles.csv").exists()


@pytest.mark.parametrize("content", [b"title,prompt\na,b\n", b"name,prompt\n\xff\xfe,b\n", b'name\n"' + b"a" * 200_000])
def test_a_file_that_is_no_table_of_styles_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "styles.csv"
    path.write_bytes(content)

    with pytest.raises(DamagedFile, match=r"styles\.csv"):
        read_styles(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match=r"styles\.csv: No such file"):
        read_styles(tmp_path / "styles.csv")


@given(st.lists(st.builds(Style, NAMES, TEXTS, TEXTS), max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_what_is_written_is_read_again(tmp_path: Path, styles: list[Style]) -> None:
    write_styles(tmp_path / "styles.csv", styles)
    assert read_styles(tmp_path / "styles.csv") == styles
