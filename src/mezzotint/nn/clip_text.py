"""CLIP's text encoder: a causal transformer over byte-pair tokens (Radford et al. 2021, arXiv:2103.00020).

OpenCLIP's encoders (Cherti et al. 2022, arXiv:2212.07143) are the same network with the exact GELU and a projection.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from mezzotint.errors import require
from mezzotint.nn.attention import Attend
from mezzotint.shapes import Context, TokenIds

Pooled: TypeAlias = Float[Tensor, "b p"]
"""One vector for a whole text; not `Vector`, as its width may be another than the tokens'."""


@dataclass(frozen=True)
class CLIPTextConfig:
    """Sizes of a text encoder; the defaults are ViT-L/14, as in Stable Diffusion 1.

    ``projection`` is the width into which the vector of the whole text is projected, None without a projection. That
    vector is the one at the first ``end`` token.
    """

    vocabulary: int = 49408
    width: int = 768
    layers: int = 12
    heads: int = 12
    positions: int = 77
    activation: Literal["quick_gelu", "gelu"] = "quick_gelu"
    projection: int | None = None
    end: int = 49407


OPENCLIP_H = CLIPTextConfig(width=1024, layers=24, heads=16, activation="gelu", projection=1024)
"""The text half of OpenCLIP ViT-H/14."""

OPENCLIP_BIG_G = CLIPTextConfig(width=1280, layers=32, heads=20, activation="gelu", projection=1280)
"""The text half of OpenCLIP ViT-bigG/14."""


class CLIPText(nn.Module):
    """Tokens to one vector each. Parameter names are those of the released files (`text_model.…`)."""

    def __init__(self, config: CLIPTextConfig) -> None:
        super().__init__()
        self.config = config
        self.text_model = _TextModel(config)
        if config.projection is not None:
            self.text_projection = nn.Linear(config.width, config.projection, bias=False)

    def forward(self, tokens: TokenIds, *, skip: int = 1, normed: bool = True) -> Context:
        """The hidden states ``skip`` layers from the end; through the final norm unless not ``normed``.

        ``skip`` = 1 is the last layer, 2 the one before ("clip skip 2"); at most the number of layers. Layers behind
        the one asked for are not computed.
        """
        h = self._up_to(tokens, skip)
        return self.text_model.final_layer_norm(h) if normed else h

    def with_pooled(self, tokens: TokenIds, *, skip: int = 1, normed: bool = True) -> tuple[Context, Pooled]:
        """The hidden states as `forward` gives them, and the vector of the whole text.

        That is the last layer's, through the final norm whatever ``normed`` says, at the first end token, projected if
        the encoder has a projection. Raises RequestError for a row without end token.
        """
        ends = tokens == self.config.end
        require(bool(ends.any(dim=1).all()), f"a row of tokens has no end token {self.config.end}")
        h = self._up_to(tokens, skip)
        last = h
        for layer in list(self.text_model.encoder.layers)[len(self.text_model.encoder.layers) + 1 - skip :]:
            last = layer(last)
        rows = torch.arange(len(tokens), device=tokens.device)
        pooled = self.text_model.final_layer_norm(last)[rows, ends.int().argmax(dim=1)]
        if "text_projection" in self._modules:
            pooled = self.text_projection(pooled)
        return (self.text_model.final_layer_norm(h) if normed else h), pooled

    def _up_to(self, tokens: TokenIds, skip: int) -> Context:
        h = self.text_model.embeddings(tokens)
        layers = self.text_model.encoder.layers
        for layer in list(layers)[: len(layers) + 1 - skip]:
            h = layer(h)
        return h


class _TextModel(nn.Module):
    def __init__(self, config: CLIPTextConfig) -> None:
        super().__init__()
        self.embeddings = _Embeddings(config)
        self.encoder = _Encoder(config)
        self.final_layer_norm = nn.LayerNorm(config.width)


class _Embeddings(nn.Module):
    def __init__(self, config: CLIPTextConfig) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(config.vocabulary, config.width)
        self.position_embedding = nn.Embedding(config.positions, config.width)

    def forward(self, tokens: TokenIds) -> Context:
        return self.token_embedding(tokens) + self.position_embedding.weight[: tokens.shape[1]]


class _Encoder(nn.Module):
    def __init__(self, config: CLIPTextConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))


class _Layer(nn.Module):
    def __init__(self, config: CLIPTextConfig) -> None:
        super().__init__()
        self.self_attn = _SelfAttention(config.width, config.heads)
        self.layer_norm1 = nn.LayerNorm(config.width)
        self.mlp = _MLP(config.width, _ACTIVATIONS[config.activation])
        self.layer_norm2 = nn.LayerNorm(config.width)

    def forward(self, h: Context) -> Context:
        h = h + self.self_attn(self.layer_norm1(h))
        return h + self.mlp(self.layer_norm2(h))


class _SelfAttention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)
        self.attend = Attend(causal=True)

    def forward(self, h: Context) -> Context:
        q, k, v = (
            rearrange(project(h), "b n (heads width) -> b heads n width", heads=self.heads)
            for project in (self.q_proj, self.k_proj, self.v_proj)
        )
        return self.out_proj(rearrange(self.attend(q, k, v), "b heads n width -> b n (heads width)"))


class _MLP(nn.Module):
    def __init__(self, width: int, activation: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)
        self.activation = activation

    def forward(self, h: Context) -> Context:
        return self.fc2(self.activation(self.fc1(h)))


def _quick_gelu(h: Tensor) -> Tensor:
    """OpenAI's approximation of GELU, on which its encoders were trained."""
    return h * torch.sigmoid(1.702 * h)


_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"quick_gelu": _quick_gelu, "gelu": F.gelu}
