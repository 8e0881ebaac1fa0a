import subprocess
import sys
from pathlib import Path

import pytest

from mezzotint.errors import ResourceError
from mezzotint.imaging.naming import (
    claimed_number,
    claimed_path,
    next_number,
    numbered,
    picture_name,
    sanitised,
    subfolder,
)


def test_numbers_start_at_zero_where_nothing_is(tmp_path: Path):
    assert next_number(tmp_path) == 0
    assert next_number(tmp_path / "not yet there") == 0
    with claimed_path(tmp_path / "not yet there", "1234") as path:
        assert path == tmp_path / "not yet there" / "00000-1234.png"


def test_the_number_is_one_more_than_the_largest(tmp_path: Path):
    for name in ("00003-77.png", "00012-5.txt", "x00099-1.png", "grid-0007.png", "00002-999999.png", "notes.md",
                 "00050x-1.png", "00060.5-1.png", f"{10**20}-1.png"):  # fmt: skip
        (tmp_path / name).touch()

    with claimed_path(tmp_path, "5") as path, claimed_path(tmp_path, "5/6", suffix=".webp") as next_path:
        assert (path, next_path) == (tmp_path / "00013-5.png", tmp_path / "00014-5_6.webp")
    with claimed_path(tmp_path, basename="grid") as path:
        assert path == tmp_path / "grid-0008.png"
    assert next_number(tmp_path, basename="xyz_grid") == 0


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"number": 12, "decoration": "1234"}, "00012-1234"),
        ({"number": 123456}, "123456"),
        ({"number": 12, "variant": "before-highres-fix"}, "00012-before-highres-fix"),
        ({"number": 12, "decoration": "1234", "variant": "mask"}, "00012-1234-mask"),
        ({"number": 3, "basename": "grid"}, "grid-0003"),
        ({"number": 0, "decoration": "1234", "basename": "xyz_grid"}, "xyz_grid-0000-1234"),
        ({"number": None, "decoration": "a cat"}, "a cat"),
        ({"number": None, "decoration": "con"}, "_con"),
        ({"number": None, "decoration": "console"}, "console"),
    ],
)
def test_names_are_put_together_as_a1111_does(arguments: dict[str, object], name: str):
    assert picture_name(**arguments) == name


def test_a_name_is_never_longer_than_a_file_system_takes(tmp_path: Path):
    name = picture_name(12, "猫" * 200, variant="mask")

    (tmp_path / f"{name}.webp").touch()
    assert name.startswith("00012-猫") and name.endswith("猫-mask")
    assert len(f"{name}.webp".encode()) > 250


def test_numbered_keeps_folder_and_ending():
    assert numbered(Path("out/a.b.png"), 3) == Path("out/a.b-3.png")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("12-a cat, on a mat (red:1.2)", "12-a cat, on a mat (red_1.2)"),
        ('a/b\\c?*"<>|#:\n\r\td\0', "a_b_c___________d_"),
        ("  . a .. ", ". a"),
        ("x" * 200, "x" * 128),
        ("x" * 127 + " y", "x" * 127),
    ],
)
def test_names_hold_what_file_systems_take(name: str, allowed: str):
    assert sanitised(name) == allowed


def test_unix_takes_more():
    assert sanitised('a/b\\c?*"<>|#:\n', for_unix=True) == 'a_b\\c?*"<>|#:\n'


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("2026-01-02", "2026-01-02"),
        ("a/b\\c", "a/b/c"),
        ("../../etc", "etc"),
        ("/etc/./x/..", "etc/x"),
        ("C:\\x", "C_/x"),
        ("nul/com1.txt/column", "_nul/_com1.txt/column"),
        ("", "."),
    ],
)
def test_a_subfolder_is_always_below(name: str, folder: str):
    assert subfolder(name) == Path(folder)


def test_on_unix_only_a_slash_divides():
    assert subfolder("a\\b/c", for_unix=True) == Path("a\\b/c")


def test_a_claimed_number_is_free_again_if_nothing_was_written(tmp_path: Path):
    with claimed_number(tmp_path / "new") as first, claimed_number(tmp_path / "new") as second:
        assert (first, second) == (0, 1)
    with claimed_number(tmp_path / "new") as again:
        assert again == 0
        (tmp_path / "new" / picture_name(again, "x")).touch()

    with claimed_number(tmp_path / "new") as last, claimed_number(tmp_path / "new", basename="grid") as grid:
        assert (last, grid) == (1, 0)
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["00000-x"]


def test_a_claim_is_given_up_when_writing_fails(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), claimed_number(tmp_path):
        raise ZeroDivisionError

    assert list(tmp_path.iterdir()) == []


def test_a_claim_of_a_process_that_died_costs_its_number_only(tmp_path: Path):
    (tmp_path / ".-0.claim").touch()

    with claimed_number(tmp_path) as number:
        assert number == 1


def test_a_place_that_is_no_folder_is_told(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(ResourceError, match="cannot write in"), claimed_number(tmp_path / "file"):
        pass


_WRITER = """
import sys
from pathlib import Path
from mezzotint.imaging.naming import claimed_number, picture_name
folder = Path(sys.argv[1])
for _ in range(40):
    with claimed_number(folder) as number:
        (folder / picture_name(number, sys.argv[2])).open("x").close()
"""


def test_processes_that_write_at_once_get_different_numbers(tmp_path: Path):
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path), name]) for name in "abc"]

    codes = [writer.wait(timeout=120) for writer in writers]

    assert codes == [0, 0, 0]
    names = [file.name for file in tmp_path.iterdir()]
    assert len(names) == 120
    assert len({name.partition("-")[0] for name in names}) == 120
