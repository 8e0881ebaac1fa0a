"""Every family's signature fits its own checkpoints and no other family's; its tables agree with each other."""

from dataclasses import replace

import pytest
import torch

from mezzotint.diffusion.naming import sampler_and_schedule
from mezzotint.families import FAMILIES
from mezzotint.families.family import ANY, Encoded, Family, Frame
from mezzotint.families.recognition import matches, recognise
from tests.factories import header_of, shapes_of

every_family = pytest.mark.parametrize("family", [FAMILIES[name] for name in FAMILIES], ids=FAMILIES.names())


@every_family
def test_a_checkpoint_is_recognised_from_its_header(family: Family) -> None:
    found = recognise(header_of(shapes_of(family)))

    assert found == family


@every_family
def test_no_other_family_takes_it_for_its_own(family: Family) -> None:
    shapes = shapes_of(family)
    others = [FAMILIES[name] for name in FAMILIES if name != family.name]

    assert not any(matches(other.signature, shapes) for other in others)


@every_family
def test_every_tensor_of_the_signature_counts(family: Family) -> None:
    shapes = shapes_of(family)
    for name, wanted in family.signature.items():
        axis = next(i for i, side in enumerate(wanted) if side is not ANY)
        other = tuple(side + (i == axis) for i, side in enumerate(shapes[name]))

        assert not matches(family.signature, shapes | {name: other})
        assert not matches(family.signature, {key: shape for key, shape in shapes.items() if key != name})


@every_family
def test_the_name_in_the_table_is_the_registered_one(family: Family) -> None:
    assert FAMILIES[family.name] is family


@every_family
def test_latents_fit_the_networks(family: Family) -> None:
    network, autoencoder, latents = family.network.config, family.autoencoder.config, family.latents

    assert latents.channels == network.in_channels == network.out_channels == autoencoder.latent_channels
    assert latents.cell_px == 2 ** (len(autoencoder.channels) - 1)
    assert len(latents.preview_rgb) == latents.channels
    assert family.native_px % latents.cell_px == 0


@every_family
def test_scaling_latents_is_undone_exactly_enough(family: Family) -> None:
    space = replace(family.latents, shift=0.25)
    latents = torch.randn(1, space.channels, 4, 4)

    torch.testing.assert_close(space.unscaled(space.scaled(latents)), latents)


@every_family
def test_conditioning_has_the_width_the_network_takes(family: Family) -> None:
    text = {
        name: Encoded(torch.zeros(1, part.config.positions, part.config.width))
        for name, part in family.text_encoders.items()
    }

    conditioning = family.condition(text, Frame(family.native_px, family.native_px))

    assert conditioning.context.shape[-1] == family.network.config.context


@every_family
def test_defaults_are_names_that_exist(family: Family) -> None:
    assert sampler_and_schedule(family.default_sampler, family.default_schedule) == (
        family.default_sampler,
        family.default_schedule,
    )
