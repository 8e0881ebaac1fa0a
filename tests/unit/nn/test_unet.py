"""The U-Net's options: linear projections, attention to the context alone, and a vector or label beside the context."""

from dataclasses import replace

import pytest
import torch

from mezzotint.errors import RequestError
from mezzotint.nn.unet import UNet, UNetConfig
from tests.factories import weight

PLAIN = UNetConfig(channels=(32, 64), blocks=1, depths=(0, 1), heads=4, context=16)
PLACES = ("input_blocks.3", "middle_block", "output_blocks.0")
ROUNDING = 1e-5  # the same sums in another order
X, TIMES, CONTEXT = torch.randn(2, 4, 6, 8), torch.tensor([3.0, 700.5]), torch.randn(2, 5, 16)


def filled(config: UNetConfig) -> UNet:
    network = UNet(config).eval().requires_grad_(False)
    network.load_state_dict({name: weight(name, tuple(t.shape)) for name, t in network.state_dict().items()})
    return network


def test_linear_projections_compute_what_convolutions_of_one_pixel_do() -> None:
    convolved, linear = filled(PLAIN), UNet(replace(PLAIN, linear=True)).eval()
    linear.load_state_dict(
        {name: convolved.state_dict()[name].view(empty.shape) for name, empty in linear.state_dict().items()}
    )

    torch.testing.assert_close(linear(X, TIMES, CONTEXT), convolved(X, TIMES, CONTEXT), atol=ROUNDING, rtol=ROUNDING)


def test_at_levels_of_context_only_both_attentions_take_the_context() -> None:
    network = filled(replace(PLAIN, channels=(32, 64, 64), depths=(0, 1, 1), context_only=(1,)))

    widths = {name: tuple(tensor.shape)[1] for name, tensor in network.state_dict().items() if "attn1.to_k" in name}

    inside = {width for name, width in widths.items() if name.startswith(("input_blocks.3", "output_blocks.2"))}
    assert inside == {16}
    assert {width for name, width in widths.items() if name.startswith(("input_blocks.5", "middle"))} == {64}
    assert torch.isfinite(network(X, TIMES, CONTEXT)).all()


def test_every_level_has_the_depth_and_heads_of_the_table() -> None:
    network = UNet(replace(PLAIN, depths=(0, 3), middle_depth=2, head_width=16))

    depths = {place: len(network.get_submodule(f"{place}.1.transformer_blocks")) for place in PLACES}
    assert depths == {"input_blocks.3": 3, "middle_block": 2, "output_blocks.0": 3}
    assert network.get_submodule("middle_block.1.transformer_blocks.0.attn1").heads == 4


def test_the_vector_is_added_to_the_time_embedding() -> None:
    network = filled(replace(PLAIN, vector=6))
    vector = torch.randn(2, 6)

    told = network(X, TIMES, CONTEXT, vector)

    assert not torch.allclose(told, network(X, TIMES, CONTEXT, torch.zeros(2, 6)))
    network.label_emb[0][2].weight.zero_()
    network.label_emb[0][2].bias.zero_()
    torch.testing.assert_close(network(X, TIMES, CONTEXT, vector), without_label(network)(X, TIMES, CONTEXT))


def test_a_label_is_looked_up_by_its_number_in_any_precision() -> None:
    network = filled(replace(PLAIN, labels=400))
    table = network.label_emb.weight
    seen = list[int]()
    network.label_emb.register_forward_hook(lambda layer, given, out: seen.extend(given[0].tolist()))

    network(X, TIMES, CONTEXT, labels=torch.tensor([349, 20]))
    network.bfloat16()(X.bfloat16(), TIMES, CONTEXT.bfloat16(), labels=torch.tensor([349, 20]))

    assert table.shape == (400, 128)
    assert seen == [349, 20, 349, 20]


def test_a_vector_that_is_missing_or_not_wanted_is_told() -> None:
    with pytest.raises(RequestError, match="told a vector"):
        filled(replace(PLAIN, vector=6))(X, TIMES, CONTEXT)
    with pytest.raises(RequestError, match="told no vector"):
        filled(PLAIN)(X, TIMES, CONTEXT, torch.zeros(2, 6))
    with pytest.raises(RequestError, match="told a label"):
        filled(replace(PLAIN, labels=400))(X, TIMES, CONTEXT)


def without_label(network: UNet) -> UNet:
    plain = UNet(PLAIN).eval()
    plain.load_state_dict({n: t for n, t in network.state_dict().items() if not n.startswith("label_emb")})
    return plain
