from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.contract.infotext import MadeWith, parse_infotext, to_infotext
from mezzotint.contract.infotext.writing import with_tags
from mezzotint.contract.parts import Hires, Mask
from mezzotint.contract.requests import GenerationRequest, InitImage
from mezzotint.errors import RequestError
from tests.unit.contract.infotext.strategies import files, hires_prompts, prompts, requests, tags

PLAIN = "Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 64x64"


@given(requests(), st.data())
def test_every_request_comes_back_and_so_does_its_text(request: GenerationRequest, data: st.DataObject):
    made_with = data.draw(files(request))
    text = to_infotext(request, made_with)

    found = parse_infotext(text)

    init = request.init.picture if request.init else None
    mask = request.mask.picture if request.mask else None
    restored = found.restore(init, mask)
    assert restored.request == request
    assert restored.unknown == {} and restored.warnings == ()
    assert found.made_with == made_with
    assert to_infotext(restored.request, found.made_with) == text


@given(prompts, st.lists(tags, max_size=3))
def test_networks_come_back_as_tags(prompt: str, networks: list[object]):
    request = GenerationRequest.model_validate({"prompt": prompt, "networks": networks, "noise_source": "GPU"})

    found = parse_infotext(to_infotext(request, MadeWith(), extra={"Aa": 1, "Bb": 2})).to_request()

    assert found == with_tags(request)


@given(hires_prompts)
def test_a_second_prompt_comes_back_whatever_it_looks_like(prompt: str):
    request = GenerationRequest(prompt="x", steps=1, sampler="Euler", hires=Hires(prompt=prompt))

    found = parse_infotext(to_infotext(request, MadeWith())).to_request()

    assert found.hires == request.hires


def test_a_text_that_looks_like_a_size_is_no_size():
    found = parse_infotext(f"x\n{PLAIN}, Hires upscaler: Latent, Hires prompt: 64x128, Model: 7x7").to_request()

    assert found.hires and found.hires.prompt == "64x128"
    assert found.model == "7x7"


def test_whole_numbers_do_for_fractions():
    request = parse_infotext(f"x\n{PLAIN}, Hires upscale: 2, Hires upscaler: Latent").to_request()

    assert (request.cfg_scale, request.hires) == (7.0, Hires(scale=2.0))


def test_without_rng_the_device_drew_the_noise():
    assert parse_infotext(f"x\n{PLAIN}").to_request().noise_source == "GPU"
    assert parse_infotext(f"x\n{PLAIN}, RNG: NV").to_request().noise_source == "NV"


@pytest.mark.parametrize(
    ("pairs", "field", "value"),
    [
        ("Sigma tmax: inf", "s_tmax", None),
        ("Schedule max sigma: 0", "sigma_max", None),
        ("Schedule max sigma: 10.5", "sigma_max", 10.5),
        ("Beta scheduler alpha: 0.5", "beta_alpha", 0.5),
        ("Beta schedule alpha: 0.5", "beta_alpha", 0.5),
        ("CFG Rescale: 0.5", "cfg_rescale", 0.5),
        ("CFG Rescale φ: 0.5", "cfg_rescale", 0.5),
        ("Tiling: True", "tiling_y", True),
        ("Tiling: False", "tiling_x", False),
        ("Noise Schedule: Default", "zero_terminal_snr", False),
        ("Seed resize from: 0x0", "seed_resize", None),
        ("Model hash: 0123456789", "model", "0123456789"),
        ("VAE: None", "vae", "None"),
    ],
)
def test_other_spellings_are_understood(pairs: str, field: str, value: object):
    restored = parse_infotext(f"x\n{PLAIN}, {pairs}").restore()

    assert getattr(restored.request, field) == value
    assert restored.unknown == {}


def test_what_is_the_same_as_in_the_first_pass_is_not_repeated():
    line = (
        "Hires upscaler: Latent, Hires sampler: Use same sampler, Hires schedule type: Use same scheduler, "
        "Hires checkpoint: Use same checkpoint, Hires resize: 0x0"
    )

    assert parse_infotext(f"x\n{PLAIN}, {line}").to_request().hires == Hires()


def test_pictures_that_were_not_given_are_asked_for_by_their_hash():
    text = f"x\n{PLAIN}, Denoising strength: 0.4, Init image hash: abc, Mask blur: 3, Mask image hash: def"

    bare = parse_infotext(text).restore()
    whole = parse_infotext(text).restore(init=Path("a.png"), mask=Path("b.png"))

    assert bare.request.init is None and "abc" in bare.warnings[0] and "def" in bare.warnings[1]
    assert whole.warnings == ()
    assert whole.request.init == InitImage(picture=Path("a.png"), strength=0.4, fit="stretch")
    assert whole.request.mask == Mask(picture=Path("b.png"), blur_x=3, blur_y=3)


def test_what_has_no_place_is_told():
    restored = parse_infotext(f'x\n{PLAIN}, ControlNet 0: "Module: canny", Hypertile U-Net: True').restore()

    assert restored.unknown == {"ControlNet 0": "Module: canny", "Hypertile U-Net": "True"}
    assert restored.warnings == ("left aside, since it has no place in a request: ControlNet 0, Hypertile U-Net",)


def test_a_size_between_cells_is_brought_down_to_what_was_drawn():
    restored = parse_infotext("x\nSteps: 20, Sampler: Euler, Seed: 1, Size: 500x515").restore()

    assert (restored.request.width, restored.request.height) == (496, 512)
    assert restored.warnings == ("Size 500x515 is not in steps of 8: 496x512 is drawn",)


@pytest.mark.parametrize("number", ["many", "151", "nan", "9" * 6000])
def test_a_value_out_of_range_is_named(number: str):
    with pytest.raises(RequestError, match=r"^steps: .*got '"):
        parse_infotext(f"x\nSteps: {number}, Sampler: Euler, CFG scale: 7").to_request()


@given(st.text(alphabet='a1x:," \\\\/-\n\t()[]'))
def test_any_text_makes_a_request_or_a_request_error(text: str):
    found = parse_infotext(f"x\nSteps: 1, Seed: 2, {text}")
    try:
        request = found.to_request()
    except RequestError:
        return
    assert request.prompt == found.prompt
