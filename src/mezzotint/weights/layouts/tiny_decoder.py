"""The tiny autoencoder's decoder as diffusers has it: its layers are numbered from 0 without the first, a clamp."""

from mezzotint.weights.renaming import Layout, Row

_LAYERS = 19  # of every published one, besides the clamp

TINY_DECODER = Layout(rows=tuple(Row(f"decoder.layers.{i}.{{rest}}", f"{i + 1}.{{rest}}") for i in range(_LAYERS)))
