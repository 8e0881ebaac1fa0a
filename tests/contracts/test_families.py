"""Every family's signature fits its own checkpoints and no other family's; its tables agree with each other."""

from dataclasses import replace

import pytest
import torch

from mezzotint.diffusion.naming import sampler_and_schedule
from mezzotint.errors import UnrecognisedModel
from mezzotint.families import FAMILIES
from mezzotint.families.family import ANY, Encoded, Family, Frame, Mark
from mezzotint.families.recognition import matches, recognise
from tests.factories import header_of, shapes_of

every_family = pytest.mark.parametrize("family", [FAMILIES[name] for name in FAMILIES], ids=FAMILIES.names())

EXTRA_CHANNELS = {"nothing": 0, "inpainting": 5, "instruct": 4, "depth": 1, "low-res": 3}
"""What each kind of extra input adds to the channels of the latents."""


def with_channels(family: Family, channels: int) -> Family:
    """A family's table whose network takes another number of channels."""
    config = replace(family.network.config, in_channels=channels)
    return replace(family, network=replace(family.network, config=config))


@every_family
def test_a_checkpoint_is_recognised_from_its_header(family: Family) -> None:
    found = recognise(header_of(shapes_of(family)))

    assert found == family


@every_family
def test_variants_are_recognised_by_their_input_channels(family: Family) -> None:
    for channels, extra in family.variants.items():
        found = recognise(header_of(shapes_of(with_channels(family, channels))))

        assert found == replace(with_channels(family, channels), extra_input=extra)
        assert found.full_name == f"{family.name}-{extra}"


@every_family
def test_a_number_of_channels_that_no_variant_has_is_refused(family: Family) -> None:
    with pytest.raises(UnrecognisedModel, match="77"):
        recognise(header_of(shapes_of(with_channels(family, 77))))


@every_family
def test_no_other_family_takes_it_for_its_own(family: Family) -> None:
    others = [FAMILIES[name] for name in FAMILIES if name != family.name]

    for channels in (family.network.config.in_channels, *family.variants):
        shapes = shapes_of(with_channels(family, channels))
        assert not any(matches(other.signature, shapes) for other in others)


@every_family
def test_every_tensor_of_the_signature_counts(family: Family) -> None:
    shapes = shapes_of(family)
    for name, wanted in family.signature.items():
        if isinstance(wanted, Mark):  # which says that there is none
            assert not matches(family.signature, shapes | {name: (1, 1)})
            continue
        axis = next(i for i, side in enumerate(wanted) if side is not ANY)
        other = tuple(side + (i == axis) for i, side in enumerate(shapes[name]))

        assert not matches(family.signature, shapes | {name: other})
        assert not matches(family.signature, {key: shape for key, shape in shapes.items() if key != name})


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "mezzo"])  # whose files are always whole
def test_the_signature_needs_nothing_but_the_network(name: str) -> None:
    family = FAMILIES[name]

    assert all(name.startswith(family.network.prefix) for name in family.signature)


@every_family
def test_the_name_in_the_table_is_the_registered_one(family: Family) -> None:
    assert FAMILIES[family.name] is family
    assert family.full_name == family.name


@every_family
def test_latents_fit_the_networks(family: Family) -> None:
    network, autoencoder, latents = family.network.config, family.autoencoder.config, family.latents

    assert latents.channels == network.out_channels == autoencoder.latent_channels
    assert network.in_channels == latents.channels + EXTRA_CHANNELS[family.extra_input]
    for channels, extra in family.variants.items():
        assert channels == latents.channels + EXTRA_CHANNELS[extra]
    assert latents.cell_px == 2 ** (len(autoencoder.channels) - 1)
    assert len(latents.preview_rgb) == latents.channels
    if family.tiny_autoencoder is not None:
        assert family.tiny_autoencoder.config.latent_channels == latents.channels
        assert 2**family.tiny_autoencoder.config.levels == latents.cell_px
    assert family.native_px % latents.cell_px == 0


@every_family
def test_scaling_latents_is_undone_exactly_enough(family: Family) -> None:
    space = replace(family.latents, shift=0.25)
    latents = torch.randn(1, space.channels, 4, 4)

    torch.testing.assert_close(space.unscaled(space.scaled(latents)), latents)


@every_family
def test_conditioning_has_the_widths_the_network_takes(family: Family) -> None:
    text = {
        name: Encoded(
            torch.zeros(1, part.config.positions, part.config.width),
            torch.zeros(1, part.config.projection or part.config.width) if part.pooled else None,
        )
        for name, part in family.text_encoders.items()
    }

    conditioning = family.condition(text, Frame(family.native_px, family.native_px))

    config = family.network.config
    assert conditioning.context.shape[-1] == config.context
    assert (None if conditioning.vector is None else conditioning.vector.shape) == (
        config.vector and (1, config.vector)
    )
    assert (conditioning.labels is None) == (config.labels is None)


@every_family
def test_defaults_are_names_that_exist(family: Family) -> None:
    assert sampler_and_schedule(family.default_sampler, family.default_schedule) == (
        family.default_sampler,
        family.default_schedule,
    )
