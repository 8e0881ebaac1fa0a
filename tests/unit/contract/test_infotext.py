"""Expected texts are those of the infotext contract, which A1111 1.10.1 produced."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mezzotint.contract.infotext import VERSION, parse_infotext, to_infotext
from mezzotint.contract.requests import GenerationRequest, InitImage
from mezzotint.errors import RequestError


def _request(**fields: object) -> GenerationRequest:
    usual = {
        "prompt": "a cat",
        "seed": 5,
        "steps": 20,
        "sampler": "Euler a",
        "scheduler": "Automatic",
        "cfg_scale": 7.0,
    }
    usual |= {"cfg_scale": 7.0, "width": 64, "height": 96}
    return GenerationRequest.model_validate({**usual, **fields})


def test_the_contracts_example_is_written_to_the_letter():
    request = _request(
        prompt="a cat, (blue:1.2)", negative="ugly", sampler="DPM++ 2M", scheduler="Karras", seed=965400086,
        width=512, height=768, clip_skip=2, init=InitImage(picture=Path("a.png"), strength=0.7, fit="stretch"),
    )  # fmt: skip

    text = to_infotext(request, "v1-5-pruned-emaonly", "6ce0161689", init_hash="d41d8c", version="v1.10.1")

    assert text == (
        "a cat, (blue:1.2)\nNegative prompt: ugly\n"
        "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.0, Seed: 965400086, Size: 512x768, "
        "Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, Denoising strength: 0.7, "
        "Clip skip: 2, Init image hash: d41d8c, RNG: NV, Version: v1.10.1"
    )


def test_what_does_not_apply_is_left_out():
    assert to_infotext(_request(), "mezzo", "0123456789") == (
        "a cat\nSteps: 20, Sampler: Euler a, Schedule type: Automatic, CFG scale: 7.0, Seed: 5, Size: 64x96, "
        f"Model hash: 0123456789, Model: mezzo, RNG: NV, Version: {VERSION}"
    )
    assert VERSION.startswith("mezzotint-")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a, b", '"a, b"'),
        ("a:b", '"a:b"'),
        ("a\nb", '"a\\nb"'),
        ('a, "b"', '"a, \\"b\\""'),
        ('"q"', '"q"'),
        ("é, ü", '"é, ü"'),
        ("plain (text)", "plain (text)"),
        (True, "True"),
        (2.0, "2.0"),
    ],
)
def test_values_are_quoted_as_a1111_does(value: object, written: str):
    text = to_infotext(_request(), "m", extra={"Hires prompt": value})

    assert f", RNG: NV, Hires prompt: {written}, Version" in text


def test_a_pair_whose_key_is_its_value_is_written_once():
    assert ", Soft inpainting, Version" in to_infotext(_request(), "m", extra={"Soft inpainting": "Soft inpainting"})


def test_an_extra_key_that_is_already_there_keeps_its_place():
    assert ", Seed: 9, Size: 64x96" in to_infotext(_request(), "m", extra={"Seed": 9, "None": None})


@pytest.mark.parametrize(
    ("sampler", "eta", "pair"),
    [
        ("Euler a", 0.5, "Eta: 0.5"),
        ("DDIM", 0.5, "Eta DDIM: 0.5"),
        ("DDIM", 1.0, "Eta DDIM: 1.0"),
        ("Euler a", 0.0, "Eta: 0.0"),
    ],
)
def test_eta_is_told_when_it_is_not_the_usual(sampler: str, eta: float, pair: str):
    text = to_infotext(_request(sampler=sampler, eta=eta), "m")

    assert f", {pair}, " in text
    assert parse_infotext(text).to_request().eta == eta


@pytest.mark.parametrize(("sampler", "eta"), [("Euler a", 1.0), ("DDIM", 0.0), ("Euler a", None)])
def test_the_usual_eta_is_not_told(sampler: str, eta: float | None):
    assert "Eta" not in to_infotext(_request(sampler=sampler, eta=eta), "m")


def test_a_last_line_with_few_pairs_is_prompt():
    found = parse_infotext("a cat\nSteps: 20, Seed: 5")

    assert (found.prompt, found.negative, dict(found.parameters)) == ("a cat\nSteps: 20, Seed: 5", "", {})


def test_parameters_alone_are_read():
    found = parse_infotext("Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64")

    assert found.prompt == ""
    assert found.parameters == {
        "Steps": "20", "Sampler": "Euler a", "CFG scale": "7", "Seed": "1", "Size-1": "64", "Size-2": "64"
    }  # fmt: skip


def test_a_second_negative_line_only_loses_its_prefix():
    found = parse_infotext("x\nNegative prompt: a\nNegative prompt: b\nSteps: 20, Sampler: Euler, CFG scale: 7")

    assert (found.prompt, found.negative) == ("x", "a\nb")


def test_quoted_values_are_read_as_json():
    found = parse_infotext('x\nSteps: 20, Sampler: Euler, Hires prompt: "a, \\"b\\": c\\nd", Model: "q", Size: 64x64')

    assert found.parameters["Hires prompt"] == 'a, "b": c\nd'
    assert found.parameters["Model"] == "q"
    assert found.parameters["Size-1"] == "64"


def test_a_quote_that_does_not_end_reaches_to_the_comma():
    found = parse_infotext('x\nSteps: 20, Model: "odd, Sampler: Euler, CFG scale: 7')

    assert found.parameters["Model"] == '"odd'
    assert found.parameters["CFG scale"] == "7"


@pytest.mark.parametrize(
    ("first_pass", "expected"),
    [("512x512", ("512", "512", "1024", "1024")), ("0x0", ("512", "512", "1024", "1024"))],
)
def test_an_old_first_pass_size_becomes_the_size(first_pass: str, expected: tuple[str, ...]):
    line = f"Steps: 20, Sampler: Euler, Size: 1024x1024, Denoising strength: 0.7, First pass size: {first_pass}"

    found = parse_infotext(f"x\n{line}").parameters

    assert tuple(found[key] for key in ("Size-1", "Size-2", "Hires resize-1", "Hires resize-2")) == expected


def test_old_hypernetworks_and_loras_become_tags():
    line = (
        "Steps: 20, Sampler: Euler, CFG scale: 7, Hypernet: foo, Hypernet strength: 0.5, AddNet Enabled: True, "
        "AddNet Module 1: LoRA, AddNet Model 1: ink(0a1b2c), AddNet Weight A 1: 0.8, AddNet Weight B 1: 0.8"
    )

    assert parse_infotext(f"x\n{line}").prompt == "x<hypernet:foo:0.5>\n<lora:ink:0.8>"


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
    keys = {
        "Old prompt editing timelines",
        "Pad conds v0",
        "Downcast alphas_cumprod",
        "Refiner switch by sampling steps",
    }

    found = parse_infotext(f"{prompt}\nSteps: 20, Seed: 1, CFG scale: 7, {pairs}")

    assert {key for key in keys if found.parameters.get(key) == "True"} == unsaid


def test_defaults_are_those_of_a1111():
    plain = parse_infotext("a \\(cat\\)\nSteps: 20, Seed: 1, CFG scale: 7").with_defaults()
    weighted = parse_infotext("a (cat)\nSteps: 20, Seed: 1, CFG scale: 7, Clip skip: 2").with_defaults()

    assert plain["Prompt"] == "a \\(cat\\)" and plain["Negative prompt"] == ""
    assert (plain["Clip skip"], plain["RNG"], plain["Schedule type"], plain["Masked area padding"]) == (
        "1", "GPU", "Automatic", 32
    )  # fmt: skip
    assert "Emphasis" not in plain
    assert (weighted["Emphasis"], weighted["Clip skip"]) == ("Original", "2")


def test_a_value_out_of_range_is_named():
    with pytest.raises(RequestError, match=r"^steps: .*got 'many'"):
        parse_infotext("x\nSteps: many, Sampler: Euler, CFG scale: 7").to_request()


def test_an_init_picture_comes_back_with_its_strength():
    init = InitImage(picture=Path("a.png"), strength=0.4, fit="crop")

    text = to_infotext(_request(init=init), "m")

    assert parse_infotext(text).to_request(init=Path("a.png")).init == init


_LINES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30).map(str.strip)
_PROMPTS = (
    st.lists(_LINES, max_size=3).map("\n".join).map(str.strip).filter(lambda text: "Negative prompt:" not in text)
)


@given(
    prompt=_PROMPTS,
    negative=_PROMPTS,
    seed=st.integers(0, 2**63 - 1),
    steps=st.integers(1, 150),
    cfg_scale=st.floats(0, 100),
    width=st.integers(2, 512),
    clip_skip=st.integers(1, 12),
    eta=st.none() | st.floats(0, 0.99),
    model=st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1).map(str.strip).filter(
        lambda text: text and not text.startswith('"') and "x" not in text
    ),
)  # fmt: skip
def test_every_field_survives(
    prompt: str, negative: str, seed: int, steps: int, cfg_scale: float, width: int, clip_skip: int,
    eta: float | None, model: str,
):  # fmt: skip
    request = _request(
        prompt=prompt, negative=negative, seed=seed, steps=steps, cfg_scale=cfg_scale, width=width * 8,
        clip_skip=clip_skip, eta=eta, model=model,
    )  # fmt: skip

    assert parse_infotext(to_infotext(request, model, "ab")).to_request() == request
