"""Expected values are those of the infotext contract."""

import pytest

from mezzotint.contract.infotext import parse_infotext
from mezzotint.contract.infotext.rows import ORDER
from mezzotint.contract.options import CLOSED_TO_THE_API, SETTINGS, overrides


@pytest.mark.parametrize(
    ("key", "default", "infotext"),
    [
        ("samples_format", "png", ""),
        ("jpeg_quality", 80, ""),
        ("directories_filename_pattern", "[date]", ""),
        ("CLIP_stop_at_last_layers", 1, "Clip skip"),
        ("randn_source", "GPU", "RNG"),
        ("eta_noise_seed_delta", 0, "ENSD"),
        ("s_tmax", 0, "Sigma tmax"),
        ("beta_dist_alpha", 0.6, "Beta scheduler alpha"),
        ("sd_model_checkpoint", None, "Model hash"),
        ("infotext_styles", "Apply if any", ""),
        ("control_net_unit_count", 3, ""),
    ],
)
def test_settings_are_those_of_a1111(key: str, default: object, infotext: str):
    assert (SETTINGS[key].default, SETTINGS[key].infotext) == (default, infotext)


def test_every_key_in_infotext_is_one_that_is_written_or_read():
    told = {setting.infotext for setting in SETTINGS.values()} - {""}

    assert told - set(ORDER) == {"Beta scheduler alpha", "Beta scheduler beta"}  # spelled otherwise when written


def test_what_protects_the_server_is_closed():
    assert {"api_enable_requests", "api_forbid_local_requests", "api_useragent"} == CLOSED_TO_THE_API


def test_infotext_asks_for_settings_in_their_types():
    text = (
        "x\nSteps: 20, Model hash: 0123456789, VAE: v.pt, Clip skip: 2, ENSD: 31337, RNG: NV, Eta: 0.5, Tiling: True, "
        "Beta schedule alpha: 0.5, Discard penultimate sigma: False, NGMS: nan, UniPC order: two, "
        "Face restoration: GFPGAN"
    )

    found = overrides(parse_infotext(text).parameters)

    assert found == {
        "sd_vae": "v.pt", "CLIP_stop_at_last_layers": 2, "eta_noise_seed_delta": 31337, "randn_source": "NV",
        "eta_ancestral": 0.5, "tiling": True, "beta_dist_alpha": 0.5, "always_discard_next_to_last_sigma": False,
        "face_restoration": True,
    }  # fmt: skip


def test_the_model_is_swapped_only_on_request_and_keys_can_be_skipped():
    told = {"Model hash": "0123456789", "Clip skip": "2"}

    assert overrides(told, swaps_weights=True) == {"sd_model_checkpoint": "0123456789", "CLIP_stop_at_last_layers": 2}
    assert overrides(told, skipped=["Clip skip"]) == {}


def test_what_absent_keys_mean_is_asked_for_too():
    found = overrides(parse_infotext("x\nSteps: 20, Seed: 1, CFG scale: 7").with_defaults())

    assert found["randn_source"] == "GPU" and found["refiner_switch_by_sample_steps"] is False
