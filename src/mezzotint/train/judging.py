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
from PIL import Image

from mezzotint.engine.loading import load_model
from mezzotint.errors import TrainingError
from mezzotint.families.family import Model, ModelFile
from mezzotint.prompt.tokenizer import CLIPTokenizer
from mezzotint.shapes import Pixels
from mezzotint.train.data.captions import with_article
from mezzotint.train.data.compose import COLORS, compose
from mezzotint.train.data.sprites import SpriteLibrary
from mezzotint.train.drawing import pictures
from mezzotint.train.objectives.matching import in_color, plain_label, short_name
from mezzotint.train.objectives.reconstruction import to_pixels
from mezzotint.train.referee import Referee
from mezzotint.weights.hashes import sha256

_STREAM = 0xE8A3  # sets these compositions apart from those of training, whatever the seed
_TRIES = 200  # compositions looked at for each question before giving up
_READ_AT_ONCE = 64
_SEVERAL = re.compile(r"^(two|three) | (to the (left|right) of|above|below) ")


@dataclass(frozen=True, eq=False)
class Question:
    """A caption, what it is about, the seed to draw it with, and the picture it was composed for."""

    prompt: str
    name: str
    label: str
    color: str | None
    seed: int
    picture: Image.Image


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
    """A model's marks, those of the composed pictures for the same questions, and the answers one by one."""

    model: str
    sha256: str
    seed: int
    steps: int
    cfg_scale: float
    drawn: Marks
    composed: Marks
    answers: tuple[Answer, ...]
    color_answers: tuple[Answer, ...]


def judge(
    model: Model,
    referee: Referee,
    library: SpriteLibrary,
    *,
    prompts: int = 300,
    color_prompts: int = 200,
    choices: int = 50,
    seed: int = 4,
    steps: int | None = None,
    scale: float | None = None,
    batch_size: int = 8,
    on_picture: Callable[[int, int], None] = lambda done, of: None,
) -> Verdict:
    """The marks of a model for prompts like its training captions, of one thing each, with new seeds.

    ``color_prompts`` more are all of things given a colour. ``on_picture`` hears how many of all pictures are drawn.
    Raises TrainingError if the sprites do not have enough different labels.
    """
    room = min(encoder.config.positions for encoder in model.text_encoders.values()) - 2
    asked = questions(library, prompts, seed=seed, longest=room)
    colored = questions(library, color_prompts, seed=seed + 1, longest=room, only_colored=True)
    steps = model.family.default_steps if steps is None else steps
    scale = model.family.default_cfg if scale is None else scale
    drawn = list[torch.Tensor]()
    todo = [*asked, *colored]
    for part in _in_parts(todo, batch_size):
        texts, seeds = [escaped(question.prompt) for question in part], [question.seed for question in part]
        drawn.append(pictures(model, texts, seeds, steps=steps, scale=scale).float().cpu())
        on_picture(sum(len(part) for part in drawn), len(todo))
    pixels = torch.cat(drawn)
    answers = read_back(referee, pixels[:prompts], asked, asked, choices=choices, seed=seed)
    color_answers = read_back(referee, pixels[prompts:], colored, asked, choices=choices, seed=seed)
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
    return _composed_marks(referee, asked, colored, choices=choices, seed=seed)


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
) -> Marks:
    answers, color_answers = (
        read_back(referee, _composed(group), group, asked, choices=choices, seed=seed) for group in (asked, colored)
    )
    return marks(answers, color_answers, choices)


def _composed(asked: Sequence[Question]) -> Pixels:
    side_px = asked[0].picture.width if asked else 0
    pixels = [to_pixels(np.asarray(question.picture)) for question in asked]
    return torch.stack(pixels) if pixels else torch.empty(0, 3, side_px, side_px)


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
