"""What a composed picture is called: templates over style, colour, label, tags and background."""

import re
from collections.abc import Sequence

import numpy as np

from mezzotint.train.data.sprites import Sprite

DEFAULT_STYLE = "3d emoji"
"""The look of a caption that names none, so that a bare prompt has one."""

FACELESS = re.compile(r" face$")


def with_article(noun: str) -> str:
    """`an apple`, `a dog`; plurals and nouns that have an article stay as they are."""
    if noun.startswith(("a ", "an ", "the ", "two ", "three ")) or (noun.endswith("s") and not noun.endswith("ss")):
        return noun
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def subject_name(sprite: Sprite, rng: np.random.Generator) -> str:
    """The label, sometimes in its everyday form: `dog face` is also `dog`, `person: red hair` is `red hair person`."""
    label = sprite.label
    if ":" in label:
        head, tail = label.split(":", 1)
        label = f"{head} with {tail.strip()}" if rng.random() < 0.7 else f"{tail.strip()} {head}"
    if sprite.category == "animals and nature" and FACELESS.search(label) and rng.random() < 0.5:
        label = FACELESS.sub("", label)
    return label


def caption(sprite: Sprite, name: str, background: str, rng: np.random.Generator, *, tags: Sequence[str] = ()) -> str:
    """One way of saying what is seen. ``name`` already carries its colour; ``background`` may be empty."""
    style, noun, form = sprite.style, with_article(name), rng.random()
    if style == DEFAULT_STYLE and form < 0.4:
        text = noun if form < 0.3 else name
    elif form < 0.6:
        text = f"{noun}, {style}"
    elif form < 0.85:
        text = f"{with_article(style)} of {noun}"
    else:
        text = f"{name} {style}"
    text += background
    return ", ".join([text, *tags])
