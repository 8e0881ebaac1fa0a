import subprocess
import sys
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from mezzotint.cli.destination import Destination, destination
from mezzotint.contract.parts import Output
from mezzotint.contract.requests import GenerationRequest
from mezzotint.contract.results import Picture
from mezzotint.errors import RequestError, ResourceError
from mezzotint.imaging.files import read_picture

DAY = date(2031, 2, 3)


def _to(
    output: str | None, home: Path, *, several: bool = False, kind: str = "txt2img", written: Output | None = None
) -> Destination:
    return destination(output, home / "outputs", kind=kind, several=several, today=DAY, written=written)


def _where(place: AbstractContextManager[Path]) -> Path:
    with place as path:
        return path


def _picture(seed: int) -> Picture:
    return Picture(Image.new("RGB", (8, 8)), GenerationRequest(prompt="x", seed=seed), "")


@pytest.mark.parametrize("kind", ["txt2img", "img2img"])
def test_pictures_go_to_the_days_folder(tmp_path: Path, kind: str):
    place = _to(None, tmp_path, kind=kind)

    assert _where(place.picture(_picture(77), 1)) == tmp_path / f"outputs/{kind}-images/2031-02-03/00000-77.png"
    assert _where(place.grid()) == tmp_path / f"outputs/{kind}-grids/2031-02-03/grid-0000.png"


def test_one_picture_takes_the_name_given(tmp_path: Path):
    assert _where(_to(f"{tmp_path}/new/a.png", tmp_path).picture(_picture(7), 1)) == tmp_path / "new/a.png"


def test_several_pictures_are_numbered_from_one(tmp_path: Path):
    place = _to(f"{tmp_path}/a.webp", tmp_path, several=True)

    assert [_where(place.picture(_picture(7), number)).name for number in (1, 2)] == ["a-1.webp", "a-2.webp"]
    assert _where(place.grid()).name == "a-grid.webp"


@pytest.mark.parametrize("name", ["new/", "new", "there.png"])
def test_a_folder_receives_numbered_files(tmp_path: Path, name: str):
    (tmp_path / "there.png").mkdir()

    place = _to(f"{tmp_path}/{name}", tmp_path, several=True)

    assert _where(place.picture(_picture(7), 1)) == tmp_path / name / "00000-7.png"
    assert place.folder.is_dir()


def test_a_file_that_is_no_picture_is_refused_before_work_begins(tmp_path: Path):
    with pytest.raises(RequestError, match=r"as '.txt'"):
        _to(f"{tmp_path}/a.txt", tmp_path)


def test_a_folder_that_cannot_be_made_is_told_before_work_begins(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(ResourceError, match="cannot make"):
        _to(f"{tmp_path}/file/a.png", tmp_path)


def test_files_without_a_name_are_of_the_format_asked_for(tmp_path: Path):
    for output in (None, f"{tmp_path}/new/"):
        place = _to(output, tmp_path, written=Output(format="webp", lossless=True))

        assert _where(place.picture(_picture(7), 1)).name == "00000-7.webp"
        assert _where(place.grid()).name == "grid-0000.webp"
        assert place.written.lossless


@pytest.mark.parametrize(("name", "format_"), [("a.jpg", "jpg"), ("a.JPEG", "jpg"), ("a.webp", "webp")])
def test_the_name_of_a_file_says_its_format(tmp_path: Path, name: str, format_: str):
    for written in (Output(quality=50), Output(quality=50, format=format_)):
        place = _to(f"{tmp_path}/{name}", tmp_path, written=written)

        assert (place.written.format, place.written.quality) == (format_, 50)
        assert _where(place.picture(_picture(7), 1)) == tmp_path / name


def test_a_name_and_a_format_that_contradict_are_told(tmp_path: Path):
    with pytest.raises(RequestError, match=r"a\.jpg would be jpg, and the format asked for is webp") as caught:
        _to(f"{tmp_path}/a.jpg", tmp_path, written=Output(format="webp"))

    assert "a.webp" in caught.value.hint


def test_a_named_jpeg_is_never_lossless(tmp_path: Path):
    with pytest.raises(RequestError, match="jpg files always lose something"):
        _to(f"{tmp_path}/a.jpeg", tmp_path, written=Output(lossless=True))


@pytest.mark.parametrize(("output", "written"), [(None, Output(format="avif")), ("a.avif", None)])
def test_a_format_that_this_installation_lacks_is_told_before_work_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str | None, written: Output | None
):
    monkeypatch.setattr("PIL.features.check", lambda _feature: False)

    with pytest.raises(RequestError, match="cannot write AVIF"):
        _to(output and f"{tmp_path}/{output}", tmp_path, written=written)


def test_a_place_is_taken_while_its_picture_is_written(tmp_path: Path):
    place = _to(None, tmp_path)

    with place.picture(_picture(7), 1) as first, place.picture(_picture(7), 2) as second, place.grid() as sheet:
        assert (first.name, second.name, sheet.name) == ("00000-7.png", "00001-7.png", "grid-0000.png")
        first.touch()

    assert _where(place.picture(_picture(7), 3)).name == "00001-7.png"  # the second was never written
    assert [file.name for file in place.folder.iterdir()] == ["00000-7.png"]


_WRITER = """
import sys
from pathlib import Path
from PIL import Image
from mezzotint.cli.destination import Destination
from mezzotint.cli.making import Making
from mezzotint.cli.views import JsonView
from mezzotint.contract.events import PictureReady
from mezzotint.contract.requests import GenerationRequest
from mezzotint.contract.results import Picture
making = Making(JsonView(previews=False), Destination(Path(sys.argv[1]), Path(sys.argv[1])), Path(sys.argv[1], "kept"))
for number in range(40):
    image = Image.new("RGB", (8, 8), (number, int(sys.argv[2]), 0))
    making.emit(PictureReady(Picture(image, GenerationRequest(prompt="x", seed=7), "x"), number + 1, 40))
"""


def test_two_processes_that_write_at_once_lose_no_picture(tmp_path: Path):
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path), name], stdout=subprocess.DEVNULL)
        for name in "12"
    ]

    codes = [writer.wait(timeout=120) for writer in writers]

    assert codes == [0, 0]
    colours = [read_picture(file).getpixel((0, 0)) for file in tmp_path.iterdir()]
    assert sorted(colours) == [(number, name, 0) for number in range(40) for name in (1, 2)]
