"""What the monitor hears while pictures are made: progress with the time left, and previews, not too many."""

from collections.abc import Callable
from time import perf_counter

from mezzotint.contract.events import Monitor, Preview, Progress
from mezzotint.diffusion.sampling import Step
from mezzotint.generate.decode import to_picture
from mezzotint.shapes import Latents, Pixels

PREVIEW_EVERY_S = 0.25


class Reporting:
    """Tells one request's monitor about each step; ``look`` makes a rough picture of scaled latents."""

    def __init__(
        self,
        monitor: Monitor,
        look: Callable[[Latents], Pixels],
        *,
        steps: int,
        pictures: int,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._monitor = monitor
        self._look = look
        self._steps = steps
        self._pictures = pictures
        self._clock = clock
        self._since = self._previewed = clock()

    def step(self, step: Step, number: int, *, picture: int, batch: int) -> None:
        """Step ``number`` of the ``batch`` pictures from number ``picture`` on is done; both count from 1."""
        now = self._clock()
        done = (picture - 1) * self._steps + batch * number
        left = self._pictures * self._steps - done
        eta_s = (now - self._since) / done * left
        self._monitor.emit(Progress(number, self._steps, picture, self._pictures, batch, eta_s))
        if now - self._previewed >= PREVIEW_EVERY_S:
            self._previewed = now
            image = to_picture(self._look(step.x0[:1].float()))
            self._monitor.emit(Preview(image, picture, number))
