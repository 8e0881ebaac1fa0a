"""Prompts through text encoders: parsed, cut into chunks, encoded, weighted."""

from collections.abc import Sequence

import torch

from mezzotint.families.family import Encoded, EncodedText, Model, TextPart
from mezzotint.nn.clip_text import CLIPText
from mezzotint.prompt.attention import EmphasisMode, parse_emphasis
from mezzotint.prompt.chunks import Chunk, chunk
from mezzotint.prompt.emphasis import emphasise

_FRAMING_TOKENS = 2  # start and end, around the text of every chunk


def encode_prompt(
    model: Model,
    text: str,
    clip_skip: int = 1,
    *,
    asked: bool = False,
    is_negative: bool = False,
    emphasis: EmphasisMode = "Original",
) -> EncodedText:
    """One text as `encode_schedule` has it."""
    options = {"asked": asked, "is_negative": is_negative}
    return encode_schedule(model, [text], clip_skip, **options, emphasis=emphasis)[0]


def encode_schedule(
    model: Model,
    texts: Sequence[str],
    clip_skip: int = 1,
    *,
    asked: bool = False,
    is_negative: bool = False,
    emphasis: EmphasisMode = "Original",
    comma_backtrack: int = 20,
) -> list[EncodedText]:
    """The texts of one prompt's schedule as every encoder of the model gives them, each distinct one encoded once.

    They come out equally long, shorter ones followed by empty chunks, and share the correction of their emphasis, in
    which a text that comes twice counts twice: as in A1111, where the entries of a schedule are one batch.

    ``clip_skip`` counts layers from the end, 1 being the last, for the encoders that follow it; ``asked`` makes those
    follow that do so only then. Where all texts are empty and ``is_negative``, they are zeros for families that were
    trained with that.
    """
    distinct = list(dict.fromkeys(texts))
    places = [distinct.index(text) for text in texts]
    encoded: list[dict[str, Encoded]] = [{} for _ in texts]
    is_zero = is_negative and distinct == [""] and model.family.zeroes_empty_negative
    for name, encoder in model.text_encoders.items():
        part = model.family.text_encoders[name]
        layer = part.layer(clip_skip, asked=asked)
        length = encoder.config.positions - _FRAMING_TOKENS
        cut = [
            chunk(
                parse_emphasis(text, emphasis),
                model.tokenizer,
                length,
                comma_backtrack=comma_backtrack,
                padding=part.padding,
            )
            for text in distinct
        ]
        (empty,) = chunk([], model.tokenizer, length, padding=part.padding)
        columns = [
            _encoded_chunks(encoder, part, layer, [row[i] if i < len(row) else empty for row in cut], places, emphasis)
            for i in range(max(map(len, cut)))
        ]
        tokens, pooled = torch.cat([column.tokens for column in columns], dim=1), columns[0].pooled
        for i, each in enumerate(encoded):
            one = Encoded(tokens[i : i + 1], None if pooled is None else pooled[i : i + 1])
            each[name] = _zeros(one) if is_zero else one
    return list(encoded)


def _encoded_chunks(
    encoder: CLIPText,
    part: TextPart,
    layer: int,
    chunks: Sequence[Chunk],
    places: Sequence[int],
    emphasis: EmphasisMode,
) -> Encoded:
    """One chunk of each distinct text, put in its places among all texts. Emphasis is on tokens only."""
    ids = torch.tensor([one.ids for one in chunks], device=encoder.text_model.final_layer_norm.weight.device)
    if part.pooled:
        tokens, pooled = encoder.with_pooled(ids, skip=layer, normed=part.normed)
    else:
        tokens, pooled = encoder(ids, skip=layer, normed=part.normed), None
    rows = list(places)
    weights = [chunks[place].weights for place in rows]
    return Encoded(emphasise(tokens[rows], weights, emphasis), None if pooled is None else pooled[rows])


def _zeros(encoded: Encoded) -> Encoded:
    pooled = None if encoded.pooled is None else torch.zeros_like(encoded.pooled)
    return Encoded(torch.zeros_like(encoded.tokens), pooled)
