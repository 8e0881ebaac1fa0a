"""Judging a model by its referee: are its pictures of what was asked for, and in the colour that was asked for?

The same questions put to the composed pictures themselves tell how far the referee is to be believed.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from mezzotint.engine.loading import load_model
from mezzotint.errors import TrainingError
from mezzotint.families.family import Model, ModelFile
from mezzotint.shapes import Pixels
from mezzotint.train.data.captions import with_article
from mezzotint.train.data.compose import COLORS
from mezzotint.train.data.sprites import SpriteLibrary
from mezzotint.train.drawing import pictures
from mezzotint.train.exam import Exam, Question, questions
from mezzotint.train.objectives.matching import in_color
from mezzotint.train.objectives.reconstruction import to_pixels
from mezzotint.train.referee import Referee
from mezzotint.weights.hashes import sha256

_READ_AT_ONCE = 64


@dataclass(frozen=True)
class Answer:
    """What the referee read in one picture; a choice of colour only where the question has one.

    ``rank`` is the place of the right caption, 1 first; ``label_rank`` that of the right thing among bare names.
    """

    prompt: str
    seed: int
    rank: int
    label_rank: int
    chosen: str
    color: str | None = None
    chosen_color: str | None = None


@dataclass(frozen=True)
class Share:
    """So many of so many; ``margin`` is the half-width of the 95 % interval (normal approximation)."""

    right: int
    of: int
    share: float
    margin: float


@dataclass(frozen=True)
class Marks:
    """``caption`` and ``label``: the right one first among ``choices``. ``color``: the right word among eleven."""

    choices: int
    caption: Share
    label: Share
    color: Share


@dataclass(frozen=True)
class Verdict:
    """A model's marks, those of the composed pictures if they are at hand, and the answers one by one."""

    model: str
    sha256: str
    seed: int
    steps: int
    cfg_scale: float
    drawn: Marks
    composed: Marks | None
    answers: tuple[Answer, ...]
    color_answers: tuple[Answer, ...]


def judge(
    model: Model,
    referee: Referee,
    exam: Exam,
    *,
    choices: int = 50,
    seed: int = 4,
    steps: int | None = None,
    scale: float | None = None,
    batch_size: int = 8,
    on_picture: Callable[[int, int], None] = lambda done, of: None,
) -> Verdict:
    """The marks of a model in an exam. ``on_picture`` hears how many of all pictures are drawn.

    Raises TrainingError if the exam does not have ``choices`` different labels.
    """
    asked, colored = exam.asked, exam.colored
    steps = model.family.default_steps if steps is None else steps
    scale = model.family.default_cfg if scale is None else scale
    drawn = list[torch.Tensor]()
    todo = [*asked, *colored]
    for part in _in_parts(todo, batch_size):
        texts, seeds = [escaped(question.prompt) for question in part], [question.seed for question in part]
        drawn.append(pictures(model, texts, seeds, steps=steps, scale=scale).float().cpu())
        on_picture(sum(len(part) for part in drawn), len(todo))
    pixels = torch.cat(drawn)
    answers = read_back(referee, pixels[: len(asked)], asked, asked, choices=choices, seed=seed)
    color_answers = read_back(referee, pixels[len(asked) :], colored, asked, choices=choices, seed=seed)
    return Verdict(
        model=model.source.name,
        sha256=model.source.sha256,
        seed=seed,
        steps=steps,
        cfg_scale=scale,
        drawn=marks(answers, color_answers, choices),
        composed=_composed_marks(referee, asked, colored, choices=choices, seed=seed),
        answers=tuple(answers),
        color_answers=tuple(color_answers),
    )


def open_model(file: Path, device: str = "cpu") -> Model:
    """The model in a file, to be judged. Raises ModelFileError of some kind if it cannot be loaded."""
    return load_model(ModelFile(name=file.stem, path=file, sha256=sha256(file)), torch.device(device))


def held_out(referee: Referee, library: SpriteLibrary, *, count: int = 500, choices: int = 50, seed: int = 4) -> Marks:
    """The referee's own marks: how well it reads compositions of every kind that it was not trained on."""
    asked = questions(library, count, seed=seed, of_one_thing=False)
    colored = questions(library, count, seed=seed + 1, only_colored=True)
    found = _composed_marks(referee, asked, colored, choices=choices, seed=seed)
    assert found is not None  # they were composed just now
    return found


