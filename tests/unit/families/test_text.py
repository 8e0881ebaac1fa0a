"""Prompts become one vector per token, chunk after chunk, with emphasis and clip skip."""

from pathlib import Path

import pytest
import torch

from mezzotint.families.family import Model, ModelFile
from mezzotint.families.mezzo import MEZZO
from mezzotint.families.text import encode_prompt, encode_schedule
from mezzotint.nn.autoencoder import Autoencoder
from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig
from mezzotint.nn.unet import UNet
from mezzotint.prompt.attention import EmphasisMode, parse_attention
from mezzotint.prompt.chunks import chunk
from mezzotint.shapes import Context
from tests.factories import weight

POSITIONS = 12


@pytest.fixture(scope="module")
def model() -> Model:
    """A model of which only the text encoder matters here."""
    encoder = CLIPText(CLIPTextConfig(width=32, layers=3, heads=2, positions=POSITIONS)).eval().requires_grad_(False)
    encoder.load_state_dict({name: weight(name, tuple(t.shape)) for name, t in encoder.state_dict().items()})
    with torch.device("meta"):
        network, autoencoder = UNet(MEZZO.network.config), Autoencoder(MEZZO.autoencoder.config)
    return Model(MEZZO, network, {"clip": encoder}, autoencoder, ModelFile("x", Path("x"), sha256=""))


def tokens(model: Model, text: str, clip_skip: int = 1) -> Context:
    return encode_prompt(model, text, clip_skip)["clip"].tokens


def test_a_short_prompt_fills_one_chunk(model: Model) -> None:
    assert tokens(model, "a cat").shape == (1, POSITIONS, 32)
    assert tokens(model, "").shape == (1, POSITIONS, 32)


def test_a_long_prompt_is_chunks_in_a_row(model: Model) -> None:
    first, second = "cat " * (POSITIONS - 2), "dog " * 3

    encoded = tokens(model, first + second)

    assert encoded.shape == (1, 2 * POSITIONS, 32)
    torch.testing.assert_close(encoded[:, :POSITIONS], tokens(model, first))
    torch.testing.assert_close(encoded[:, POSITIONS:], tokens(model, second))


def test_break_starts_a_chunk(model: Model) -> None:
    torch.testing.assert_close(
        tokens(model, "a cat BREAK a dog"), torch.cat([tokens(model, "a cat"), tokens(model, "a dog")], dim=1)
    )


def test_plain_text_is_what_the_encoder_gives(model: Model) -> None:
    (part,) = chunk(parse_attention("a cat"), model.tokenizer, POSITIONS - 2)

    assert torch.equal(tokens(model, "a cat"), model.text_encoders["clip"](torch.tensor([part.ids])))


def test_clip_skip_stops_before_the_last_layers(model: Model) -> None:
    (part,) = chunk(parse_attention("a cat"), model.tokenizer, POSITIONS - 2)
    encoder = model.text_encoders["clip"]

    assert torch.equal(tokens(model, "a cat", 2), encoder(torch.tensor([part.ids]), skip=2))
    assert not torch.equal(tokens(model, "a cat", 2), tokens(model, "a cat", 1))


def test_emphasis_turns_up_a_token_and_keeps_the_mean(model: Model) -> None:
    plain, weighted = tokens(model, "a cat"), tokens(model, "a (cat:1.5)")

    torch.testing.assert_close(weighted.mean(), plain.mean())
    ratio = (weighted / plain)[0, :, 0]
    torch.testing.assert_close(ratio[2] / ratio[1], torch.tensor(1.5))
    torch.testing.assert_close(ratio[3], ratio[1])


def test_each_chunk_keeps_its_own_mean(model: Model) -> None:
    encoded = tokens(model, "a (cat:1.5) BREAK a dog")

    torch.testing.assert_close(encoded[:, POSITIONS:], tokens(model, "a dog"))


def test_a_schedule_is_encoded_text_by_text_when_nothing_is_weighted(model: Model) -> None:
    texts = ["a cat", "a dog", "a cat"]

    together = encode_schedule(model, texts)

    for text, encoded in zip(texts, together, strict=True):
        torch.testing.assert_close(encoded["clip"].tokens, tokens(model, text))


def test_the_texts_of_a_schedule_are_equally_long(model: Model) -> None:
    short, long = (encoded["clip"].tokens for encoded in encode_schedule(model, ["a cat", "a cat BREAK a dog"]))

    assert short.shape == long.shape == (1, 2 * POSITIONS, 32)
    torch.testing.assert_close(short[:, POSITIONS:], tokens(model, ""))


def test_the_texts_of_a_schedule_share_the_correction_of_their_emphasis(model: Model) -> None:
    texts = ["a (cat:1.5)", "a dog", "a dog"]
    weighted = [encoded["clip"].tokens for encoded in encode_schedule(model, texts)]
    plain = [tokens(model, text) for text in ("a cat", "a dog", "a dog")]
    unscaled = [encoded["clip"].tokens for encoded in encode_schedule(model, texts, emphasis="No norm")]

    correction = torch.cat(plain).mean() / torch.cat(unscaled).mean()

    torch.testing.assert_close(weighted[1], plain[1] * correction)
    torch.testing.assert_close(torch.cat(weighted).mean(), torch.cat(plain).mean())


def test_emphasis_may_be_ignored_or_no_syntax_at_all(model: Model) -> None:
    def told(text: str, emphasis: EmphasisMode) -> Context:
        return encode_prompt(model, text, emphasis=emphasis)["clip"].tokens

    assert torch.equal(told("a (cat:1.5)", "Ignore"), tokens(model, "a cat"))
    assert torch.equal(told("a (cat:1.5)", "None"), tokens(model, r"a \(cat:1.5\)"))
