"""What txt2img and img2img share: from flags and prompts to written pictures."""

import json
import os
import signal
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

from PIL import Image

from mezzotint.cli.destination import Destination, destination
from mezzotint.cli.exits import exit_code
from mezzotint.cli.views import JsonView, TerminalView, View
from mezzotint.contract import events
from mezzotint.contract.parts import Output
from mezzotint.contract.requests import GenerationRequest, checked
from mezzotint.contract.results import Picture
from mezzotint.errors import Cancelled, MezzotintError, ResourceError, require
from mezzotint.imaging.files import write_picture
from mezzotint.imaging.grids import contact_sheet
from mezzotint.settings import Settings, read_settings


@dataclass(frozen=True)
class Showing:
    """How the person wants to be told."""

    as_json: bool = False
    previews: bool = False
    pictures: bool = True
    grid: bool | None = None
    only_plan: bool = False


def make(
    prompts: list[str] | None,
    fields: Mapping[str, Any],  # Any: flags as they came, checked here
    *,
    output: str | None,
    device: str | None,
    showing: Showing,
    assigned: Sequence[str] = (),
    warnings: Sequence[str] = (),
) -> int:
    """Make and write the pictures of all prompts, fields of None left to their defaults; the exit code comes back.

    Without ``prompts`` the one among the fields is taken. ``assigned`` are further fields as ``name=value``, a dot
    between the names of a part and its field; ``warnings`` are told before anything else.
    """
    view: View = (
        JsonView(previews=showing.previews)
        if showing.as_json
        else TerminalView(previews=showing.previews, pictures=showing.pictures)
    )
    try:
        for warning in warnings:
            view.show(events.Warned(warning))
        given = with_assigned({name: value for name, value in fields.items() if value is not None}, assigned)
        plan = checked(GenerationRequest, {"prompt": "", **given})  # bad flags are told before anything is loaded
        settings = read_settings(os.environ, device=device)
        several = prompts == ["-"] or len(prompts or [""]) * plan.count > 1
        kind = "img2img" if plan.init else "txt2img"
        place = destination(
            output, settings.outputs, kind=kind, several=several, today=date.today(), written=plan.output
        )
        wants_grid = showing.grid if showing.grid is not None else settings.saves_grids and output is None
        requests = [plan]
        if prompts is not None:
            requests = (plan.model_copy(update={"prompt": prompt}) for prompt in _each(prompts))
        if showing.only_plan:
            _tell_plans(requests, settings)
            return 0
        _make_all(requests, settings, Making(view, place, settings.kept_pictures), wants_grid=wants_grid)
    except MezzotintError as error:
        if not view.failed(error):
            raise
        return exit_code(error)
    finally:
        view.close()
    return 0


def part(**fields: Any) -> dict[str, Any]:  # Any: flags as they came
    """A part of a request, without what was left out."""
    return {name: value for name, value in fields.items() if value is not None}


def with_assigned(fields: Mapping[str, Any], assigned: Iterable[str]) -> dict[str, Any]:  # Any: checked later
    """The fields with each ``name=value`` set: a value in JSON, or else the text itself. Raises RequestError."""
    told: dict[str, Any] = dict(fields)
    for text in assigned:
        path, sign, value = text.partition("=")
        require(bool(sign and path), f"--set wants FIELD=VALUE, got {text!r}", hint="such as --set eta=0.5")
        try:
            parsed = json.loads(value)
        except ValueError:
            parsed = value
        *parts, name = path.strip().split(".")
        place = told
        for each in parts:
            place[each] = dict(place.get(each) or {})
            place = place[each]
        place[name] = parsed
    return told


def _tell_plans(requests: Iterable[GenerationRequest], settings: Settings) -> None:
    """One line of JSON for each request, its blanks filled."""
    from mezzotint.engine.catalog import Catalog
    from mezzotint.generate.resolve import resolve

    for request in requests:
        print(resolve(request, Catalog(settings.home)).request.model_dump_json(exclude_defaults=True))


class Making:
    """The monitor of a run: writes each picture as soon as it is ready and passes the rest on to the view.

    Start pictures and masks are put into the folder ``kept``.
    """

    def __init__(self, view: View, place: Destination, kept: Path) -> None:
        self.view = view
        self.place = place
        self.kept = kept
        self.written = 0
        self.is_stopping = False
        self.since = time.perf_counter()

    def emit(self, event: events.Event) -> None:
        """Write a picture; show anything else."""
        if isinstance(event, events.PictureReady):
            self._write(event.picture)
            return
        self.view.show(event)
        if isinstance(event, events.Started):
            self._keep(event.request)

    def stop_requested(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self.is_stopping

    @contextmanager
    def stopping_gently(self) -> Generator[None, None, None]:
        """Ctrl-C ends the work after the current step; pressed again it ends it at once."""

        def stop(_signal: int, _frame: FrameType | None) -> None:
            if self.is_stopping:
                raise KeyboardInterrupt
            self.is_stopping = True
            self.view.show(events.Warned("stopping after this step", "press Ctrl-C again to stop at once"))

        before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _keep(self, request: GenerationRequest) -> None:
        from mezzotint.imaging.inputs import keep_inputs  # with torch, which is loaded by now

        try:
            keep_inputs(self.kept, request)
        except ResourceError as error:  # the pictures themselves may go elsewhere
            self.view.show(events.Warned(f"start picture and mask are not kept: {error.message}"))

    def _write(self, picture: Picture) -> None:
        self.written += 1
        with self.place.picture(picture, self.written) as path:
            path = _written(path, picture.image, picture.infotext, self.place.written)
        now = time.perf_counter()
        self.view.saved(picture, path, now - self.since)
        self.since = now


def _make_all(requests: Iterable[GenerationRequest], settings: Settings, making: Making, *, wants_grid: bool) -> None:
    # Here and not above, so that a wrong flag is told without waiting for torch.
    from mezzotint.engine import Engine
    from mezzotint.generate import generate

    engine = Engine(settings.home, settings.device)
    pictures: list[Picture] = []
    with making.stopping_gently():
        for request in requests:
            making.since = time.perf_counter()
            result = generate(engine, request, making)
            pictures += result.pictures
            making.view.finished(result.pictures)
            if result.was_stopped or making.is_stopping:
                raise Cancelled("stopped", hint=f"{making.written} written")
    if wants_grid and len(pictures) > 1:
        with making.place.grid() as path:
            sheet = contact_sheet([picture.image for picture in pictures])
            path = _written(path, sheet, pictures[0].infotext, making.place.written)
        making.view.saved_grid(path, len(pictures))


def _written(path: Path, image: Image.Image, infotext: str, how: Output) -> Path:
    return write_picture(path, image, infotext, quality=how.quality, lossless=how.lossless)


def _each(prompts: list[str]) -> Iterator[str]:
    """The prompts themselves; ``-`` stands for the lines of standard input, as they come."""
    require(prompts == ["-"] or "-" not in prompts, "'-' reads prompts from standard input and stands alone")
    if prompts != ["-"]:
        yield from prompts
        return
    for line in sys.stdin:
        if line.strip():
            yield line.strip()
