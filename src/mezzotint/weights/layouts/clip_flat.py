"""CLIP's text encoder without the outer `text_model.`, as the earliest SD 1 files have it."""

from mezzotint.weights.renaming import Layout, Row

CLIP_FLAT = Layout(
    rows=(
        Row("embeddings.{rest}", "text_model.embeddings.{rest}"),
        Row("encoder.{rest}", "text_model.encoder.{rest}"),
        Row("final_layer_norm.{rest}", "text_model.final_layer_norm.{rest}"),
    )
)
