import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from mezzotint.errors import Cancelled, MissingWeights, ModelFileError
from mezzotint.nn.esrgan import CompactConfig, CompactNet, RRDBConfig, RRDBNet
from mezzotint.upscalers.networks import Network, enlarging, load_network
from mezzotint.upscalers.recognition import ORIGINAL
from tests.factories import weight
from tests.unit.upscalers.old_esrgan import OldESRGAN

ORDER_OF_SUMS = 1e-5


def _tensors(shapes: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: weight(name, tuple(empty.shape)) for name, empty in shapes.items()}


def _repeating(scale: int) -> Network:
    """A network that repeats pixels and does nothing else."""
    with torch.device("meta"):
        empty = CompactNet(CompactConfig(features=4, layers=1, scale=scale)).state_dict()
    return load_network({name: torch.zeros(tensor.shape) for name, tensor in empty.items()})


def _seeing_far(scale: int = 2) -> Network:
    """A network with weights by chance, for which the borders of tiles make a difference."""
    with torch.device("meta"):
        empty = CompactNet(CompactConfig(features=8, layers=2, scale=scale)).state_dict()
    return load_network({name: tensor * 0.3 for name, tensor in _tensors(empty).items()})


def _picture(width: int, height: int, mode: str = "RGB") -> Image.Image:
    channels = {"L": 1, "RGB": 3, "RGBA": 4}[mode]
    values = np.random.default_rng(width).integers(0, 256, (height, width, channels), dtype=np.uint8)
    return Image.fromarray(values.squeeze())


@pytest.mark.parametrize("doublings", [0, 1, 2, 3])
@pytest.mark.parametrize("wrapper", ["", "params_ema."])
def test_a_file_with_old_names_makes_the_same_network(doublings: int, wrapper: str) -> None:
    old = OldESRGAN(8, 4, 2, doublings).eval()
    old.load_state_dict(_tensors(old.state_dict()))
    pixels = torch.rand(1, 3, 6, 7)

    network = load_network({wrapper + name: tensor for name, tensor in old.state_dict().items()})

    assert network.scale == 2**doublings
    with torch.no_grad():
        torch.testing.assert_close(network(pixels), old(pixels), atol=ORDER_OF_SUMS, rtol=ORDER_OF_SUMS)


def test_a_file_with_esrgans_own_names_makes_the_same_network() -> None:
    with torch.device("meta"):
        empty = RRDBNet(RRDBConfig(features=8, blocks=2, growth=4, doublings=1)).state_dict()
    ours = _tensors(empty)
    pixels = torch.rand(1, 3, 6, 7)

    network, same = load_network(ours), load_network(ORIGINAL.written(ours))

    assert torch.equal(network(pixels), same(pixels))


def test_missing_weights_are_listed() -> None:
    with torch.device("meta"):
        empty = CompactNet(CompactConfig(features=4, layers=1)).state_dict()
    tensors = _tensors(empty)
    del tensors["body.1.weight"]

    with pytest.raises(MissingWeights, match=r"body\.1\.weight"):
        load_network(tensors)


@pytest.mark.parametrize(
    "size, target", [((20, 30), (40, 60)), ((20, 30), (37, 41)), ((9, 5), (64, 16)), ((20, 9), (4, 4))]
)
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_the_size_asked_for_comes_back(size: tuple[int, int], target: tuple[int, int], mode: str) -> None:
    enlarged = enlarging(_repeating(2), tile_px=16, overlap_px=4)(_picture(*size, mode), *target)

    assert enlarged.size == target
    assert enlarged.mode == ("RGBA" if mode == "RGBA" else "RGB")


def test_pixels_come_through_unchanged() -> None:
    picture = _picture(21, 17)

    enlarged = enlarging(_repeating(3), tile_px=8, overlap_px=2)(picture, 63, 51)

    assert enlarged.tobytes() == picture.resize((63, 51), Image.Resampling.NEAREST).tobytes()


