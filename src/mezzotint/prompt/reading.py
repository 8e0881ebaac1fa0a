"""A prompt read whole: its parts, their texts call by call, and the networks it asks for."""

from dataclasses import dataclass

from mezzotint.prompt.composition import split_composition
from mezzotint.prompt.networks import NetworkTag, take_networks
from mezzotint.prompt.schedule import Clock, Entries, schedule


@dataclass(frozen=True)
class Part:
    """One of the prompts that guide together: its weight, and its texts with the last call that each is for."""

    weight: float
    entries: Entries


@dataclass(frozen=True)
class ReadPrompt:
    """What a prompt says; texts still have their emphasis."""

    parts: tuple[Part, ...]
    networks: tuple[NetworkTag, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that must be encoded, once, in the order in which they come."""
        return tuple(dict.fromkeys(text for part in self.parts for _, text in part.entries))


def read_prompt(
    text: str,
    *,
    steps: int,
    hires_steps: int | None = None,
    second_order: bool = False,
    hires_second_order: bool | None = None,
    old_scheduling: bool = False,
) -> ReadPrompt:
    """A positive prompt for a pass of ``steps`` steps, or, with ``hires_steps``, for the second pass that follows it.

    A sampler of ``second_order`` calls the model twice a step, and switches count calls; ``hires_second_order`` is that
    of the second pass, the same one if None. Any text can be read. Raises RequestError if a pass has no steps.
    """
    text, networks = take_networks(text)
    clock = _clock(steps, hires_steps, second_order, hires_second_order, old_scheduling)
    parts = tuple(Part(part.weight, schedule(part.text, clock)) for part in split_composition(text))
    return ReadPrompt(parts, networks)


def read_negative(
    text: str,
    *,
    steps: int,
    hires_steps: int | None = None,
    second_order: bool = False,
    hires_second_order: bool | None = None,
    old_scheduling: bool = False,
) -> ReadPrompt:
    """A negative prompt: read like a positive one, but AND and tags of networks are text there, as in A1111."""
    clock = _clock(steps, hires_steps, second_order, hires_second_order, old_scheduling)
    return ReadPrompt((Part(1.0, schedule(text, clock)),))


def _clock(
    steps: int, hires_steps: int | None, second_order: bool, hires_second_order: bool | None, old_scheduling: bool
) -> Clock:
    hires_order = second_order if hires_second_order is None else hires_second_order
    return Clock(
        calls=steps * (1 + second_order),
        hires_calls=None if hires_steps is None else hires_steps * (1 + hires_order),
        old=old_scheduling,
    )
