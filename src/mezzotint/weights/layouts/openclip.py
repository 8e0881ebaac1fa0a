"""CLIP's text encoder as OpenCLIP names it, in SD 2 and SDXL files: queries, keys and values in one tensor.

Their text projection multiplies from the right, ours (`text_projection.weight`) is a linear layer: the transpose.
"""

from mezzotint.weights.renaming import Layout, Row

_THEIRS = "transformer.resblocks.{i}"
_OURS = "text_model.encoder.layers.{i}"

OPENCLIP = Layout(
    rows=(
        Row("token_embedding.weight", "text_model.embeddings.token_embedding.weight"),
        Row("positional_embedding", "text_model.embeddings.position_embedding.weight"),
        Row(f"{_THEIRS}.ln_1.{{rest}}", f"{_OURS}.layer_norm1.{{rest}}"),
        Row(f"{_THEIRS}.ln_2.{{rest}}", f"{_OURS}.layer_norm2.{{rest}}"),
        Row(
            f"{_THEIRS}.attn.in_proj_{{rest}}",
            (
                f"{_OURS}.self_attn.q_proj.{{rest}}",
                f"{_OURS}.self_attn.k_proj.{{rest}}",
                f"{_OURS}.self_attn.v_proj.{{rest}}",
            ),
        ),
        Row(f"{_THEIRS}.attn.out_proj.{{rest}}", f"{_OURS}.self_attn.out_proj.{{rest}}"),
        Row(f"{_THEIRS}.mlp.c_fc.{{rest}}", f"{_OURS}.mlp.fc1.{{rest}}"),
        Row(f"{_THEIRS}.mlp.c_proj.{{rest}}", f"{_OURS}.mlp.fc2.{{rest}}"),
        Row("ln_final.{rest}", "text_model.final_layer_norm.{rest}"),
        Row("text_projection", "text_projection.weight", turned=True),
    )
)
