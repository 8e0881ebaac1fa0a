"""What the person at the terminal, or the program behind a pipe, sees of the work: two views of the same events."""

import base64
import json
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, runtime_checkable

from PIL import Image
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from mezzotint.contract import events
from mezzotint.contract.results import Picture
from mezzotint.errors import MezzotintError
from mezzotint.imaging.files import encode
from mezzotint.imaging.grids import contact_sheet
from mezzotint.imaging.terminal import Method, half_blocks, method_for, rendered

_PREVIEW_COLUMNS = 32
_SHEET_GAP_PX = 2
_COPPER = "#d98b5a"


@runtime_checkable
class View(Protocol):
    """One way to show work."""

    def show(self, event: events.Event) -> None:
        """Take note of an event other than a finished picture."""
        ...

    def saved(self, picture: Picture, path: Path, seconds: float) -> None:
        """A picture was written, ``seconds`` after the one before it."""
        ...

    def saved_grid(self, path: Path, count: int) -> None:
        """A contact sheet was written."""
        ...

    def finished(self, pictures: Sequence[Picture]) -> None:
        """A request is done."""
        ...

    def failed(self, error: MezzotintError) -> bool:
        """Whether this view has told the person."""
        ...

    def close(self) -> None:
        """Leave the screen tidy."""
        ...


