"""What every upscaler must hold: the size asked for, colours near, alpha kept, and weights that can be read."""

from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image

from mezzotint.imaging.resize import Enlarge
from mezzotint.upscalers import UPSCALERS
from mezzotint.upscalers.networks import enlarging, load_network
from mezzotint.upscalers.recognition import recognise
from mezzotint.upscalers.upscaler import Upscaler
from mezzotint.weights.safetensors import open_tensors, read_header

FAITHFUL = 4  # levels that a smooth picture may differ on average, once it is shrunk again

every_upscaler = pytest.mark.parametrize("upscaler", [UPSCALERS[name] for name in UPSCALERS], ids=UPSCALERS.names())


@cache
def _enlarge(upscaler: Upscaler) -> Enlarge:
    if upscaler.enlarge is not None:
        return upscaler.enlarge
    assert upscaler.weights is not None
    return enlarging(load_network(open_tensors(upscaler.weights)))


def _smooth(width: int, height: int) -> Image.Image:
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    return Image.fromarray(np.uint8(96 + 64 * np.stack([x, y, (x + y) / 2], axis=-1)))


@every_upscaler
def test_it_has_a_function_or_weights_under_its_own_name(upscaler: Upscaler) -> None:
    assert UPSCALERS[upscaler.name] is upscaler
    assert (upscaler.enlarge is None) != (upscaler.weights is None)


@every_upscaler
@pytest.mark.parametrize("target", [(48, 32), (31, 50), (24, 16), (12, 8)])
def test_the_size_asked_for_comes_back(upscaler: Upscaler, target: tuple[int, int]) -> None:
    enlarged = _enlarge(upscaler)(_smooth(24, 16), *target)
    assert enlarged.size == target and enlarged.mode == "RGB"


@every_upscaler
def test_colours_stay_what_they_were(upscaler: Upscaler) -> None:
    picture = _smooth(48, 32)

    back = _enlarge(upscaler)(picture, 192, 128).resize((48, 32), Image.Resampling.BOX)

    assert np.abs(np.asarray(back).astype(float) - np.asarray(picture)).mean() < FAITHFUL


@every_upscaler
def test_alpha_is_kept(upscaler: Upscaler) -> None:
    picture = Image.new("RGBA", (24, 16))
    picture.paste((10, 200, 90, 255), (12, 0, 24, 16))

    enlarged = _enlarge(upscaler)(picture, 48, 32)

    alpha = np.asarray(enlarged.getchannel("A"))
    assert enlarged.mode == "RGBA"
    assert alpha[:, :20].max() <= 3 and alpha[:, 28:].min() >= 252


@every_upscaler
def test_its_weights_are_recognised_with_the_scale_it_states(upscaler: Upscaler) -> None:
    if upscaler.weights is not None:
        assert recognise(read_header(upscaler.weights).shapes).scale == upscaler.scale


NCNN = [  # the sampled pixels below, by ncnn 1.0.20261020 from the files that the weights come from
    [[0.60680, 0.44528, 0.67140], [0.66436, 0.60206, 0.63152], [0.52730, 0.67413, 0.56650]],
    [[0.70759, 0.50035, 0.51022], [0.57457, 0.81306, 0.57141], [0.39329, 0.73156, 0.34907]],
    [[0.09435, 0.21496, 0.48480], [0.65900, 0.49960, 0.43693], [0.73725, 0.83440, 0.12786]],
]


def test_the_shipped_network_gives_the_pixels_of_the_one_it_was_made_from() -> None:
    weights = UPSCALERS["R-ESRGAN AnimeVideo"].weights
    assert weights is not None
    pixels = (torch.arange(3 * 6 * 8) * 37 % 101 / 100).reshape(1, 3, 6, 8)

    enlarged = load_network(open_tensors(weights))(pixels)

    assert enlarged.shape == (1, 3, 24, 32)
    torch.testing.assert_close(enlarged[0, :, 5:20:7, 3:30:11], torch.tensor(NCNN), atol=2e-5, rtol=0)
    assert enlarged.mean().item() == pytest.approx(0.502959, abs=1e-5)
