import io
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from mezzotint.cli.views import TerminalView
from mezzotint.contract import events
from mezzotint.contract.requests import GenerationRequest
from mezzotint.contract.results import Picture


@dataclass(frozen=True)
class _Screen:
    """Standard output in a kitty terminal, once it pretends to be one."""

    capture: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def pretend(self) -> None:  # called in the test itself, as pytest puts another stdout in place before it
        self.monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    def written(self) -> str:
        return self.capture.readouterr().out


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> _Screen:
    for name in ("TMUX", "NO_COLOR", "TERM_PROGRAM", "KITTY_WINDOW_ID", "LC_TERMINAL", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-kitty")
    return _Screen(capsys, monkeypatch)


def _console(*, is_terminal: bool = True) -> Console:
    return Console(file=io.StringIO(), force_terminal=is_terminal, width=120, height=30, color_system="truecolor")


def _seen(view: TerminalView) -> str:
    """What the bar and preview look like now."""
    with view.console.capture() as capture:
        view.console.print(view.live.get_renderable())
    return re.sub(r"\x1b\[[0-9;]*m", "", capture.get())


def _picture(seed: int) -> Picture:
    return Picture(Image.new("RGB", (16, 16)), GenerationRequest(prompt="a cat", seed=seed), "")


def test_the_bar_tells_step_and_picture(out: _Screen):
    view = TerminalView(previews=False, pictures=False, console=_console())
    assert "loading" in _seen(view)

    view.show(events.Started(GenerationRequest(prompt="x", count=4)))
    view.show(events.Progress(3, 20, picture=2, pictures=4))

    assert "drawing" in _seen(view) and "picture 2 of 4 · step 3 of 20" in _seen(view)
    assert view.bar.tasks[0].completed == 23 and view.bar.tasks[0].total == 80
    view.close()


def test_previews_stand_above_the_bar_when_wanted(out: _Screen):
    event = events.Preview(Image.new("RGB", (4, 2), "red"))
    wanted, unwanted = (TerminalView(previews=on, pictures=False, console=_console()) for on in (True, False))

    wanted.show(event)
    unwanted.show(event)

    assert [line.count("▀") for line in _seen(wanted).splitlines()[:8]] == [32] * 8
    assert "▀" not in _seen(unwanted)
    wanted.saved(_picture(1), Path("a.png"), 1.0)
    assert "▀" not in _seen(wanted)
    wanted.close()
    unwanted.close()


def test_a_picture_alone_is_drawn_and_its_line_comes_last(out: _Screen):
    out.pretend()
    view = TerminalView(previews=False, pictures=True, console=_console())

    view.saved(_picture(7), Path("a.png"), 1.25)
    view.finished([_picture(7)])
    view.close()

    drawn = out.written()
    assert drawn.count("\x1b_Gf=100") == 1
    assert drawn.endswith("\x1b\\\na cat · 16×16 · seed 7 → a.png · 1.2 s\n")


def test_several_pictures_are_drawn_on_one_sheet(out: _Screen):
    out.pretend()
    view = TerminalView(previews=False, pictures=True, console=_console())

    view.show(events.Started(GenerationRequest(prompt="x", count=2)))
    for seed in (1, 2):
        view.saved(_picture(seed), Path(f"a-{seed}.png"), 1.0)
    before = out.written()
    view.finished([_picture(1), _picture(2)])
    view.close()

    assert "\x1b_G" not in before and before.count("\n") == 2
    assert out.written().count("\x1b_Gf=100") == 1


def test_pictures_are_not_drawn_when_not_wanted(out: _Screen):
    out.pretend()
    view = TerminalView(previews=False, pictures=False, console=_console())

    view.saved(_picture(7), Path("a.png"), 1.0)
    view.close()

    assert out.written() == "a cat · 16×16 · seed 7 → a.png · 1.0 s\n"


def test_no_bar_is_drawn_into_a_file(out: _Screen):
    console = _console(is_terminal=False)
    view = TerminalView(previews=True, pictures=False, console=console)

    view.show(events.Progress(1, 2))
    view.show(events.Warned("odd [thing]", "mend it"))
    view.close()

    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == "warning: odd [thing]; mend it\n"


def test_paths_are_shown_from_here(out: _Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    view = TerminalView(previews=False, pictures=False, console=_console())

    view.saved_grid(tmp_path / "out" / "grid.png", 4)
    view.saved_grid(Path("/elsewhere/grid.png"), 4)
    view.close()

    assert out.written().splitlines() == [
        f"contact sheet of 4 → {Path('out/grid.png')}", "contact sheet of 4 → /elsewhere/grid.png"
    ]  # fmt: skip
