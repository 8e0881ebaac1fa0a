"""CLIP's text encoder: a causal transformer over byte-pair tokens (Radford et al. 2021, arXiv:2103.00020)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from mezzotint.nn.attention import Attend
from mezzotint.shapes import Context, TokenIds


@dataclass(frozen=True)
class CLIPTextConfig:
    """Sizes of a text encoder; the defaults are ViT-L/14, as in Stable Diffusion 1."""

    vocabulary: int = 49408
    width: int = 768
    layers: int = 12
    heads: int = 12
    positions: int = 77
    activation: Literal["quick_gelu", "gelu"] = "quick_gelu"


class CLIPText(nn.Module):
    """Tokens to one vector each. Parameter names are those of the released files (`text_model.…`)."""

    def __init__(self, config: CLIPTextConfig) -> None:
        super().__init__()
        self.config = config
        self.text_model = _TextModel(config)

    def forward(self, tokens: TokenIds, *, skip: int = 1) -> Context:
        """The hidden states ``skip`` layers from the end, through the final norm.

        ``skip`` = 1 is the last layer, 2 the one before ("clip skip 2"); at most the number of layers.
        """
        h = self.text_model.embeddings(tokens)
        layers = self.text_model.encoder.layers
        for layer in list(layers)[: len(layers) + 1 - skip]:
            h = layer(h)
        return self.text_model.final_layer_norm(h)


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