class TerminalView:
    """A progress bar on stderr while it works; on stdout, where possible, the pictures, and always a line for each."""

    def __init__(self, *, previews: bool, pictures: bool, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self.preview = Text("")
        self.previews = previews
        self.method: Method | None = method_for(os.environ, is_terminal=sys.stdout.isatty()) if pictures else None
        self.count = 1
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(complete_style=_COPPER, finished_style=_COPPER, pulse_style=_COPPER),
            TextColumn("{task.fields[count]}"),
            _Rate(),
            TimeRemainingColumn(),
        )
        self.task = self.bar.add_task("loading", total=None, count="")
        self.live = Live(
            get_renderable=lambda: Group(self.preview, self.bar.get_renderable()) if self.preview else self.bar,
            console=self.console,
            transient=True,
            refresh_per_second=8,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        if self.console.is_terminal:
            self.live.start()

    def show(self, event: events.Event) -> None:
        """Move the bar, replace the preview, print a warning."""
        match event:
            case events.Started():
                self.count = event.request.count
                self.bar.reset(self.task, total=None, description="starting", count="")
            case events.Progress():
                several = f"picture {event.picture} of {event.pictures} · " if event.pictures > 1 else ""
                self.bar.update(
                    self.task,
                    description="drawing",
                    total=event.steps * event.pictures,
                    completed=round(event.fraction * event.steps * event.pictures),
                    count=f"{several}step {event.step} of {event.steps}",
                )
            case events.Preview() if self.previews:
                self.preview = _blocks(event.image)
            case events.Warned():
                hint = f"; {event.hint}" if event.hint else ""
                self.console.print(f"warning: {event.message}{hint}", markup=False, highlight=False, soft_wrap=True)
            case _:
                pass

    def saved(self, picture: Picture, path: Path, seconds: float) -> None:
        """One line: what was done, where it is, how long it took; a picture that comes alone is drawn above it."""
        self.preview = Text("")
        if self.count == 1:
            self._draw(picture.image)
        request = picture.request
        size = f"{picture.image.width}×{picture.image.height}"
        self._say(f"{_shortened(request.prompt)} · {size} · seed {request.seed} → {_near(path)} · {seconds:.1f} s")

    def saved_grid(self, path: Path, count: int) -> None:
        """One line for the contact sheet."""
        self._say(f"contact sheet of {count} → {_near(path)}")

    def finished(self, pictures: Sequence[Picture]) -> None:
        """Draw several pictures on one sheet."""
        self.preview = Text("")
        if self.count > 1 and pictures:
            self._draw(contact_sheet([picture.image for picture in pictures], gap_px=_SHEET_GAP_PX))

    def failed(self, error: MezzotintError) -> bool:
        """Leave it to the line that every command ends with."""
        return False

    def close(self) -> None:
        """Take the bar away."""
        self.live.stop()

    def _draw(self, image: Image.Image) -> None:
        if self.method is None:
            return
        size = self.console.size
        with self._aside():
            sys.stdout.write(rendered(image, self.method, columns=size.width, rows=max(size.height - 4, 8)))
            sys.stdout.flush()

    def _say(self, line: str) -> None:
        with self._aside():
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    @contextmanager
    def _aside(self) -> Generator[None, None, None]:
        """Without the bar for a moment, as both may be on one screen."""
        was_live = self.live.is_started
        self.live.stop()
        yield
        if was_live:
            self.live.start()


class JsonView:
    """One line of JSON on stdout for every event, ``event`` naming its kind."""

    def __init__(self, *, previews: bool) -> None:
        self.previews = previews

    def show(self, event: events.Event) -> None:
        """A line for starts, steps, warnings and, if wanted, previews as data URIs."""
        match event:
            case events.Started():
                self._line("started", request=event.request.model_dump(mode="json"))
            case events.Progress():
                eta = None if event.eta_s is None else round(event.eta_s, 2)
                self._line(
                    "progress", step=event.step, steps=event.steps, picture=event.picture, pictures=event.pictures,
                    fraction=round(event.fraction, 4), eta_s=eta,
                )  # fmt: skip
            case events.Preview() if self.previews:
                data = base64.b64encode(encode(event.image)).decode()
                self._line("preview", picture=event.picture, step=event.step, image=f"data:image/png;base64,{data}")
            case events.Warned():
                self._line("warned", message=event.message, hint=event.hint)
            case _:
                pass

    def saved(self, picture: Picture, path: Path, seconds: float) -> None:
        """Where the picture is and all that made it."""
        self._line(
            "picture",
            path=str(path),
            seed=picture.seed,
            width=picture.image.width,
            height=picture.image.height,
            seconds=round(seconds, 3),
            infotext=picture.infotext,
            request=picture.request.model_dump(mode="json"),
        )

    def saved_grid(self, path: Path, count: int) -> None:
        """Where the contact sheet is."""
        self._line("grid", path=str(path), pictures=count)

    def finished(self, pictures: Sequence[Picture]) -> None:
        """How many pictures the request gave."""
        self._line("finished", pictures=len(pictures), seeds=[picture.seed for picture in pictures])

    def failed(self, error: MezzotintError) -> bool:
        """The error as a line; nothing on stderr is needed."""
        self._line("failed", code=error.code, message=error.message, hint=error.hint)
        return True

    def close(self) -> None:
        """Nothing to tidy."""

    def _line(self, kind: str, **values: object) -> None:
        sys.stdout.write(json.dumps({"event": kind, **values}, ensure_ascii=False) + "\n")
        sys.stdout.flush()


class _Rate(ProgressColumn):
    """Steps per second, or seconds per step when slow."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed:.1f} steps/s" if speed >= 1 else f"{1 / speed:.1f} s/step", style="progress.data.speed")


def _blocks(image: Image.Image) -> Text:
    height = max(round(image.height * _PREVIEW_COLUMNS / image.width), 1)
    enlarged = image.resize((_PREVIEW_COLUMNS, height), Image.Resampling.BICUBIC)
    return Text.from_ansi(half_blocks(enlarged, columns=_PREVIEW_COLUMNS, rows=_PREVIEW_COLUMNS))


def _shortened(prompt: str, *, at_most: int = 60) -> str:
    words = " ".join(prompt.split())
    return words if len(words) <= at_most else f"{words[: at_most - 1]}…"


def _near(path: Path) -> str:
    """The path as seen from here, if that is shorter."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else str(path)