def test_tiles_do_not_show() -> None:
    picture, network = _picture(50, 41), _seeing_far()

    whole = enlarging(network, tile_px=0)(picture, 100, 82)
    tiled = enlarging(network, tile_px=24, overlap_px=16)(picture, 100, 82)

    assert np.abs(np.asarray(whole).astype(int) - np.asarray(tiled)).max() <= 1  # a rounding


@pytest.mark.parametrize(
    "size, target, scale, passes",
    [
        ((10, 10), (20, 20), 2, 1),
        ((10, 10), (21, 20), 2, 2),
        ((10, 10), (400, 400), 2, 3),  # 80 px after three; Lanczos does the rest
        ((10, 10), (10, 10), 2, 1),
        ((10, 10), (9, 5), 2, 0),
        ((10, 10), (40, 40), 1, 1),  # a network of scale 1 gets no further
        ((10, 10), (10, 10), 1, 1),
    ],
)
def test_the_network_runs_until_it_is_enough(size, target, scale, passes) -> None:
    told: list[tuple[int, int]] = []
    enlarge = enlarging(_repeating(scale), tile_px=0, progress=lambda done, total: told.append((done, total)))

    enlarged = enlarge(_picture(*size), *target)

    assert enlarged.size == target
    assert told == [(done, passes) for done in range(1, passes + 1)]


def test_progress_counts_the_tiles_of_colours_and_alpha() -> None:
    told: list[tuple[int, int]] = []
    enlarge = enlarging(
        _repeating(2), tile_px=16, overlap_px=4, progress=lambda done, total: told.append((done, total))
    )

    enlarge(_picture(20, 30, "RGBA"), 40, 60)

    assert told == [(done, 12) for done in range(1, 13)]  # 2 x 3 tiles, twice


def test_it_stops_after_a_tile_when_asked() -> None:
    told: list[int] = []
    enlarge = enlarging(
        _repeating(2),
        tile_px=16,
        overlap_px=4,
        progress=lambda done, _: told.append(done),
        should_stop=lambda: len(told) == 2,
    )

    with pytest.raises(Cancelled, match="2 of 6"):
        enlarge(_picture(20, 30), 40, 60)


def test_a_stop_after_the_last_tile_loses_nothing() -> None:
    enlarge = enlarging(_repeating(2), should_stop=lambda: True)
    assert enlarge(_picture(20, 30), 40, 60).size == (40, 60)


def test_alpha_is_enlarged_and_hidden_colours_do_not_shine_through() -> None:
    picture = Image.new("RGBA", (40, 40), (255, 255, 255, 0))  # hidden white around a red square
    picture.paste((200, 0, 0, 255), (10, 10, 30, 30))

    enlarged = np.asarray(enlarging(_seeing_far(), tile_px=0)(picture, 80, 80)).astype(int)
    alone = Image.new("RGB", (40, 40), (200, 0, 0))
    reference = np.asarray(enlarging(_seeing_far(), tile_px=0)(alone, 80, 80)).astype(int)

    assert np.abs(enlarged[24:56, 24:56, :3] - reference[24:56, 24:56]).max() <= NEARLY
    plain = np.asarray(enlarging(_repeating(2), tile_px=0)(picture, 80, 80))
    assert (plain[20:60, 20:60] == (200, 0, 0, 255)).all()
    assert (plain[..., 3] == 255).sum() == 1600 and plain[..., 3].sum() == 1600 * 255


NEARLY = 8  # levels: the filled ground is a blur of the same red, premultiplied in bytes


def test_a_network_in_half_precision_takes_pictures_too() -> None:
    with torch.device("meta"):
        empty = CompactNet(CompactConfig(features=4, layers=1, scale=2)).state_dict()
    network = load_network(_tensors(empty), dtype=torch.bfloat16)

    assert enlarging(network)(_picture(8, 8), 16, 16).size == (16, 16)


def test_pixels_that_are_not_numbers_are_told() -> None:
    network = _repeating(2)
    network.get_parameter("body.4.bias").fill_(float("nan"))

    with pytest.raises(ModelFileError, match="not numbers"):
        enlarging(network)(_picture(8, 8), 16, 16)