def read_back(
    referee: Referee,
    pixels: Pixels,
    asked: Sequence[Question],
    pool: Sequence[Question],
    *,
    choices: int,
    seed: int,
) -> list[Answer]:
    """What the referee takes each picture for: its own caption, or one of ``choices`` − 1 of other labels in ``pool``.

    Raises TrainingError if there are too few labels.
    """
    answers = list[Answer]()
    for first in range(0, len(asked), _READ_AT_ONCE):
        seen = referee.see(pixels[first : first + _READ_AT_ONCE])
        for i, question in enumerate(asked[first : first + _READ_AT_ONCE]):
            rng = np.random.default_rng((seed, first + i, 2))
            answers.append(_answer(referee, seen[i], question, _others(question, pool, choices - 1, rng)))
    return answers


def marks(answers: Sequence[Answer], color_answers: Sequence[Answer], choices: int) -> Marks:
    """The shares that are right."""
    return Marks(
        choices=choices,
        caption=_share([answer.rank == 1 for answer in answers]),
        label=_share([answer.label_rank == 1 for answer in answers]),
        color=_share([answer.chosen_color == answer.color for answer in color_answers]),
    )


def write_verdict(path: Path, verdict: Verdict) -> None:
    """The verdict as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(verdict), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def escaped(text: str) -> str:
    """The text as a prompt that means just that: brackets are no emphasis."""
    return re.sub(r"([\\()\[\]])", r"\\\1", text)


def _composed_marks(
    referee: Referee, asked: Sequence[Question], colored: Sequence[Question], *, choices: int, seed: int
) -> Marks | None:
    seen = [_composed(group) for group in (asked, colored)]
    if any(pixels is None for pixels in seen):
        return None
    answers, color_answers = (
        read_back(referee, pixels, group, asked, choices=choices, seed=seed)
        for pixels, group in zip(seen, (asked, colored), strict=True)
        if pixels is not None
    )
    return marks(answers, color_answers, choices)


def _composed(asked: Sequence[Question]) -> Pixels | None:
    """The pictures that the questions were composed with, None if one is not at hand."""
    pixels = [to_pixels(np.asarray(question.picture)) for question in asked if question.picture is not None]
    if len(pixels) < len(asked):
        return None
    return torch.stack(pixels) if pixels else torch.empty(0, 3, 1, 1)


def _answer(referee: Referee, seen: torch.Tensor, question: Question, others: Sequence[Question]) -> Answer:
    everyone = [question, *others]
    captions = [each.prompt for each in everyone]
    likeness = referee.read(captions) @ seen
    by_name = referee.read([with_article(each.name) for each in everyone]) @ seen
    answer = Answer(
        prompt=question.prompt,
        seed=question.seed,
        rank=_rank(likeness),
        label_rank=_rank(by_name),
        chosen=captions[int(likeness.argmax())],
    )
    if question.color is None:
        return answer
    in_colors = referee.read([in_color(question.prompt, question.color, color) for color in COLORS]) @ seen
    return replace(answer, color=question.color, chosen_color=list(COLORS)[int(in_colors.argmax())])


def _rank(likeness: torch.Tensor) -> int:
    """The place of the first among all, counted from 1; an equal one goes before it."""
    return int((likeness[1:] >= likeness[0]).sum()) + 1


def _others(question: Question, pool: Sequence[Question], count: int, rng: np.random.Generator) -> list[Question]:
    """``count`` of the pool with labels that differ from the question's and among each other."""
    labels, others = {question.label}, list[Question]()
    for place in rng.permutation(len(pool)):
        other = pool[int(place)]
        if len(others) < count and other.label not in labels:
            labels.add(other.label)
            others.append(other)
    if len(others) < count:
        raise TrainingError(
            f"{len(others)} other labels among {len(pool)} prompts, and {count} are wanted",
            hint="ask more prompts, or offer fewer choices",
        )
    return others


def _share(right: Sequence[bool]) -> Share:
    of = len(right)
    share = sum(right) / of if of else 0.0
    return Share(sum(right), of, round(share, 4), round(1.96 * math.sqrt(share * (1 - share) / of), 4) if of else 0.0)


def _in_parts(questions: Sequence[Question], size: int) -> Iterator[Sequence[Question]]:
    return (questions[i : i + size] for i in range(0, len(questions), size))
