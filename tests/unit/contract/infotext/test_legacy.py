"""Texts of old versions, as A1111 1.10.1 reads them."""

import pytest

from mezzotint.contract.infotext import parse_infotext
from mezzotint.contract.infotext.legacy import automatic_first_pass


@pytest.mark.parametrize("first_pass", ["512x512", "0x0"])
def test_an_old_first_pass_size_becomes_the_size(first_pass: str):
    line = f"Steps: 20, Sampler: Euler, Size: 1024x1024, Denoising strength: 0.7, First pass size: {first_pass}"

    found = parse_infotext(f"x\n{line}")

    keys = ("Size-1", "Size-2", "Hires resize-1", "Hires resize-2")
    assert tuple(found.parameters[key] for key in keys) == ("512", "512", "1024", "1024")
    request = found.to_request()
    assert (request.width, request.height) == (512, 512)
    assert request.hires and (request.hires.width, request.hires.height, request.hires.strength) == (1024, 1024, 0.7)


@pytest.mark.parametrize(
    ("target", "first"),
    [((1024, 1024), (512, 512)), ((1024, 768), (640, 448)), ((512, 1024), (384, 768)), ((2048, 1024), (768, 384))],
)
def test_old_versions_chose_a_first_pass_of_about_512_px(target: tuple[int, int], first: tuple[int, int]):
    assert automatic_first_pass(*target) == first


def test_a_first_pass_without_a_size_is_left_alone():
    found = parse_infotext("x\nSteps: 20, Seed: 1, Size: big, First pass size: 0x0")

    assert found.parameters["Size"] == "big" and "Hires resize-1" not in found.parameters


def test_old_hypernetworks_and_loras_become_tags():
    line = (
        "Steps: 20, Sampler: Euler, CFG scale: 7, Hypernet: foo, Hypernet strength: 0.5, AddNet Enabled: True, "
        "AddNet Module 1: LoRA, AddNet Model 1: ink(0a1b2c), AddNet Weight A 1: 0.8, AddNet Weight B 1: 0.8"
    )

    found = parse_infotext(f"x\n{line}")

    assert found.prompt == "x<hypernet:foo:0.5>\n<lora:ink:0.8>"
    assert found.restore().unknown == {}


@pytest.mark.parametrize(
    ("prompt", "pairs", "unsaid"),
    [
        ("[a]", "Version: v1.5.1", {"Old prompt editing timelines", "Downcast alphas_cumprod"}),
        ("a", "Version: v1.5.1", {"Downcast alphas_cumprod"}),
        ("a", "Sampler: DDIM, Version: v1.5.1-3-gabc", {"Pad conds v0", "Downcast alphas_cumprod"}),
        ("[a]", "Version: v1.7.0-224-gabc", {"Downcast alphas_cumprod"}),
        ("[a]", "Refiner: sd, Version: v1.7.0-225-gabc", {"Refiner switch by sampling steps"}),
        ("[a]", "Refiner: sd, Version: v1.10.1", set()),
        ("[a]", "Refiner: sd, Version: mezzotint-0.1.0", set()),
        ("[a]", "Refiner: sd", set()),
    ],
)
def test_what_old_versions_did_unsaid_is_said(prompt: str, pairs: str, unsaid: set[str]):
    text = f"{prompt}\nSteps: 20, Seed: 1, CFG scale: 7, {pairs}"
    before = parse_infotext(text, fill_in_old=False).parameters

    found = parse_infotext(text).parameters

    assert {key for key, value in found.items() if key not in before and value == "True"} == unsaid


def test_what_was_unsaid_reaches_the_request():
    line = "Steps: 20, Sampler: DDIM, CFG scale: 7, Refiner: sd, Version: v1.5.1"

    request = parse_infotext(f"[a:b:1.0]\n{line}").to_request()

    assert request.old_ways.prompt_editing and request.old_ways.pad_conds_v0 and request.old_ways.downcast_alphas
    assert request.refiner and request.refiner.by_steps
