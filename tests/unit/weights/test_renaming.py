"""Rows with placeholders rename in both directions."""

import torch

from mezzotint.weights.renaming import Layout, Row

LAYOUT = Layout((Row("down.{b}.res.{j}.w", "in.{b}.{j}.weight"), Row("tail.{rest}", "out.tail.{rest}")))


def test_numbers_and_rests_are_carried_over() -> None:
    assert LAYOUT.to_ours("down.3.res.12.w") == "in.3.12.weight"
    assert LAYOUT.to_ours("tail.a.b") == "out.tail.a.b"
    assert LAYOUT.to_theirs("in.3.12.weight") == "down.3.res.12.w"


def test_a_number_stands_for_digits_only() -> None:
    assert LAYOUT.to_ours("down.x.res.1.w") is None


def test_dots_in_rows_are_plain() -> None:
    assert LAYOUT.to_ours("tailXa") is None


def test_names_in_no_row_are_kept_and_everything_comes_back() -> None:
    tensors = {name: torch.zeros(1) for name in ("down.0.res.1.w", "tail.x", "else")}

    read = LAYOUT.read(tensors)

    assert list(read) == ["in.0.1.weight", "out.tail.x", "else"]
    assert list(LAYOUT.written(read)) == list(tensors)


def test_a_layout_fits_names_of_its_own_only() -> None:
    assert LAYOUT.fits(["else", "tail.x"])
    assert not LAYOUT.fits(["in.0.1.weight", "else"])
