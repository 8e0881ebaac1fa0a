import io
import json
import re
import sys
from pathlib import Path

import pytest

from mezzotint.errors import DamagedFile, UnknownName
from mezzotint.imaging.files import read_infotext, read_picture


def test_one_command_makes_one_picture(mezzotint, studio, tmp_path: Path):
    said = mezzotint("txt2img", "a red apple", "--seed", "1", "--steps", "20", "-o", "a.png")

    assert said.code == 0
    assert re.fullmatch(r"a red apple · 16×16 · seed 1 → a\.png · \d+\.\d s\n", said.out)
    assert read_infotext(tmp_path / "a.png").startswith("a red apple\nSteps: 20, Sampler: Euler, ")


def test_without_output_pictures_are_filed_by_day(mezzotint, studio, tmp_path: Path):
    for _ in range(2):
        mezzotint("txt2img", "x", "--seed", "5")

    (day,) = (tmp_path / "home/outputs/txt2img-images").iterdir()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day.name)
    assert sorted(file.name for file in day.iterdir()) == ["00000-5.png", "00001-5.png"]


def test_every_flag_reaches_the_request(mezzotint, studio, tmp_path: Path):
    mezzotint(
        "txt2img", "x", "--negative", "bad", "--model", "mezzo", "--seed", "7", "--steps", "9", "--sampler", "DDIM",
        "--scheduler", "Karras", "--cfg", "3.5", "--width", "32", "--height", "24", "--count", "2", "--clip-skip", "2",
        "--device", "cpu",
    )  # fmt: skip

    (request,) = studio.requests
    assert request.model_dump(exclude_unset=True) == {
        "prompt": "x", "negative": "bad", "model": "mezzo", "seed": 7, "steps": 9, "sampler": "DDIM",
        "scheduler": "Karras", "cfg_scale": 3.5, "width": 32, "height": 24, "count": 2, "clip_skip": 2,
    }  # fmt: skip
    assert studio.engines == [(tmp_path / "home", "cpu")]


def test_what_is_left_out_is_left_to_the_model(mezzotint, studio):
    mezzotint("txt2img", "x")

    (request,) = studio.requests
    assert request.model_fields_set == {"prompt"}
    assert studio.engines[0][1] == "auto"


def test_several_prompts_share_one_engine_and_are_numbered(mezzotint, studio, tmp_path: Path):
    said = mezzotint("txt2img", "one", "two", "--count", "2", "--seed", "3", "-o", "a.png")

    assert len(studio.engines) == 1
    assert [request.prompt for request in studio.requests] == ["one", "two"]
    assert sorted(file.name for file in tmp_path.glob("*.png")) == ["a-1.png", "a-2.png", "a-3.png", "a-4.png"]
    assert [line.split(" · ")[0] for line in said.out.splitlines()] == ["one", "one", "two", "two"]


def test_a_dash_reads_prompts_from_standard_input(mezzotint, studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("one\n\n  two \n"))

    said = mezzotint("txt2img", "-", "-o", "a.png")

    assert said.code == 0
    assert [request.prompt for request in studio.requests] == ["one", "two"]
    assert sorted(file.name for file in tmp_path.glob("*.png")) == ["a-1.png", "a-2.png"]


def test_a_dash_stands_alone(mezzotint, studio):
    said = mezzotint("txt2img", "-", "x")

    assert said.code == 2 and "stands alone" in said.err


def test_a_batch_gets_a_contact_sheet(mezzotint, studio, tmp_path: Path):
    said = mezzotint("txt2img", "x", "--count", "4")

    (sheet,) = (tmp_path / "home/outputs/txt2img-grids").glob("*/grid-0000.png")
    assert read_picture(sheet).size == (32, 32)
    assert "contact sheet of 4 → " in said.out.splitlines()[-1]


