"""The blur of masks against OpenCV 5.0's, whose figures stand here."""

import numpy as np
import pytest

from mezzotint.errors import RequestError
from mezzotint.imaging.gaussian import blur_down, kernel

# sigma: kernel size, an edge's eight middle values, its first row above 0 and its first row of 255
OPENCV = {
    1: (7, [0, 1, 15, 77, 178, 240, 254, 255], 347, 353),
    2: (11, [9, 26, 57, 102, 153, 198, 229, 246], 345, 355),
    4: (21, [48, 67, 90, 115, 140, 165, 188, 207], 340, 360),
    8: (41, [84, 96, 109, 122, 133, 146, 159, 171], 330, 370),
    16: (81, [106, 112, 118, 125, 130, 137, 143, 149], 311, 389),
    64: (321, [122, 124, 126, 127, 128, 129, 131, 133], 196, 504),
}
OPENCV_CORNERS = [
    [120, 120, 122, 123, 126, 129, 131, 134, 137, 138, 140, 140],
    [123, 123, 124, 126, 128, 131, 132, 135, 137, 138, 139, 139],
]


@pytest.mark.parametrize("sigma", OPENCV)
def test_kernel_is_as_wide_as_stated_symmetric_and_whole(sigma: int) -> None:
    weights = kernel(sigma)

    assert len(weights) == OPENCV[sigma][0]
    assert weights.sum() == 256
    assert (weights == weights[::-1]).all()


@pytest.mark.parametrize("sigma", OPENCV)
def test_an_edge_blurs_to_the_same_bytes_as_in_opencv(sigma: int) -> None:
    edge = np.zeros((700, 1), np.uint8)
    edge[350:] = 255

    blurred = blur_down(edge, sigma)[:, 0]

    _, middle, first, full = OPENCV[sigma]
    assert blurred[346:354].tolist() == middle
    assert (blurred > 0).argmax() == first
    assert (blurred == 255).argmax() == full


def test_borders_are_mirrored_as_in_opencv_even_within_one_kernel() -> None:
    values = (np.arange(108) * 89 % 256).astype(np.uint8).reshape(9, 12)

    across = blur_down(np.ascontiguousarray(values.T), 4).T
    both = blur_down(np.ascontiguousarray(across), 2)

    assert both[[0, 4]].tolist() == OPENCV_CORNERS


@pytest.mark.parametrize("width", [1, 63, 64, 65, 200])
def test_columns_do_not_touch_one_another(width: int) -> None:
    values = (np.arange(40 * width) * 37 % 251).astype(np.uint8).reshape(40, width)

    together = blur_down(values, 3)

    for column in (0, width // 2, width - 1):
        assert (together[:, column] == blur_down(values[:, column : column + 1].copy(), 3)[:, 0]).all()


@pytest.mark.parametrize("sigma", [0, -1, float("nan")])
def test_a_blur_of_nothing_is_told(sigma: float) -> None:
    with pytest.raises(RequestError, match="above 0"):
        kernel(sigma)
