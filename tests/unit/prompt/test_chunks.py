"""Chunks of tokens, against the contract's examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.errors import RequestError
from mezzotint.prompt.attention import parse_attention
from mezzotint.prompt.chunks import Chunk, TokenCount, chunk, count_tokens
from mezzotint.prompt.embeddings import EmbeddingNames, Fix
from mezzotint.prompt.reading import read_prompt
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
    ("text", "used", "count"),
    [
        ("", [0], (0, 75)),
        ("a photo of a cat", [5], (5, 75)),
        ("a (cat:1.3), dog", [4], (4, 75)),
        ("a cat BREAK a dog", [2, 2], (77, 150)),
        (cats(75), [75], (75, 75)),
        (cats(76), [75, 1], (76, 150)),
        (cats(151), [75, 75, 1], (151, 225)),
        (f"{cats(60)}, {dogs(20)}", [61, 20], (95, 150)),
        (f"{cats(55)}, {dogs(30)}", [56, 30], (105, 150)),
        (f"{cats(54)}, {dogs(30)}", [75, 10], (85, 150)),
        (f"{cats(75)}, dog", [75, 2], (77, 150)),
        (f"{cats(60)}, {dogs(14)}", [75], (75, 75)),
        (f"{cats(60)}, {dogs(14)}, cat", [75, 2], (77, 150)),
        (f"{cats(74)}, dog", [75, 1], (76, 150)),
        ("BREAK", [0], (75, 75)),
        ("cat BREAK", [1], (75, 75)),
        ("BREAK cat", [0, 1], (76, 150)),
        ("cat BREAK BREAK dog", [1, 0, 1], (151, 225)),
        (f"{cats(75)} BREAK dog", [75, 1], (76, 150)),
        ("(a cat BREAK a dog:1.2)", [2, 2], (77, 150)),
    ],
)
def test_chunks_hold_and_count_as_much_as_the_contract_says(text: str, used: list[int], count: tuple[int, int]) -> None:
    assert [each.used for each in chunks(text)] == used
    assert count_tokens([text], TOKENIZER) == TokenCount(*count)


def test_the_longest_of_a_prompts_texts_is_counted() -> None:
    read = read_prompt(f"[cat:{dogs(80)}:5] AND a cat", steps=10)
    assert count_tokens(read.texts, TOKENIZER) == TokenCount(80, 150)
    assert count_tokens([], TOKENIZER) == TokenCount(0, 75)


def test_without_emphasis_brackets_are_tokens_and_break_is_a_word() -> None:
    assert count_tokens(["(cat) BREAK"], TOKENIZER, emphasis="None") == TokenCount(4, 75)


def test_without_backtracking_a_chunk_is_filled() -> None:
    text = f"{cats(60)}, {dogs(20)}"
    assert [each.used for each in chunks(text, comma_backtrack=0)] == [75, 6]
    assert count_tokens([text], TOKENIZER, comma_backtrack=0) == TokenCount(81, 150)


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


EMBEDDINGS = EmbeddingNames({"My-Emb": 3, "my": 1, "wide dog": 8, "huge": 9, "none": 0, "": 2}, TOKENIZER)


def with_embeddings(text: str, chunk_tokens: int = 8) -> list[Chunk]:
    return chunk(parse_attention(text), TOKENIZER, chunk_tokens, embeddings=EMBEDDINGS)


def test_a_name_is_replaced_by_as_many_places_as_it_has_vectors() -> None:
    (only,) = with_embeddings("cat (my-emb:1.3) dog")

    assert only.ids == (START, CAT, 0, 0, 0, DOG, END, END, END, END)
    assert only.weights == (1, 1, 1.3, 1.3, 1.3, 1, 1, 1, 1, 1)
    assert only.fixes == (Fix(2, 3, "My-Emb"),)
    assert only.used == 5


@pytest.mark.parametrize("text", ["my-emb", "My-Emb", "my - emb", "MY -\nEMB"])
def test_case_and_white_space_of_a_name_make_no_difference(text: str) -> None:
    assert with_embeddings(text)[0].fixes == (Fix(1, 3, "My-Emb"),)


def test_a_name_ends_where_its_word_does() -> None:
    assert with_embeddings("my-embx")[0].fixes == (Fix(1, 1, "my"),)  # the shorter name is there, the longer is not
    assert with_embeddings("myx")[0].fixes == ()


def test_the_longest_name_counts() -> None:
    assert [fix.name for fix in with_embeddings("my my-emb my")[0].fixes] == ["my", "My-Emb", "my"]


def test_an_embedding_that_does_not_fit_starts_a_chunk() -> None:
    first, second = with_embeddings("cat cat cat cat cat cat my-emb dog")

    assert first.used == 6
    assert second.ids[:5] == (START, 0, 0, 0, DOG)
    assert second.fixes == (Fix(1, 3, "My-Emb"),)


def test_an_embedding_moves_to_the_next_chunk_with_what_follows_its_comma() -> None:
    first, second = with_embeddings("my cat, my-emb cat cat dog")

    assert (first.used, first.fixes) == (3, (Fix(1, 1, "my"),))
    assert second.ids[:7] == (START, 0, 0, 0, CAT, CAT, DOG)
    assert second.fixes == (Fix(1, 3, "My-Emb"),)


def test_an_embedding_longer_than_a_chunk_is_text() -> None:
    (only,) = with_embeddings("huge")
    assert (only.ids[1:2], only.fixes) == (tuple(TOKENIZER.encode("huge")), ())
    assert with_embeddings("wide dog")[0].fixes == (Fix(1, 8, "wide dog"),)


def test_embeddings_without_a_name_or_vectors_are_never_found() -> None:
    assert with_embeddings("none")[0].fixes == ()


def test_vectors_count_as_tokens() -> None:
    assert count_tokens(["a my-emb"], TOKENIZER, embeddings=EMBEDDINGS) == TokenCount(4, 75)


@given(
    st.lists(st.sampled_from(["cat", ",", "my", "my-emb", "wide dog", "(my-emb:1.3)", "BREAK"]), max_size=40),
    st.integers(0, 8),
)
def test_every_embedding_lies_whole_in_one_chunk(words: list[str], backtrack: int) -> None:
    rows = chunk(parse_attention(" ".join(words)), TOKENIZER, 8, comma_backtrack=backtrack, embeddings=EMBEDDINGS)

    fixes = [fix for row in rows for fix in row.fixes]
    assert [fix.name.lower() for fix in fixes] == [w.strip("():1.3") for w in words if w not in ("cat", ",", "BREAK")]
    for row in rows:
        places = [place for fix in row.fixes for place in range(fix.position, fix.position + fix.length)]
        assert places == [place for place, token in enumerate(row.ids) if token == 0]
        assert all(1 <= place <= row.used for place in places)
