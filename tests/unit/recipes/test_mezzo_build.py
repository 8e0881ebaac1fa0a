"""Building, resuming, comparing and crediting a set of sprites made up here."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from mezzotint.errors import RequestError, ResourceError, UnknownName
from recipes.mezzo import fetch as fetching
from recipes.mezzo import sink
from recipes.mezzo.attribution import attribution
from recipes.mezzo.build import build, build_source, is_built, spread
from recipes.mezzo.packages import DebianPackage, NpmPackage
from recipes.mezzo.sheet import contact_sheet
from recipes.mezzo.sources import SOURCES
from recipes.mezzo.sources.source import Source
from recipes.mezzo.sprite import Candidate, Undrawable
from recipes.mezzo.verify import Tolerance, compare


def blot(colour: str, width: int = 40) -> Image.Image:
    picture = Image.new("RGBA", (100, 100))
    picture.paste(colour, (10, 10, 10 + width, 60))
    return picture


def damaged() -> Image.Image:
    raise Undrawable("no such drawing")


def source(candidates: list[Candidate]) -> Source:
    return Source("blots", "ink", "CC0", "nobody", "Blots", (), lambda _: candidates)


CANDIDATES = [Candidate(f"{colour} blot", partial(blot, colour), ("ink",)) for colour in ("red", "green", "orange")]


def test_a_built_source_reads_back_as_it_was_offered(tmp_path: Path) -> None:
    build_source(source(CANDIDATES), tmp_path, tmp_path)

    rows = sink.rows(tmp_path, "blots")
    assert [row["label"] for row in rows] == ["red blot", "green blot", "orange blot"]
    assert {"o", "n", "src", "style", "label", "tags", "cat", "colors"} == set(rows[0])
    assert [row["colors"][0] for row in rows] == ["red", "green", "orange"]
    drawn = list(sink.pictures(tmp_path, "blots", rows))
    assert all(picture.size == (128, 128) and picture.mode == "RGBA" for picture in drawn)
    totals = sink.totals(tmp_path, "blots")
    assert totals is not None
    assert (
        totals["n"] == 3 and totals["b128"] == (tmp_path / "blots.bin").stat().st_size == rows[-1]["o"] + rows[-1]["n"]
    )


@pytest.mark.parametrize(
    "unwanted",
    [
        Candidate("red blot again", partial(blot, "red")),
        Candidate("a nude", partial(blot, "brown")),
        Candidate("nothing", partial(Image.new, "RGBA", (9, 9))),
        Candidate("broken", damaged),
        Candidate("", partial(blot, "brown")),
    ],
    ids=["double", "blocklisted", "empty", "damaged", "nameless"],
)
def test_unwanted_pictures_are_dropped_and_counted(tmp_path: Path, unwanted: Candidate) -> None:
    build_source(source([*CANDIDATES, unwanted]), tmp_path, tmp_path)

    totals = sink.totals(tmp_path, "blots")
    assert totals is not None and (totals["n"], totals["drop"]) == (3, 1)


def test_two_builds_are_equal_byte_for_byte(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        build_source(source(CANDIDATES), tmp_path / folder, tmp_path)

    for name in ("blots.bin", "blots.jsonl", "blots.info"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_build_that_fails_keeps_what_was_there_and_leaves_nothing_else(tmp_path: Path) -> None:
    def interrupted() -> Image.Image:
        raise KeyboardInterrupt

    build_source(source(CANDIDATES), tmp_path, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    with pytest.raises(KeyboardInterrupt):
        build_source(source([Candidate("new", interrupted)]), tmp_path, tmp_path)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_mistake_of_ours_is_not_taken_for_a_damaged_drawing(tmp_path: Path) -> None:
    def mistaken() -> Image.Image:
        raise ValueError("operands could not be broadcast together")

    with pytest.raises(ValueError, match="broadcast"):
        build_source(source([Candidate("new", mistaken)]), tmp_path, tmp_path)


def test_complete_sources_are_skipped_unless_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []

    def counted(_: Path) -> list[Candidate]:
        runs.append(1)
        return CANDIDATES

    monkeypatch.setitem(SOURCES, "blots", replace(source([]), candidates=counted))

    build(["blots"], tmp_path, tmp_path)
    build(["blots"], tmp_path, tmp_path)
    build(["blots"], tmp_path, tmp_path, again=True)

    assert len(runs) == 2


def test_a_sample_does_not_count_as_complete(tmp_path: Path) -> None:
    build_source(source(CANDIDATES), tmp_path, tmp_path, limit=2)

    assert is_built(tmp_path, "blots", 2)
    assert not is_built(tmp_path, "blots", None)


def test_a_limit_spreads_over_the_whole_source() -> None:
    many = [Candidate(str(i), damaged) for i in range(100)]

    assert [candidate.label for candidate in spread(many, 4)] == ["0", "25", "50", "75"]
    assert spread(many, None) is many
    with pytest.raises(RequestError):
        spread(many, 0)


def test_an_unknown_source_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    with pytest.raises(UnknownName) as refused:
        build(["notto"], tmp_path, tmp_path)

    assert "noto" in refused.value.hint
    assert not list(tmp_path.iterdir())


def test_a_set_is_like_itself(tmp_path: Path) -> None:
    build_source(source(CANDIDATES), tmp_path, tmp_path)

    found = compare(tmp_path, tmp_path, "blots")

    assert found.faults(Tolerance()) == []
    assert (found.label_overlap, found.same, found.same_apart) == (1.0, 3, 0.0)


def test_another_set_under_the_same_name_is_found_out(tmp_path: Path) -> None:
    build_source(source(CANDIDATES), tmp_path / "theirs", tmp_path)
    others = [
        Candidate("red blot", partial(blot, "black", 10), extra={"tint": "black"}),
        Candidate("cat", partial(blot, "red")),
    ]
    build_source(source(others), tmp_path / "ours", tmp_path)

    faults = " ".join(compare(tmp_path / "ours", tmp_path / "theirs", "blots").faults(Tolerance()))

    assert "fields differ: tint" in faults
    assert "2 sprites, the reference has 3" in faults
    assert "50% of the labels" in faults
    assert "same label differ" in faults


def test_a_contact_sheet_has_a_cell_for_every_sprite(tmp_path: Path) -> None:
    build_source(source(CANDIDATES), tmp_path, tmp_path)

    sheet = contact_sheet(tmp_path, ["blots"], each=3, columns=2, cell_px=32)

    assert sheet.size == (64, 2 * (32 + 12))


def test_archives_are_named_as_their_clients_name_them() -> None:
    assert NpmPackage("@scope/thing", "1.2.0", "").file_name == "scope-thing-1.2.0.tgz"
    assert DebianPackage("thing", "1:2-3", "").file_name == "thing_1%3a2-3_all.deb"


def test_a_file_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    package = NpmPackage("thing", "1.0", "0" * 64)
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / package.file_name).write_bytes(b"something else")

    with pytest.raises(ResourceError, match="has sha256"):
        fetching.fetch(package, tmp_path)


def test_a_missing_client_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="no-such-client is not installed"):
        fetching.run(["no-such-client"], tmp_path)


def test_every_source_is_credited_in_the_shipped_file() -> None:
    shipped = (Path(fetching.__file__).parent / "ATTRIBUTION.md").read_text(encoding="utf-8")

    assert shipped == attribution()
    assert all(f"`{name}`" in shipped for name in SOURCES)


def test_only_permissive_licences_are_used() -> None:
    permissive = ("Public", "CC0", "MIT", "Apache-2.0", "CC-BY")

    assert all(
        source.licence.startswith(permissive) and "SA" not in source.licence.split() for source in SOURCES.values()
    )
    assert not any("BY-SA" in source.licence for source in SOURCES.values())


def test_info_is_json_with_the_fields_that_readers_expect(tmp_path: Path) -> None:
    build_source(source(CANDIDATES), tmp_path, tmp_path)

    info = json.loads((tmp_path / "blots.info").read_text(encoding="utf-8"))

    assert list(info) == ["n", "drop", "b128", "b64", "lic", "author", "style"]