def test_a_contact_sheet_can_be_had_or_not(mezzotint, studio, tmp_path: Path):
    mezzotint("txt2img", "x", "--count", "2", "--no-grid")
    mezzotint("txt2img", "x", "--count", "2", "--grid", "-o", "a.png")

    assert not (tmp_path / "home/outputs/txt2img-grids").exists()
    assert sorted(file.name for file in tmp_path.glob("*.png")) == ["a-1.png", "a-2.png", "a-grid.png"]


def test_json_is_one_line_for_every_event(mezzotint, studio, tmp_path: Path):
    said = mezzotint("txt2img", "é", "--seed", "3", "--json", "-o", "a.png")

    lines = [json.loads(line) for line in said.out.splitlines()]
    assert [line["event"] for line in lines] == ["started", "warned", "progress", "picture", "finished"]
    by_event = {line["event"]: line for line in lines}
    assert by_event["progress"] == {
        "event": "progress", "step": 1, "steps": 2, "picture": 1, "pictures": 1, "fraction": 0.5, "eta_s": 1.25
    }  # fmt: skip
    picture = by_event["picture"]
    assert (picture["path"], picture["seed"], picture["width"], picture["height"]) == ("a.png", 3, 16, 16)
    assert picture["infotext"] == read_infotext(tmp_path / "a.png")
    assert picture["request"]["prompt"] == "é"
    assert said.err == ""


def test_previews_are_told_when_wanted(mezzotint, studio):
    said = mezzotint("txt2img", "x", "--json", "--preview", "-o", "a.png")

    (preview,) = [json.loads(line) for line in said.out.splitlines() if '"preview"' in line]
    assert preview["image"].startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--steps", "0"), "steps: input should be greater than or equal to 1, got 0"),
        (("--width", "100"), "width: input should be a multiple of 8, got 100"),
        (("--device", "gpu"), "no device 'gpu'"),
        (("-o", "a.txt"), "cannot write pictures as '.txt'"),
    ],
)
def test_a_wrong_flag_is_told_in_one_line_before_anything_loads(
    mezzotint, studio, arguments: tuple[str, ...], message: str
):
    said = mezzotint("txt2img", "x", *arguments)

    assert said.code == 2 and said.out == "" and studio.engines == []
    assert said.err.startswith(f"error: {message}") and said.err.count("\n") == 1


def test_an_error_in_the_work_has_its_own_exit_code(mezzotint, studio):
    studio.error = DamagedFile("m.safetensors is cut short", hint="fetch it again")

    said = mezzotint("txt2img", "x")

    assert said.code == 3
    assert said.err.splitlines()[-1] == "error: m.safetensors is cut short; fetch it again"


def test_an_error_is_json_too_when_json_was_asked_for(mezzotint, studio):
    studio.error = UnknownName("sampler", "eular", ["Euler"])

    said = mezzotint("txt2img", "x", "--json")

    assert said.code == 2 and said.err == ""
    assert json.loads(said.out.splitlines()[-1]) == {
        "event": "failed", "code": "unknown-name", "message": "no sampler 'eular'", "hint": "did you mean 'Euler'?"
    }  # fmt: skip


def test_warnings_go_to_stderr(mezzotint, studio):
    assert "warning: the prompt is long; shorten it" in mezzotint("txt2img", "x").err


def test_ctrl_c_keeps_what_is_done(mezzotint, studio, tmp_path: Path):
    import signal

    before = signal.getsignal(signal.SIGINT)
    studio.interrupt_after = 2

    said = mezzotint("txt2img", "x", "--count", "4", "-o", "a.png")

    assert said.code == 130
    assert "stopping after this step; press Ctrl-C again" in said.err
    assert "error: stopped; 2 written" in said.err
    assert sorted(file.name for file in tmp_path.glob("*.png")) == ["a-1.png", "a-2.png"]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_long_prompt_is_shortened_on_its_line(mezzotint, studio):
    said = mezzotint("txt2img", "word " * 50, "-o", "a.png")

    assert len(said.out.split(" · ")[0]) == 60 and "… · 16×16" in said.out
