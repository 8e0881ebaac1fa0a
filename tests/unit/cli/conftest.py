"""A stand-in for engine and generation, so that the command line is tested without a model, and a way to call it."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from PIL import Image

from mezzotint.cli.app import main
from mezzotint.contract import events
from mezzotint.contract.infotext import MadeWith, to_infotext
from mezzotint.contract.requests import GenerationRequest
from mezzotint.contract.results import GenerationResult, Picture
from mezzotint.errors import MezzotintError


@dataclass
class FakeStudio:
    """Remembers what it was asked, and gives plain pictures whose colour is the seed."""

    engines: list[tuple[Path, str]] = field(default_factory=list)
    requests: list[GenerationRequest] = field(default_factory=list)
    error: MezzotintError | None = None
    interrupt_after: int | None = None

    def engine(self, home: Path, device: str) -> SimpleNamespace:
        self.engines.append((home, device))
        return SimpleNamespace(home=home)

    def generate(self, _engine: object, request: GenerationRequest, monitor: events.Monitor) -> GenerationResult:
        self.requests.append(request)
        monitor.emit(events.Started(request))
        monitor.emit(events.Warned("the prompt is long", "shorten it"))
        if self.error:
            raise self.error
        pictures: list[Picture] = []
        for index in range(request.count):
            if self.interrupt_after == index:
                import signal

                signal.raise_signal(signal.SIGINT)
            if monitor.stop_requested():
                return GenerationResult(tuple(pictures), was_stopped=True)
            seed = max(request.seed, 0) + index
            width, height = request.width or 16, request.height or 16
            image = Image.new("RGB", (width, height), (seed % 256, 0, 0))
            monitor.emit(events.Preview(image.resize((4, 4)), picture=index + 1, step=1))
            monitor.emit(events.Progress(1, 2, picture=index + 1, pictures=request.count, eta_s=1.25))
            filled = {
                "seed": seed,
                "count": 1,
                "width": width,
                "height": height,
                "sampler": "Euler",
                "scheduler": "Karras",
            }
            resolved = request.model_copy(update=filled)
            pictures.append(Picture(image, resolved, to_infotext(resolved, MadeWith(model="mezzo"))))
            monitor.emit(events.PictureReady(pictures[-1], index + 1, request.count))
        result = GenerationResult(tuple(pictures))
        monitor.emit(events.Finished(result))
        return result


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeStudio:
    fake = FakeStudio()
    engine, generate = ModuleType("mezzotint.engine"), ModuleType("mezzotint.generate")
    engine.Engine = fake.engine  # type: ignore[attr-defined]
    generate.generate = fake.generate  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mezzotint.engine", engine)
    monkeypatch.setitem(sys.modules, "mezzotint.generate", generate)
    monkeypatch.setenv("MEZZOTINT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MEZZOTINT_DEVICE", raising=False)
    monkeypatch.chdir(tmp_path)
    return fake


@dataclass(frozen=True)
class Said:
    """What a call of the command printed, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture
def mezzotint(capsys: pytest.CaptureFixture[str]):
    def call(*arguments: str | Path) -> Said:
        with pytest.raises(SystemExit) as exit_:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(int(exit_.value.code or 0), said.out, said.err)

    return call
