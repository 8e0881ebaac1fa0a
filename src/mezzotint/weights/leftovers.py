"""Tensors that checkpoints carry beside the weights: tables of the training code, averages, counters."""

import re
from collections.abc import Iterable

_KNOWN = re.compile(
    r"""
      (?: betas | alphas_cumprod | alphas_cumprod_prev | sqrt_alphas_cumprod | sqrt_one_minus_alphas_cumprod
        | log_one_minus_alphas_cumprod | sqrt_recip_alphas_cumprod | sqrt_recipm1_alphas_cumprod
        | posterior_variance | posterior_log_variance_clipped | posterior_mean_coef[12]
        | lvlb_weights | logvar | scale_factor | denoiser\.(?:log_)?sigmas | logit_scale | attn_mask
        | v_pred | ztsnr | global_step | edm_mean | edm_std | edm_vpred\.sigma_(?:min|max) )
    | .*\.position_ids  # always 0, 1, 2, …; merging tools have stored it as rounded floats
    | (?:.*\.)? loss\. .*
    | (?: model_ema | embedding_manager | optimizer_states | callbacks ) \b .*
    | cond_stage_model\.model\.visual\. .*  # the half of CLIP that sees
    | .* text_projection .* | .* \.logit_scale
    """,
    re.VERBOSE,
)

_KEPT = re.compile(
    r"v_pred|ztsnr|edm_mean|edm_std|edm_vpred\.sigma_(?:min|max)|.*text_projection.*|(?:.*\.)?logit_scale"
)


def without_leftovers(names: Iterable[str]) -> list[str]:
    """The ``names`` of weights and of markers that say how a model was trained: what a pruned file keeps."""
    return [name for name in names if not _KNOWN.fullmatch(name) or _KEPT.fullmatch(name)]


def unknown_leftovers(names: Iterable[str]) -> list[str]:
    """Those of the unused ``names`` that no known tool writes."""
    return [name for name in names if not _KNOWN.fullmatch(name)]
