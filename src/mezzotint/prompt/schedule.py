"""Schedules: which text a prompt has at which call of the model, from its editing and alternation."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import TypeAlias

from mezzotint.errors import require
from mezzotint.prompt.editing import Cycle, Sequence, Switch, parse_editing

Entries: TypeAlias = tuple[tuple[int, str], ...]
"""Texts in order, each with the number of the last call it is for; the last one's is the number of all calls."""


@dataclass(frozen=True)
class Clock:
    """How the numbers in ``[a:b:when]`` count: the pass's calls, and where it begins among those of a second pass.

    ``calls`` are calls of the model in the first pass. With ``hires_calls`` the schedule is that of the second pass,
    where whole numbers go on counting and fractions lie between 1 and 2. ``old`` is the rule before A1111's 1.6:
    below 1 a fraction, else a number of calls, the same in both passes.
    """

    calls: int
    hires_calls: int | None = None
    old: bool = False

    @property
    def length(self) -> int:
        """Calls in the pass that is scheduled."""
        return self.calls if self.hires_calls is None or self.old else self.hires_calls

    def last_call(self, when: str) -> int:
        """The last call, counted from 1, before the switch; at most the length, below 1 for never."""
        is_second = self.hires_calls is not None and not self.old
        number = float(when)
        is_fraction = number < 1 if self.old else "." in when
        begin = 0.0 if not is_second else 1.0 if is_fraction else float(self.calls)
        call = (number - begin) * (self.length if is_fraction else 1)
        return int(min(max(call, -1), self.length))


def schedule(text: str, clock: Clock) -> Entries:
    """The prompt's texts, switches and cycles resolved, brackets for emphasis left in.

    Raises RequestError if a pass has no calls.
    """
    require(clock.length >= 1, f"a schedule needs at least 1 call of the model, got {clock.length}")
    sequence = parse_editing(text)
    ends = _ends(sequence, clock)
    return tuple(zip(ends, _rows(_column(sequence, ends, clock), ends), strict=True))


def text_at(entries: Entries, call: int) -> str:
    """The text for the model's ``call``-th call, counted from 0: the first whose last call is not before it.

    Off by one against the numbers on purpose, as in A1111: ``[cat:dog:5]`` is a cat for six calls. Calls after the last
    entry have the first text again.
    """
    place = next((i for i, (end, _) in enumerate(entries) if call <= end), 0)
    return entries[place][1]


_Column: TypeAlias = str | list[str]
"""The text of a construct at each of the schedule's ends; one string if it never changes."""


def _constructs(sequence: Sequence) -> Iterator[Switch | Cycle]:
    """All of them, the nested ones too."""
    pending = [sequence]
    while pending:
        for item in pending.pop():
            if isinstance(item, Cycle):
                yield item
                pending += item.options
            elif isinstance(item, Switch):
                yield item
                pending += item.before, item.after


def _ends(sequence: Sequence, clock: Clock) -> list[int]:
    """Every call that is the last of some text: each one if anything alternates."""
    constructs = list(_constructs(sequence))
    if any(isinstance(each, Cycle) for each in constructs):
        return list(range(1, clock.length + 1))
    switches = {clock.last_call(each.when) for each in constructs if isinstance(each, Switch)}
    return sorted({last for last in switches if last >= 1} | {clock.length})


def _column(sequence: Sequence, ends: list[int], clock: Clock) -> _Column:
    """Whole columns are joined at once, not call by call: thousands of constructs take milliseconds."""
    columns = [item if isinstance(item, str) else _construct(item, ends, clock) for item in sequence]
    texts = [column for column in columns if isinstance(column, str)]
    if len(texts) == len(columns):
        return "".join(texts)
    return list(map("".join, zip(*(_rows(column, ends) for column in columns), strict=True)))


def _construct(item: Switch | Cycle, ends: list[int], clock: Clock) -> _Column:
    if isinstance(item, Switch):
        switched = bisect_right(ends, clock.last_call(item.when))
        if switched in (0, len(ends)):
            return _column(item.before if switched else item.after, ends, clock)
        before, after = (_rows(_column(side, ends, clock), ends) for side in (item.before, item.after))
        return before[:switched] + after[switched:]
    options = [_column(option, ends, clock) for option in item.options[: len(ends)]]
    turns = zip(range(len(ends)), cycle(options), strict=False)
    return [option if isinstance(option, str) else option[i] for i, option in turns]


def _rows(column: _Column, ends: list[int]) -> list[str]:
    return [column] * len(ends) if isinstance(column, str) else column
