"""How the making of a request goes: seconds by phase, what the person is told, and whether they want it to stop."""

from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter

from mezzotint.contract.events import Monitor, Warned


class Course:
    """``timings`` are seconds by phase; ``was_stopped`` stays true once somebody wants the work to stop."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self.timings: dict[str, float] = {}
        self.was_stopped = False

    @contextmanager
    def timed(self, phase: str) -> Generator[None, None, None]:
        """Add the seconds of the block to its phase."""
        since = perf_counter()
        yield
        self.timings[phase] = self.timings.get(phase, 0.0) + perf_counter() - since

    def warn(self, message: str, hint: str = "") -> None:
        """Tell the person something that does not end the work."""
        self.monitor.emit(Warned(message, hint))

    def should_stop(self) -> bool:
        """Whether somebody wants the work to stop, now or before."""
        self.was_stopped = self.was_stopped or self.monitor.stop_requested()
        return self.was_stopped
