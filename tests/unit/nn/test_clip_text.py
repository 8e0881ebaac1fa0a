"""Text encoders stop at the layer asked for, and pool the last one at the first end token."""

import pytest
import torch

from mezzotint.errors import RequestError
from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig
from tests.factories import weight

END = 49407
TOKENS = torch.tensor([[49406, 320, 2368, END, END, END], [49406, 320, END, 0, 0, 0]])
CONFIG = CLIPTextConfig(vocabulary=49500, width=32, layers=3, heads=2, positions=6, projection=24)
ROUNDING = 1e-6


@pytest.fixture(scope="module")
def encoder() -> CLIPText:
    return filled(CONFIG)


def filled(config: CLIPTextConfig) -> CLIPText:
    encoder = CLIPText(config).eval().requires_grad_(False)
    encoder.load_state_dict({name: weight(name, tuple(t.shape)) for name, t in encoder.state_dict().items()})
    return encoder


@pytest.mark.parametrize("skip", [1, 2, 3])
@pytest.mark.parametrize("normed", [True, False])
def test_tokens_are_the_same_with_and_without_pooling(encoder: CLIPText, skip: int, normed: bool) -> None:
    tokens, _ = encoder.with_pooled(TOKENS, skip=skip, normed=normed)

    assert torch.equal(tokens, encoder(TOKENS, skip=skip, normed=normed))


def test_the_norm_can_be_left_out(encoder: CLIPText) -> None:
    plain = encoder(TOKENS, skip=2, normed=False)

    assert torch.equal(encoder.text_model.final_layer_norm(plain), encoder(TOKENS, skip=2))
    assert not torch.equal(plain, encoder(TOKENS, skip=2))


def test_layers_behind_the_one_asked_for_are_not_computed(encoder: CLIPText) -> None:
    ran = list[int]()
    layers = list(encoder.text_model.encoder.layers)
    handles = [
        layer.register_forward_hook(lambda layer, given, out, i=i: ran.append(i)) for i, layer in enumerate(layers)
    ]

    encoder(TOKENS, skip=2)

    for handle in handles:
        handle.remove()
    assert ran == [0, 1]


@pytest.mark.parametrize("skip", [1, 2, 3])
def test_the_pooled_vector_is_the_last_layers_at_the_first_end_token(encoder: CLIPText, skip: int) -> None:
    _, pooled = encoder.with_pooled(TOKENS, skip=skip, normed=False)

    last = encoder(TOKENS)
    wanted = torch.stack([last[0, 3], last[1, 2]]) @ encoder.text_projection.weight.T
    torch.testing.assert_close(pooled, wanted, atol=ROUNDING, rtol=ROUNDING)


def test_larger_token_ids_do_not_move_the_place_of_pooling(encoder: CLIPText) -> None:
    tokens = torch.tensor([[49406, 49450, END, 49450, END, END]])

    _, pooled = encoder.with_pooled(tokens)

    torch.testing.assert_close(pooled, encoder.text_projection(encoder(tokens)[:, 2]), atol=ROUNDING, rtol=ROUNDING)


def test_without_projection_the_pooled_vector_is_as_wide_as_the_tokens() -> None:
    encoder = filled(CLIPTextConfig(width=32, layers=2, heads=2, positions=6))

    _, pooled = encoder.with_pooled(TOKENS)

    assert "text_projection.weight" not in encoder.state_dict()
    torch.testing.assert_close(pooled[0], encoder(TOKENS)[0, 3], atol=ROUNDING, rtol=ROUNDING)


def test_a_row_without_end_token_cannot_be_pooled(encoder: CLIPText) -> None:
    with pytest.raises(RequestError, match="no end token 49407"):
        encoder.with_pooled(torch.tensor([[49406, 320, 320, 320, 320, 320]]))
