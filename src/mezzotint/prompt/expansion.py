"""Expansion: one prompt out of its variants and wildcards by chance, or every one that there is."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, chain, islice, permutations, product
from math import inf, log
from random import Random
from typing import NamedTuple, TypeAlias

from mezzotint.errors import PromptSyntaxError
from mezzotint.prompt.variants import Item, Template, Variants, Wildcard, parse_variants, split_weight
from mezzotint.prompt.wildcards import Wildcards

_DEEPEST = 48  # variants and wildcards within each other
_MOST_DRAWS = 10_000
_LONGEST = 65_536  # letters of a prompt

Within: TypeAlias = tuple[str, ...]
"""The variants and wildcards around a place, outermost first."""


def expand(text: str, wildcards: Wildcards, chance: Random) -> str:
    """The prompt with every variant and wildcard drawn. Text without such syntax comes back unchanged.

    The same ``chance``, say ``Random(seed)`` with a picture's seed, draws the same on every machine. A wildcard that
    nobody knows stays as it is written. Raises PromptSyntaxError where wildcards name each other without end or make
    more than 64 kB.
    """
    template = parse_variants(text)
    return text if template == (text,) else _Draw(wildcards, chance).of(template, ())


def combinations(text: str, wildcards: Wildcards, *, at_most: int) -> Iterator[str]:
    """The prompts that `expand` can make, the first ``at_most``; what stands last in the prompt changes fastest.

    Raises PromptSyntaxError as `expand` does.
    """
    return _All(wildcards, at_most).of(parse_variants(text), ())


class _Pool(NamedTuple):
    """What is drawn from, and the weights added up from the first to each."""

    choices: Sequence[Template | str]
    weights: Sequence[float]


class _Source:
    """The wildcards, each list and each value in it read once."""

    def __init__(self, wildcards: Wildcards) -> None:
        self.wildcards = wildcards
        self.values = cache(self._values)
        self.template = cache(self._template)

    def _values(self, pattern: str) -> _Pool:
        values = self.wildcards.find(pattern)
        weights = ((split_weight(parse_variants(value))[0] if "::" in value else None) for value in values)
        return _Pool(values, list(accumulate(1.0 if weight is None else weight for weight in weights)))

    def _template(self, choice: Template | str) -> Template:
        return split_weight(parse_variants(choice))[1] if isinstance(choice, str) else choice

    def pool(self, variants: Variants, inside: Within) -> tuple[_Pool, Within]:
        """The choices, or the values of the only wildcard, as in ``{2$$__colour__}``; and what is around them."""
        only = variants.choices[0] if len(variants.choices) == 1 else ()
        items = [item for item in only if not (isinstance(item, str) and not item.strip())]
        if len(items) == 1 and isinstance(wildcard := items[0], Wildcard) and self.values(wildcard.pattern).choices:
            return self.values(wildcard.pattern), _enter(inside, wildcard)
        return _Pool(variants.choices, variants.weights), inside


def _enter(within: Within, item: Wildcard | Variants) -> Within:
    inside = (*within, item.written if isinstance(item, Wildcard) else "{}")
    if len(inside) > _DEEPEST:
        raise PromptSyntaxError(
            f"wildcards lie in each other more than {_DEEPEST} deep: … {' > '.join(inside[-4:])}",
            hint="a wildcard must not lead back to itself",
        )
    return inside


def _too_much() -> PromptSyntaxError:
    return PromptSyntaxError(
        f"the wildcards of this prompt make more than {_LONGEST} letters or {_MOST_DRAWS} draws",
        hint="name fewer wildcards, or wildcards that name fewer others",
    )


class _Draw:
    def __init__(self, wildcards: Wildcards, chance: Random) -> None:
        self.source = _Source(wildcards)
        self.chance = chance
        self.draws = self.letters = 0

    def of(self, template: Template, within: Within) -> str:
        return "".join(self._item(item, within) for item in template)

    def _item(self, item: Item, within: Within) -> str:
        if isinstance(item, str):
            self._spend(letters=len(item))
            return item
        inside = _enter(within, item)
        if isinstance(item, Variants):
            return self._several(item, inside)
        values = self.source.values(item.pattern)
        if not values.choices:
            return item.written
        return self.of(self.source.template(values.choices[self._one(values.weights)]), inside)

    def _several(self, variants: Variants, inside: Within) -> str:
        (choices, weights), inside = self.source.pool(variants, inside)
        most = min(variants.most, len(choices))
        least = min(variants.least, most)
        count = least + int(self.chance.random() * (most - least + 1)) if most > least else least
        places = [self._one(weights)] if count == 1 else self._order(weights)[:count]
        return variants.separator.join(self.of(self.source.template(choices[place]), inside) for place in places)

    def _one(self, weights: Sequence[float]) -> int:
        """A place, as likely as its share of the weights; any if they are all 0."""
        self._spend(draws=1)
        drawn = self.chance.random()
        if weights[-1] == 0:
            return int(drawn * len(weights))
        return bisect_right(weights, drawn * weights[-1], hi=len(weights) - 1)

    def _order(self, weights: Sequence[float]) -> list[int]:
        """All places as if drawn one after the other (Efraimidis and Spirakis 2006, doi:10.1016/j.ipl.2005.11.003)."""
        self._spend(draws=len(weights))
        own = [high - low for low, high in zip((0.0, *weights), weights, strict=False)]
        waits = [-log(1 - self.chance.random()) / weight if weight > 0 else inf for weight in own]
        return sorted(range(len(waits)), key=waits.__getitem__)

    def _spend(self, *, draws: int = 0, letters: int = 0) -> None:
        self.draws += draws
        self.letters += letters
        if self.draws > _MOST_DRAWS or self.letters > _LONGEST:
            raise _too_much()


class _All:
    def __init__(self, wildcards: Wildcards, at_most: int) -> None:
        self.source = _Source(wildcards)
        self.at_most = at_most
        self.known: dict[str, list[str]] = {}  # what each wildcard can become

    def of(self, template: Template, within: Within) -> Iterator[str]:
        columns = [[item] if isinstance(item, str) else self._each(item, _enter(within, item)) for item in template]
        for row in islice(product(*columns), self.at_most):
            if sum(map(len, row)) > _LONGEST:
                raise _too_much()
            yield "".join(row)

    def _each(self, item: Wildcard | Variants, inside: Within) -> list[str]:
        """The first texts of one construct: more than there are prompts at most are in none of them."""
        if isinstance(item, Variants):
            return list(islice(self._several(item, inside), self.at_most))
        if item.pattern not in self.known:
            values = self.source.values(item.pattern).choices
            every = chain.from_iterable(self.of(self.source.template(value), inside) for value in values)
            self.known[item.pattern] = list(islice(every, self.at_most)) or [item.written]
        return self.known[item.pattern]

    def _several(self, variants: Variants, inside: Within) -> Iterator[str]:
        (choices, _), inside = self.source.pool(variants, inside)

        @cache
        def texts(place: int) -> list[str]:
            return list(self.of(self.source.template(choices[place]), inside))

        most = min(variants.most, len(choices))
        for count in range(min(variants.least, most), most + 1):
            for places in permutations(range(len(choices)), count):
                yield from map(variants.separator.join, product(*(texts(place) for place in places)))
