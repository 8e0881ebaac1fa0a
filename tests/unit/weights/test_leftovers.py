"""What training tools leave in checkpoints is known; anything else is told."""

import pytest

from mezzotint.weights.leftovers import unknown_leftovers, without_leftovers


@pytest.mark.parametrize(
    "name",
    [
        "betas",
        "sqrt_recipm1_alphas_cumprod",
        "posterior_mean_coef2",
        "denoiser.log_sigmas",
        "model_ema.decay",
        "model_ema.diffusion_modelmiddle_block1transformer_blocks0attn2to_kweight",
        "cond_stage_model.transformer.text_model.embeddings.position_ids",
        "cond_stage_model.transformer.text_model.encoder.text_model.embeddings.position_ids",
        "first_stage_model.loss.perceptual_loss.lin0.model.1.weight",
        "loss.logvar",
        "embedding_manager.initial_embeddings",
        "cond_stage_model.logit_scale",
        "cond_stage_model.model.visual.conv1.weight",
        "edm_vpred.sigma_max",
    ],
)
def test_known_leftovers_are_passed_over(name: str) -> None:
    assert unknown_leftovers([name]) == []


@pytest.mark.parametrize(
    "name", ["betas2", "control_model.zero_convs.0.0.weight", "modelXema.decay", "lossless.weight", "lora_unet_x.alpha"]
)
def test_anything_else_is_told(name: str) -> None:
    assert unknown_leftovers([name]) == [name]


def test_pruning_keeps_weights_and_what_says_how_they_were_trained() -> None:
    kept = ["model.diffusion_model.out.2.weight", "v_pred", "ztsnr", "edm_vpred.sigma_min", "x.model.text_projection"]
    dropped = ["betas", "model_ema.decay", "first_stage_model.loss.logvar", "x.embeddings.position_ids"]

    assert without_leftovers([*kept, *dropped]) == kept
