"""Chunks of tokens, against the contract's examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.errors import RequestError
from mezzotint.prompt.attention import parse_attention
from mezzotint.prompt.chunks import Chunk, chunk
from mezzotint.prompt.tokenizer import CLIPTokenizer

TOKENIZER = CLIPTokenizer()
START, END, CAT, DOG, COMMA = CLIPTokenizer.start, CLIPTokenizer.end, 2368, 1929, CLIPTokenizer.comma


def cats(count: int) -> str:
    return " ".join(["cat"] * count)


def dogs(count: int) -> str:
    return " ".join(["dog"] * count)


def chunks(text: str, chunk_tokens: int = 75, *, comma_backtrack: int = 20) -> list[Chunk]:
    return chunk(parse_attention(text), TOKENIZER, chunk_tokens, comma_backtrack=comma_backtrack)


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("", [0]),
        ("a photo of a cat", [5]),
        ("a (cat:1.3), dog", [4]),
        ("a cat BREAK a dog", [2, 2]),
        (cats(75), [75]),
        (cats(76), [75, 1]),
        (cats(151), [75, 75, 1]),
        (f"{cats(60)}, {dogs(20)}", [61, 20]),
        (f"{cats(55)}, {dogs(30)}", [56, 30]),
        (f"{cats(54)}, {dogs(30)}", [75, 10]),
        (f"{cats(75)}, dog", [75, 2]),
        (f"{cats(60)}, {dogs(14)}", [75]),
        (f"{cats(60)}, {dogs(14)}, cat", [75, 2]),
        (f"{cats(74)}, dog", [75, 1]),
        ("BREAK", [0]),
        ("cat BREAK", [1]),
        ("BREAK cat", [0, 1]),
        ("cat BREAK BREAK dog", [1, 0, 1]),
        (f"{cats(75)} BREAK dog", [75, 1]),
        ("(a cat BREAK a dog:1.2)", [2, 2]),
    ],
)
def test_chunks_hold_as_much_as_the_contract_says(text: str, used: list[int]) -> None:
    assert [each.used for each in chunks(text)] == used


def test_without_backtracking_a_chunk_is_filled() -> None:
    assert [each.used for each in chunks(f"{cats(60)}, {dogs(20)}", comma_backtrack=0)] == [75, 6]


def test_a_chunk_is_start_text_end_and_padding() -> None:
    (only,) = chunks("a (cat:1.3), dog", 8)

    assert only.ids == (START, 320, CAT, COMMA, DOG, END, END, END, END, END)
    assert only.weights == (1, 1, 1.3, 1, 1, 1, 1, 1, 1, 1)


def test_padding_after_the_end_may_be_another_token() -> None:
    (only,) = chunk(parse_attention("cat"), TOKENIZER, 4, padding=0)
    assert only.ids == (START, CAT, END, 0, 0, 0)


def test_what_moves_to_the_next_chunk_keeps_its_weights() -> None:
    first, second = chunks("cat cat, (dog dog:1.5) dog", 5, comma_backtrack=3)

    assert first.ids == (START, CAT, CAT, COMMA, END, END, END)
    assert second.ids == (START, DOG, DOG, DOG, END, END, END)
    assert second.weights == (1, 1.5, 1.5, 1, 1, 1, 1)


def test_only_commas_of_the_same_chunk_count() -> None:
    assert [each.used for each in chunks(f"cat, BREAK {cats(80)}", 75)] == [2, 75, 5]


@given(
    st.lists(st.sampled_from(["cat", "dog", ",", "(fox:1.3)", "[hen]", "BREAK"]), max_size=60),
    st.integers(1, 12),
    st.integers(0, 20),
)
def test_no_token_is_lost_or_reordered(words: list[str], chunk_tokens: int, backtrack: int) -> None:
    text = " ".join(words)

    rows = chunks(text, chunk_tokens, comma_backtrack=backtrack)

    assert all(len(row.ids) == len(row.weights) == chunk_tokens + 2 for row in rows)
    assert [token for row in rows for token in row.ids[1 : row.used + 1]] == TOKENIZER.encode(
        " ".join(word.strip("()[]:1.3") for word in words if word != "BREAK")
    )


def test_a_chunk_without_room_is_refused() -> None:
    with pytest.raises(RequestError, match="at least 1"):
        chunks("cat", 0)
