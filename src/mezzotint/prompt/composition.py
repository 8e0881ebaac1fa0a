"""Composition: ``a fox AND a hen :0.7`` split into prompts that guide together, each with its weight (Liu et al. 2022,
arXiv:2206.01714)."""

import re
from dataclasses import dataclass

_AND = re.compile(r"\bAND\b")
_NUMBER = re.compile(r"[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)")
_HEAVIEST = 100.0


@dataclass(frozen=True)
class WeightedPrompt:
    """One of the prompts that guide together; 1 is plain, below 0 guides away."""

    text: str
    weight: float = 1.0


def split_composition(text: str) -> list[WeightedPrompt]:
    """The prompts between the words AND, at least one, each without the white space and weight at its end.

    Brackets do not hold a prompt together. A number behind the last colon is a weight even where nothing is composed.
    Weights stay within 100 either way.
    """
    return [_weighted(part) for part in _AND.split(text)]


def _weighted(part: str) -> WeightedPrompt:
    text, colon, number = part.rpartition(":")
    number = number.strip()
    if colon and _NUMBER.fullmatch(number):
        return WeightedPrompt(text.rstrip(), min(max(float(number), -_HEAVIEST), _HEAVIEST))
    return WeightedPrompt(part.rstrip())
