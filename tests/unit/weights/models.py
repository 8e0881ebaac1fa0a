"""A small model in its parts, and whole under the names of the common single file."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from mezzotint.nn.autoencoder import Autoencoder, AutoencoderConfig
from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig
from mezzotint.nn.unet import UNet, UNetConfig
from tests.factories import weight


def _filled(make: Callable[[], nn.Module]) -> dict[str, Tensor]:
    with torch.device("meta"):
        shapes = {name: tuple(empty.shape) for name, empty in make().state_dict().items()}
    return {name: weight(name, shape).half() for name, shape in shapes.items()}


NETWORK = _filled(lambda: UNet(UNetConfig(channels=(32, 64, 64, 64), heads=4, context=24)))
AUTOENCODER = _filled(lambda: Autoencoder(AutoencoderConfig(channels=(32, 32, 64, 64))))
ENCODER = _filled(lambda: CLIPText(CLIPTextConfig(vocabulary=50, width=12, layers=2, heads=2, positions=7)))
SECOND = {name: tensor * 2 for name, tensor in ENCODER.items()}
SECOND["text_projection.weight"] = weight("text_projection", (8, 12)).half()


def whole(**parts: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Parts under prefixes, written with two low lines for each dot."""
    prefixes = {name: name.replace("__", ".") for name in parts}
    return {f"{prefixes[key]}.{name}": tensor for key, part in parts.items() for name, tensor in part.items()}


SINGLE = whole(model__diffusion_model=NETWORK, first_stage_model=AUTOENCODER, cond_stage_model__transformer=ENCODER)


def same(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> bool:
    """Whether names and numbers are equal."""
    return set(found) == set(wanted) and all(torch.equal(found[name], tensor) for name, tensor in wanted.items())
