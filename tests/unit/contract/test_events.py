import pytest

from mezzotint.contract.events import Monitor, Progress, Queued, Silent


@pytest.mark.parametrize(
    ("progress", "fraction"),
    [
        (Progress(step=5, steps=20), 0.25),
        (Progress(step=20, steps=20), 1.0),
        (Progress(step=10, steps=20, picture=3, pictures=4), 0.625),
        (Progress(step=10, steps=20, picture=1, pictures=4, batch=4), 0.5),
        (Progress(step=20, steps=20, picture=5, pictures=6, batch=2), 1.0),
    ],
)
def test_progress_counts_the_whole_request(progress: Progress, fraction: float):
    assert progress.fraction == pytest.approx(fraction)


def test_silence_neither_hears_nor_stops():
    monitor: Monitor = Silent()

    monitor.emit(Queued())

    assert not monitor.stop_requested()
