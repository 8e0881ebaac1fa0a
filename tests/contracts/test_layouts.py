"""Every weight layout renames without loss: what it reads it writes back under the same names."""

import pytest
import torch

from mezzotint.weights.layouts import LAYOUTS
from mezzotint.weights.renaming import Layout

_EXAMPLES = {"{rest}": "a.0.weight", "{i}": "3", "{j}": "14"}


@pytest.fixture(params=list(LAYOUTS))
def layout(request: pytest.FixtureRequest) -> Layout:
    return LAYOUTS[request.param]


def their_names(layout: Layout) -> list[str]:
    names = [row.theirs for row in layout.rows]
    for placeholder, example in _EXAMPLES.items():
        names = [name.replace(placeholder, example) for name in names]
    return names


def test_reading_and_writing_is_lossless(layout: Layout) -> None:
    tensors = {name: torch.zeros(1) for name in their_names(layout)}

    ours = layout.read(tensors)

    assert len(ours) == len(tensors)
    assert not set(ours) & set(tensors)
    assert list(layout.written(ours)) == list(tensors)


def test_our_names_are_never_taken_for_theirs(layout: Layout) -> None:
    ours = layout.read({name: torch.zeros(1) for name in their_names(layout)})

    assert not layout.fits(ours)
