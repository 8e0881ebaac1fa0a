"""OpenCLIP's fused and transposed tensors come apart and together again without loss."""

import torch

from mezzotint.weights.layouts.openclip import OPENCLIP

BLOCK, LAYER = "transformer.resblocks.3", "text_model.encoder.layers.3"
THEIRS = {
    "positional_embedding": torch.randn(5, 4),
    "token_embedding.weight": torch.randn(9, 4),
    f"{BLOCK}.attn.in_proj_weight": torch.randn(12, 4),
    f"{BLOCK}.attn.in_proj_bias": torch.randn(12),
    f"{BLOCK}.attn.out_proj.weight": torch.randn(4, 4),
    f"{BLOCK}.mlp.c_fc.bias": torch.randn(16),
    "ln_final.weight": torch.randn(4),
    "text_projection": torch.randn(4, 6),
}


def test_the_fused_projections_come_apart_and_the_last_one_is_transposed() -> None:
    ours = OPENCLIP.read(THEIRS)

    fused = THEIRS[f"{BLOCK}.attn.in_proj_weight"]
    assert torch.equal(ours[f"{LAYER}.self_attn.k_proj.weight"], fused[4:8])
    assert torch.equal(ours[f"{LAYER}.self_attn.v_proj.bias"], THEIRS[f"{BLOCK}.attn.in_proj_bias"][8:])
    assert torch.equal(ours["text_projection.weight"], THEIRS["text_projection"].T)
    assert torch.equal(ours[f"{LAYER}.mlp.fc1.bias"], THEIRS[f"{BLOCK}.mlp.c_fc.bias"])


def test_writing_undoes_reading() -> None:
    again = OPENCLIP.written(OPENCLIP.read(THEIRS))

    assert set(again) == set(THEIRS)
    assert all(torch.equal(tensor, THEIRS[name]) for name, tensor in again.items())


def test_files_of_either_naming_are_told_apart() -> None:
    assert OPENCLIP.fits(THEIRS)
    assert not OPENCLIP.fits(OPENCLIP.read(THEIRS))
