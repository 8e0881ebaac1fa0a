"""Prompts of different length brought together, or left apart."""

import torch
from torch import Tensor

from mezzotint.diffusion.conditioning import Conditioning
from mezzotint.diffusion.guidance.lengths import equalised, left_apart, padded_with, stretched


def tokens(*values: float) -> Conditioning:
    """One row of as many tokens, each a vector of two equal values; and something that is not text."""
    return Conditioning(
        torch.tensor(values, dtype=torch.float32)[None, :, None].expand(1, -1, 2), vector=torch.ones(1, 3)
    )


def values(conditioning: Conditioning) -> list[float]:
    assert conditioning.vector is not None  # nothing else is lost
    context: Tensor = conditioning.context
    assert torch.equal(context[..., 0], context[..., 1])
    return context[0, :, 0].tolist()


def test_shorter_parts_repeat_their_last_token() -> None:
    parts = equalised([tokens(1, 2), tokens(3, 4, 5, 6), tokens(7, 8, 9)])

    assert [values(part) for part in parts] == [[1, 2, 2, 2], [3, 4, 5, 6], [7, 8, 9, 9]]


def test_parts_of_one_length_stay_the_very_same() -> None:
    parts = [tokens(1, 2), tokens(3, 4)]

    assert all(after is before for after, before in zip(equalised(parts), parts, strict=True))


def test_left_apart_changes_nothing() -> None:
    prompts, negative = [tokens(1, 2)], tokens(3, 4, 5, 6)

    assert left_apart(prompts, negative) == (prompts, negative)


def test_a_stretched_negative_repeats_its_last_token() -> None:
    prompts, negative = stretched([tokens(1, 2, 3, 4), tokens(5, 6, 7, 8)], tokens(-1, -2))

    assert [values(prompt) for prompt in prompts] == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert values(negative) == [-1, -2, -2, -2]


def test_a_stretched_negative_loses_its_end() -> None:
    prompts, negative = stretched([tokens(1, 2)], tokens(-1, -2, -3, -4))

    assert (values(prompts[0]), values(negative)) == ([1, 2], [-1, -2])


def test_the_shorter_is_padded_with_chunks_of_the_empty_prompt() -> None:
    match = padded_with(tokens(0, 9).context)
    short, long = tokens(1, 2), tokens(3, 4, 5, 6, 7, 8)

    (prompt,), negative = match([long], short)
    assert (values(prompt), values(negative)) == ([3, 4, 5, 6, 7, 8], [1, 2, 0, 9, 0, 9])

    (prompt, other), negative = match([short, tokens(10, 11)], long)
    assert values(negative) == [3, 4, 5, 6, 7, 8]
    assert (values(prompt), values(other)) == ([1, 2, 0, 9, 0, 9], [10, 11, 0, 9, 0, 9])


def test_padding_serves_every_row() -> None:
    two = Conditioning(torch.ones(2, 2, 2, dtype=torch.float64))

    _, negative = padded_with(torch.zeros(1, 2, 2))([tokens(1, 2, 3, 4)], two)

    assert (negative.context.shape, negative.context.dtype) == ((2, 4, 2), torch.float64)
