"""The embedded model's recipe: what it does to networks before and after they learn."""

from pathlib import Path

import pytest
import torch

from mezzotint.errors import TrainingError, UnrecognisedModel
from mezzotint.families.mezzo import MEZZO
from mezzotint.nn.autoencoder import Autoencoder, AutoencoderConfig
from mezzotint.nn.unet import UNet, UNetConfig
from mezzotint.train.mezzo import START_FILE, TIERS, Run, adopt, standardise, still
from mezzotint.weights.safetensors import open_tensors
from tests.factories import write_checkpoint


def small_autoencoder() -> Autoencoder:
    torch.manual_seed(0)
    return Autoencoder(AutoencoderConfig(channels=(8, 16), blocks=1, latent_channels=4, groups=4)).eval()


def test_standardised_latents_have_unit_variance_and_decode_to_the_same_picture() -> None:
    autoencoder = small_autoencoder()
    pictures = [torch.rand(4, 3, 32, 32) * 2 - 1 for _ in range(3)]
    with torch.no_grad():
        before = autoencoder.decode(autoencoder.encode(pictures[0]).mode())
        spread = autoencoder.encode(pictures[0]).log_variance

        standardise(autoencoder, pictures)

        latents = torch.cat([autoencoder.encode(batch).mode() for batch in pictures])
        after = autoencoder.decode(autoencoder.encode(pictures[0]).mode())
    torch.testing.assert_close(latents.mean(dim=(0, 2, 3)), torch.zeros(4), atol=1e-4, rtol=0)
    torch.testing.assert_close(latents.std(dim=(0, 2, 3)), torch.ones(4), atol=1e-4, rtol=0)
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)
    assert spread.shape == autoencoder.encode(pictures[0]).log_variance.shape


def test_a_still_network_passes_its_input_through_every_branch() -> None:
    torch.manual_seed(0)
    network = UNet(UNetConfig(channels=(32, 64), blocks=1, depths=(0, 1), head_width=32, context=32))
    still(network)
    x, timesteps = torch.randn(1, 4, 8, 8), torch.tensor([500.0])

    first, second = (network(x, timesteps, torch.randn(1, 5, 32)) for _ in range(2))

    torch.testing.assert_close(first, second)  # no branch, so no context either


def test_a_tier_fits_into_the_package() -> None:
    for tier in TIERS.values():
        family = tier.family
        with torch.device("meta"):
            modules = [UNet(family.network.config), Autoencoder(family.autoencoder.config)]
        numbers = sum(p.numel() for module in modules for p in module.parameters())
        (text,) = (part.config for part in family.text_encoders.values())
        numbers += (text.vocabulary + text.positions) * text.width + text.layers * 12 * text.width**2
        assert 2 * numbers < 95e6


def test_a_run_starts_from_a_finished_model(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "model.safetensors", MEZZO)
    run = Run(TIERS["s"], data=tmp_path, folder=tmp_path / "run")

    adopt(run, tmp_path / "model.safetensors")

    given, taken = open_tensors(tmp_path / "model.safetensors"), open_tensors(tmp_path / "run" / START_FILE)
    assert set(taken) == set(given)
    assert all(torch.equal(taken[name], given[name].float()) for name in given)
    with pytest.raises(TrainingError, match="has a run already"):
        adopt(run, tmp_path / "model.safetensors")


def test_a_model_of_another_family_is_no_start(tmp_path: Path) -> None:
    (tmp_path / "other.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")

    with pytest.raises(UnrecognisedModel):
        adopt(Run(TIERS["s"], data=tmp_path, folder=tmp_path / "run"), tmp_path / "other.safetensors")

    assert not (tmp_path / "run").exists()
