"""How far apart two pictures look: features of a VGG trunk (Johnson et al. 2016, arXiv:1603.08155)."""

from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from mezzotint.shapes import Pixels
from mezzotint.weights.safetensors import open_tensors

_WIDTHS = ((64, 64), (128, 128), (256, 256, 256))


class VGGFeatures(nn.Module):
    """The first three stages of VGG-16, frozen. Weights: `stage.{i}.{j}.weight` and `.bias`, for BGR minus its mean."""

    mean: Tensor

    def __init__(self, file: Path) -> None:
        super().__init__()
        channels, stages = 3, list[nn.Module]()
        for widths in _WIDTHS:
            convolutions = list[nn.Module]()
            for width in widths:
                convolutions.append(nn.Conv2d(channels, width, 3, padding=1))
                channels = width
            stages.append(nn.ModuleList(convolutions))
        self.stage = nn.ModuleList(stages)
        self.load_state_dict(open_tensors(file))
        self.requires_grad_(False)
        self.register_buffer("mean", torch.tensor([103.939, 116.779, 123.68])[:, None, None], persistent=False)

    def forward(self, pixels: Pixels) -> list[Float[Tensor, "b c h w"]]:
        """Features after each stage, normalised to unit length at every position."""
        h = (pixels.flip(1) + 1) * 127.5 - self.mean
        features = list[Tensor]()
        for index, stage in enumerate(self.stage):
            h = F.max_pool2d(h, 2) if index else h
            assert isinstance(stage, nn.ModuleList)
            for convolution in stage:
                h = F.relu(convolution(h))
            features.append(F.normalize(h, dim=1, eps=1e-3))
        return features

    def distance(self, ours: Pixels, target: Pixels) -> Tensor:
        """Mean squared distance of the features over all stages (as in Zhang et al. 2018, without learned weights)."""
        with torch.no_grad():
            wanted = self(target)
        pairs = zip(self(ours), wanted, strict=True)
        return torch.stack([(a - b).square().sum(1).mean() for a, b in pairs]).mean()
