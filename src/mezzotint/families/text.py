"""Prompts through text encoders: parsed, cut into chunks, encoded, weighted."""

import torch

from mezzotint.families.family import Encoded, EncodedText, Model
from mezzotint.nn.clip_text import CLIPText
from mezzotint.prompt.attention import parse_attention
from mezzotint.prompt.chunks import Chunk, chunk
from mezzotint.prompt.emphasis import emphasise
from mezzotint.shapes import Context

_FRAMING_TOKENS = 2  # start and end, around the text of every chunk


def encode_prompt(model: Model, text: str, clip_skip: int = 1) -> EncodedText:
    """The prompt as every encoder of the model gives it, long ones as several chunks in a row.

    ``clip_skip`` counts layers from the end: 1 is the last.
    """
    pieces = parse_attention(text)
    return {
        name: Encoded(
            torch.cat(
                [
                    _encoded_chunk(encoder, part, clip_skip)
                    for part in chunk(pieces, model.tokenizer, encoder.config.positions - _FRAMING_TOKENS)
                ],
                dim=1,
            )
        )
        for name, encoder in model.text_encoders.items()
    }


def _encoded_chunk(encoder: CLIPText, part: Chunk, clip_skip: int) -> Context:
    device = encoder.text_model.final_layer_norm.weight.device
    tokens = encoder(torch.tensor([part.ids], device=device), skip=clip_skip)
    if all(weight == 1 for weight in part.weights):
        return tokens
    return emphasise(tokens, [part.weights])
