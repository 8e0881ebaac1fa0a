from pathlib import Path

import pytest

from mezzotint.imaging.naming import grid_path, next_number, numbered, picture_path, sanitised


def test_numbers_start_at_zero_where_nothing_is(tmp_path: Path):
    assert next_number(tmp_path) == 0
    assert next_number(tmp_path / "not yet there") == 0
    assert picture_path(tmp_path, 1234) == tmp_path / "00000-1234.png"


def test_the_number_is_one_more_than_the_largest(tmp_path: Path):
    for name in ("00003-77.png", "00012-5.txt", "x00099-1.png", "grid-0007.png", "00002-999999.png", "notes.md"):
        (tmp_path / name).touch()

    assert picture_path(tmp_path, 5) == tmp_path / "00013-5.png"
    assert grid_path(tmp_path) == tmp_path / "grid-0008.png"


def test_numbered_keeps_folder_and_ending():
    assert numbered(Path("out/a.b.png"), 3) == Path("out/a.b-3.png")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("12-a cat, on a mat (red:1.2)", "12-a cat, on a mat (red_1.2)"),
        ('a/b\\c?*"<>|#:\n\r\td', "a_b_c___________d"),
        ("  . a .. ", ". a"),
        ("x" * 200, "x" * 128),
        ("x" * 127 + " y", "x" * 127),
    ],
)
def test_names_hold_what_file_systems_take(name: str, allowed: str):
    assert sanitised(name) == allowed
