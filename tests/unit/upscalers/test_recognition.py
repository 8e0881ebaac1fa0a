from functools import cache

import pytest
import torch
from torch import nn

from mezzotint.errors import UnrecognisedModel
from mezzotint.nn.esrgan import CompactConfig, CompactNet, RRDBConfig, RRDBNet
from mezzotint.upscalers.recognition import ORIGINAL, old_layout, recognise
from tests.unit.upscalers.old_esrgan import OldESRGAN


@cache
def _shapes(make: type[nn.Module], *sizes: object) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        return {name: tuple(empty.shape) for name, empty in make(*sizes).state_dict().items()}


RRDB = [
    RRDBConfig(),  # RealESRGAN_x4plus
    RRDBConfig(blocks=6),  # RealESRGAN_x4plus_anime_6B
    RRDBConfig(unshuffle=2),  # RealESRGAN_x2plus
    RRDBConfig(unshuffle=4, blocks=1),
    RRDBConfig(features=32, growth=16, blocks=12, doublings=3),
    RRDBConfig(doublings=0, blocks=3),
    RRDBConfig(blocks=2, has_shortcuts=True),
]
COMPACT = [
    CompactConfig(),
    CompactConfig(layers=32),
    CompactConfig(features=24, layers=8, scale=2),
    CompactConfig(scale=1),
]


@pytest.mark.parametrize("config", RRDB)
@pytest.mark.parametrize("wrapper", ["", "params_ema.", "params.", "module."])
def test_dense_network_is_known_by_its_header(config: RRDBConfig, wrapper: str) -> None:
    found = recognise({wrapper + name: shape for name, shape in _shapes(RRDBNet, config).items()})

    assert (found.config, found.prefix, found.layout) == (config, wrapper, None)
    assert found.scale == config.scale


@pytest.mark.parametrize("config", COMPACT)
def test_compact_network_is_known_by_its_header(config: CompactConfig) -> None:
    found = recognise({f"params.{name}": shape for name, shape in _shapes(CompactNet, config).items()})

    assert (found.config, found.scale) == (config, config.scale)


@pytest.mark.parametrize("config", RRDB)
def test_esrgans_own_names_are_known_and_lead_back(config: RRDBConfig) -> None:
    ours = _shapes(RRDBNet, config)
    theirs = {ORIGINAL.to_theirs(name) or name: shape for name, shape in ours.items()}

    found = recognise(theirs)

    assert found.config == config and found.layout is ORIGINAL
    assert {next(iter(ORIGINAL.to_ours(name)), name): shape for name, shape in theirs.items()} == ours


@pytest.mark.parametrize("blocks, doublings", [(23, 2), (23, 1), (6, 3), (2, 0)])
def test_old_names_are_known_and_lead_back(blocks: int, doublings: int) -> None:
    theirs = _shapes(OldESRGAN, 64, 32, blocks, doublings)

    found = recognise(theirs)

    assert found.config == RRDBConfig(blocks=blocks, doublings=doublings)
    layout = old_layout(blocks, doublings)
    ours = {layout.to_ours(name)[0]: shape for name, shape in theirs.items()}
    assert ours == _shapes(RRDBNet, found.config)
    assert {layout.to_theirs(str(name)) for name in ours} == set(theirs)


def test_old_names_with_folded_pixels_give_a_smaller_scale() -> None:
    theirs = _shapes(OldESRGAN, 64, 32, 2, 2) | {"model.0.weight": (64, 12, 3, 3)}
    assert recognise(theirs).scale == 2


def test_averaged_weights_are_taken_before_the_last_ones() -> None:
    shapes = _shapes(CompactNet, CompactConfig())
    both = {f"{wrapper}{name}": shape for wrapper in ("params.", "params_ema.") for name, shape in shapes.items()}
    assert recognise(both).prefix == "params_ema."


@pytest.mark.parametrize(
    "shapes",
    [
        {},
        {"model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3)},
        {"conv_first.weight": (64, 3, 3, 3), "layers.0.weight": (4,)},
        {"model.0.weight": (64, 3)},
        {"model.0.weight": (64, 3, 3, 3), "model.99999999999.weight": (3, 64, 3, 3)},
        {"body.0.weight": (64, 3, 3, 3)},
        {"body.0.weight": (64, 4, 3, 3), "body.2.weight": (48, 64, 3, 3)},
        {"body.0.weight": (64, 3, 3, 3), "body.2.weight": (50, 64, 3, 3)},
        {"body.0.weight": (64, 3, 3, 3), "body.999999.weight": (48, 64, 3, 3)},
        {"body.0.weight": (64, 3, 3, 3), "body.2.weight": (3 * 10**6, 64, 3, 3)},
        _shapes(RRDBNet, RRDBConfig(blocks=1)) | {"body.100000.rdb1.conv1.weight": (32, 64, 3, 3)},
        _shapes(RRDBNet, RRDBConfig(blocks=1)) | {"conv_last.weight": (1, 64, 3, 3)},
        _shapes(RRDBNet, RRDBConfig(blocks=1)) | {"conv_first.weight": (64, 5, 3, 3)},
        _shapes(RRDBNet, RRDBConfig(blocks=1)) | {"conv_first.weight": (64, 3 * 64, 3, 3)},
        _shapes(RRDBNet, RRDBConfig(blocks=1)) | {f"conv_up{n}.weight": (64, 64, 3, 3) for n in range(3, 30)},
    ],
)
def test_what_is_no_such_network_is_told(shapes: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(UnrecognisedModel) as raised:
        recognise(shapes)
    assert "ESRGAN" in raised.value.hint
