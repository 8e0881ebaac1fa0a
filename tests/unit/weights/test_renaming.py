"""Rows with placeholders rename in both directions."""

import pytest
import torch

from mezzotint.errors import DamagedFile
from mezzotint.weights.renaming import Layout, Row
from mezzotint.weights.tensors import Section

LAYOUT = Layout((Row("down.{b}.res.{j}.w", "in.{b}.{j}.weight"), Row("tail.{rest}", "out.tail.{rest}")))


def test_numbers_and_rests_are_carried_over() -> None:
    assert LAYOUT.to_ours("down.3.res.12.w") == ("in.3.12.weight",)
    assert LAYOUT.to_ours("tail.a.b") == ("out.tail.a.b",)
    assert LAYOUT.to_theirs("in.3.12.weight") == "down.3.res.12.w"


def test_a_number_stands_for_digits_only() -> None:
    assert LAYOUT.to_ours("down.x.res.1.w") == ()


def test_dots_in_rows_are_plain() -> None:
    assert LAYOUT.to_ours("tailXa") == ()


def test_names_in_no_row_are_kept_and_everything_comes_back() -> None:
    tensors = {name: torch.zeros(1) for name in ("down.0.res.1.w", "tail.x", "else")}

    read = LAYOUT.read(tensors)

    assert list(read) == ["in.0.1.weight", "out.tail.x", "else"]
    assert list(LAYOUT.written(read)) == list(tensors)


def test_a_layout_fits_names_of_its_own_only() -> None:
    assert LAYOUT.fits(["else", "tail.x"])
    assert not LAYOUT.fits(["in.0.1.weight", "else"])


FUSED = Layout((Row("qkv.{rest}", ("q.{rest}", "k.{rest}", "v.{rest}")), Row("turned", "turned.weight", turned=True)))


def test_one_of_theirs_may_be_several_of_ours() -> None:
    tensors = {"qkv.weight": torch.arange(12.0).reshape(6, 2)}

    read = FUSED.read(tensors)

    assert list(read) == ["q.weight", "k.weight", "v.weight"]
    assert read["k.weight"].tolist() == [[4, 5], [6, 7]]
    assert read.header.shapes["k.weight"] == (2, 2)


def test_parts_are_cut_out_without_a_copy() -> None:
    tensors = {"qkv.weight": torch.zeros(6, 2)}

    assert FUSED.read(tensors)["k.weight"].data_ptr() == tensors["qkv.weight"][2:].data_ptr()


def test_parts_that_were_joined_only_to_be_cut_again_are_not_copied() -> None:
    ours = {f"x.{name}.bias": torch.zeros(2) for name in "qkv"}
    joined = FUSED.written(Section(ours, "x."))

    assert all(FUSED.read(joined)[f"{name}.bias"].data_ptr() == ours[f"x.{name}.bias"].data_ptr() for name in "qkv")


def test_parts_without_their_siblings_keep_their_names() -> None:
    ours = {"q.weight": torch.zeros(2, 2), "k.weight": torch.zeros(2, 2)}

    assert list(FUSED.written(ours)) == ["q.weight", "k.weight"]


def test_transposes_are_turned_both_ways() -> None:
    tensors = {"turned": torch.arange(6.0).reshape(2, 3)}

    read = FUSED.read(tensors)

    assert torch.equal(read["turned.weight"], tensors["turned"].T)
    assert torch.equal(FUSED.written(read)["turned"], tensors["turned"])


def test_what_cannot_be_cut_is_damaged() -> None:
    with pytest.raises(DamagedFile, match="is not 3 in one") as caught:
        FUSED.read({"qkv.weight": torch.zeros(5, 2)})

    assert caught.value.fault == "tensor_invalid"


def test_two_that_become_one_are_refused() -> None:
    with pytest.raises(DamagedFile, match=r"two tensors that both are 'q\.weight'"):
        FUSED.read({"qkv.weight": torch.zeros(6, 2), "q.weight": torch.zeros(2, 2)})
