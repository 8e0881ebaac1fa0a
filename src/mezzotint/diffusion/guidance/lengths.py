"""Prompts of different length: what to do where one call is to serve several."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

import torch

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.shapes import Context

MatchLengths: TypeAlias = Callable[[list[Conditioning], Conditioning], tuple[list[Conditioning], Conditioning]]
"""``(prompts, negative) -> (prompts, negative)``; the prompts are of one length."""


def equalised(prompts: Sequence[Conditioning]) -> list[Conditioning]:
    """Each as long as the longest, its last token repeated, as A1111 does for the parts that AND joins."""
    longest = max(prompt.context.shape[1] for prompt in prompts)
    return [_stretched(prompt, longest) for prompt in prompts]


def left_apart(prompts: list[Conditioning], negative: Conditioning) -> tuple[list[Conditioning], Conditioning]:
    """As they are: prompts of another length than the negative one are calls of their own."""
    return prompts, negative


def stretched(prompts: list[Conditioning], negative: Conditioning) -> tuple[list[Conditioning], Conditioning]:
    """The negative made as long as the prompts: its last token repeated, or its end cut off ("Pad conds v0")."""
    length = prompts[0].context.shape[1]
    return prompts, _stretched(replace(negative, context=negative.context[:, :length]), length)


def padded_with(empty: Context) -> MatchLengths:
    """The shorter made longer by chunks of ``empty``, the empty prompt's encoding ("Pad conds")."""

    def match(prompts: list[Conditioning], negative: Conditioning) -> tuple[list[Conditioning], Conditioning]:
        missing = prompts[0].context.shape[1] - negative.context.shape[1]
        chunks = abs(missing) // empty.shape[1]
        if missing > 0:
            return prompts, _padded(negative, empty, chunks)
        return [_padded(prompt, empty, chunks) for prompt in prompts], negative

    return match


def _stretched(prompt: Conditioning, length: int) -> Conditioning:
    context = prompt.context
    missing = length - context.shape[1]
    if missing <= 0:
        return prompt
    return replace(prompt, context=torch.cat([context, context[:, -1:].expand(-1, missing, -1)], dim=1))


def _padded(prompt: Conditioning, empty: Context, chunks: int) -> Conditioning:
    padding = empty.expand(len(prompt.context), -1, -1).to(prompt.context)
    return replace(prompt, context=torch.cat([prompt.context, *[padding] * chunks], dim=1))
