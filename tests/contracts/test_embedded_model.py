"""The embedded model draws what it is asked for: a referee that it never met reads its pictures back.

The referee is `tests/data/referee.safetensors`, trained by ``mezzotint train referee``; the exam is a sample of the one
that ``mezzotint judge`` holds, kept by ``mezzotint judge --keep``. With both from there:

    mezzotint judge --referee tests/data/referee.safetensors --exam tests/data/exam.json
"""

from pathlib import Path

import pytest

from mezzotint.engine.catalog import Catalog
from mezzotint.train.exam import read_exam
from mezzotint.train.judging import judge, open_model
from mezzotint.train.referee import load_referee

DATA = Path(__file__).parents[1] / "data"
CAPTIONS_LEAST = 0.4  # of 64, each among 50: by chance one
COLOURS_LEAST = 0.7  # of 15, each among eleven


@pytest.mark.slow
def test_the_referee_finds_what_was_asked_for(tmp_path: Path) -> None:
    model = open_model(Catalog(tmp_path).find("").path)

    verdict = judge(model, load_referee(DATA / "referee.safetensors"), read_exam(DATA / "exam.json"))

    assert verdict.drawn.caption.share >= CAPTIONS_LEAST, verdict.drawn
    assert verdict.drawn.color.share >= COLOURS_LEAST, verdict.drawn
