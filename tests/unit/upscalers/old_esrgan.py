"""ESRGAN as its first code nested it, for tests: the same network whose files name modules by their place."""

import torch
from torch import Tensor, nn

_SLOPE = 0.2


def _block(inputs: int, outputs: int, *, is_rectified: bool = True) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1)
    return nn.Sequential(convolution, nn.LeakyReLU(_SLOPE)) if is_rectified else nn.Sequential(convolution)


class _Dense(nn.Module):
    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.conv1, self.conv2, self.conv3, self.conv4 = (_block(width + i * growth, growth) for i in range(4))
        self.conv5 = _block(width + 4 * growth, width, is_rectified=False)

    def forward(self, x: Tensor) -> Tensor:
        seen = [x]
        for layer in (self.conv1, self.conv2, self.conv3, self.conv4):
            seen.append(layer(torch.cat(seen, dim=1)))
        return self.conv5(torch.cat(seen, dim=1)).mul(0.2) + x


class _Residual(nn.Module):
    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.RDB1, self.RDB2, self.RDB3 = (_Dense(width, growth) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        return self.RDB3(self.RDB2(self.RDB1(x))).mul(0.2) + x


class _Around(nn.Module):
    def __init__(self, sub: nn.Module) -> None:
        super().__init__()
        self.sub = sub

    def forward(self, x: Tensor) -> Tensor:
        return x + self.sub(x)


class OldESRGAN(nn.Module):
    def __init__(self, width: int, growth: int, blocks: int, doublings: int) -> None:
        super().__init__()
        trunk = [_Residual(width, growth) for _ in range(blocks)]
        doubling = [
            layer
            for _ in range(doublings)
            for layer in (nn.Upsample(scale_factor=2.0), nn.Conv2d(width, width, 3, padding=1), nn.LeakyReLU(_SLOPE))
        ]
        self.model = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1),
            _Around(nn.Sequential(*trunk, nn.Conv2d(width, width, 3, padding=1))),
            *doubling,
            nn.Conv2d(width, width, 3, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(width, 3, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)
