"""Kinds of models that are known by name only, so that a person is told what the file is."""

import re
from collections.abc import Iterable

_STRANGERS = (
    (r"edm_vpred\.sigma_max", "a CosXL checkpoint, trained on other noise levels than Stable Diffusion XL"),
    (r"edm_mean", "a Playground 2.5 checkpoint, trained on other noise levels than Stable Diffusion XL"),
    (r".*\btime_embed(?:ding)?\.cond_proj\.weight", "a network distilled to be told its guidance scale (LCM)"),
    (r"cond_stage_model\.roberta\..*", "an AltDiffusion checkpoint, with another text encoder"),
    (r".*\bdouble_blocks\..*|.*\bsingle_transformer_blocks\..*", "a Flux checkpoint"),
    (r".*\bdouble_layers\..*", "an AuraFlow checkpoint"),
    (r".*\bjoint_blocks\.0\.x_block\.attn\.qkv\.weight", "a Stable Diffusion 3 checkpoint"),
    (r".*\.time_stack\..*|.*\btemporal_transformer_blocks\..*", "a Stable Video Diffusion checkpoint"),
    (r"embedder\.model\.visual\..*|noise_augmentor\..*", "an unCLIP checkpoint, which is told a picture's embedding"),
)


def stranger(names: Iterable[str]) -> str | None:
    """What a file with tensors of these names is, if it is of a kind known by name only."""
    names = list(names)
    return next((what for pattern, what in _STRANGERS if any(map(re.compile(pattern).fullmatch, names))), None)
