"""What a model is examined on: new compositions' captions, with a seed each. An exam can be kept in a file."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from mezzotint.errors import TrainingError
from mezzotint.prompt.tokenizer import CLIPTokenizer
from mezzotint.train.data.compose import compose
from mezzotint.train.data.sprites import SpriteLibrary
from mezzotint.train.objectives.matching import plain_label, short_name

_STREAM = 0xE8A3  # sets these compositions apart from those of training, whatever the seed
_TRIES = 200  # compositions looked at for each question before giving up
_SEVERAL = re.compile(r"^(two|three) | (to the (left|right) of|above|below) ")


@dataclass(frozen=True)
class Question:
    """A caption, what it is about, the seed to draw it with, and the picture it was composed for if it is at hand."""

    prompt: str
    name: str
    label: str
    color: str | None
    seed: int
    picture: Image.Image | None = None


@dataclass(frozen=True)
class _Row:
    """A question in a file."""

    prompt: str
    name: str
    label: str
    color: str | None
    seed: int


@dataclass(frozen=True, eq=False)
class Exam:
    """Questions about things of every kind, and more about things that were given a colour."""

    asked: Sequence[Question]
    colored: Sequence[Question]


def exam_of(library: SpriteLibrary, *, prompts: int = 300, color_prompts: int = 200, seed: int = 4) -> Exam:
    """An exam on one thing at a time. Raises TrainingError if the sprites do not have enough different labels."""
    return Exam(
        questions(library, prompts, seed=seed),
        questions(library, color_prompts, seed=seed + 1, only_colored=True),
    )


def write_exam(path: Path, exam: Exam) -> None:
    """The exam as JSON, without the pictures."""
    groups = {"asked": exam.asked, "colored": exam.colored}
    rows = {
        name: [{key: value for key, value in asdict(question).items() if key != "picture"} for question in group]
        for name, group in groups.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_exam(path: Path) -> Exam:
    """An exam that was kept. Raises TrainingError if the file is none."""
    try:
        rows = TypeAdapter(dict[str, list[dict[str, str | int | None]]]).validate_json(path.read_bytes())
        groups = (TypeAdapter(list[_Row]).validate_python(rows[name]) for name in ("asked", "colored"))
        return Exam(*([Question(**asdict(row)) for row in group] for group in groups))
    except OSError as error:
        raise TrainingError(f"cannot read {path}: {error.strerror}", hint="check its name and rights") from error
    except (ValidationError, KeyError) as error:
        raise TrainingError(f"{path.name} is not an exam", hint="write one with `mezzotint judge --keep`") from error


def questions(
    library: SpriteLibrary,
    count: int,
    *,
    seed: int,
    longest: int = 30,
    of_one_thing: bool = True,
    only_colored: bool = False,
) -> list[Question]:
    """New compositions as questions; captions of at most ``longest`` tokens.

    Raises TrainingError if the sprites hardly give any.
    """
    tokenizer, found = CLIPTokenizer(), list[Question]()
    for number in range(max(1, count) * _TRIES):
        if len(found) == count:
            return found
        pair = compose(library, np.random.default_rng((seed, _STREAM, number, 1)), captions=4)
        if of_one_thing and any(_SEVERAL.search(caption) for caption in pair.captions):
            continue
        if len(tokenizer.encode(pair.captions[0])) > longest or (only_colored and pair.color is None):
            continue
        drawing_seed = (seed * 1_000_003 + number) % 2**32
        label = plain_label(pair.label)
        found.append(
            Question(
                pair.captions[0], short_name(pair.label, pair.color), label, pair.color, drawing_seed, pair.picture
            )
        )
    raise TrainingError(f"the sprites give only {len(found)} questions of {count}", hint="use a larger set of sprites")
