"""Zero terminal SNR and the taking back of contrast, against diffusers' own functions."""

import pytest
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg
from diffusers.schedulers.scheduling_ddim import rescale_zero_terminal_snr

from mezzotint.diffusion.guidance.rescaling import rescaled
from mezzotint.diffusion.noise_process import discrete, scaled_linear, zero_terminal_snr

BETAS = scaled_linear(0.00085, 0.012)
FROM_FLOAT32 = 2.4e-7  # four units in the last place of a share of signal: ours are computed in float32, as A1111's
ROUNDING = 1e-6


def test_terminal_snr_is_stretched_as_theirs_up_to_the_last_level() -> None:
    process = zero_terminal_snr(discrete(BETAS, predicts="velocity"))

    theirs = 1 - rescale_zero_terminal_snr(torch.tensor(BETAS, dtype=torch.float64))

    ours = torch.tensor(process.signal, dtype=torch.float64)
    torch.testing.assert_close(ours[:-1], theirs.cumprod(0)[:-1], atol=FROM_FLOAT32, rtol=0)


@pytest.mark.parametrize("amount", [0.0, 0.3, 0.7, 1.0])
def test_contrast_is_taken_back_as_theirs(amount: float) -> None:
    guided, positive = torch.randn(2, 3, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    guided = guided * 3 + 0.5

    ours = rescaled(guided, positive, amount=amount)

    theirs = rescale_noise_cfg(guided, positive, guidance_rescale=amount)
    torch.testing.assert_close(ours, theirs, atol=ROUNDING, rtol=ROUNDING)
