"""Expected values are those of the infotext contract, which A1111 1.10.1 produced."""

from hypothesis import given
from hypothesis import strategies as st

from mezzotint.contract.infotext import MadeWith, parse_infotext
from mezzotint.contract.infotext.reading import DEFAULTS


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


def test_lines_are_stripped_and_the_first_is_not_empty():
    found = parse_infotext(" a \n\n b\nNegative prompt:\n\n c \nSteps: 20, Sampler: Euler, CFG scale: 7")

    assert (found.prompt, found.negative) == ("a\n\nb", "c")


def test_quoted_values_are_read_as_json():
    found = parse_infotext('x\nSteps: 20, Sampler: Euler, Hires prompt: "a, \\"b\\": c\\nd", Model: "q", Size: 64x64')

    assert found.parameters["Hires prompt"] == 'a, "b": c\nd'
    assert found.parameters["Model"] == "q"
    assert found.parameters["Size-1"] == "64"


def test_defaults_are_those_of_a1111():
    plain = parse_infotext("a \\(cat\\)\nSteps: 20, Seed: 1, CFG scale: 7").with_defaults()
    weighted = parse_infotext("a (cat)\nSteps: 20, Seed: 1, CFG scale: 7, Clip skip: 2").with_defaults()

    assert plain["Prompt"] == "a \\(cat\\)" and plain["Negative prompt"] == ""
    assert {key: plain[key] for key in DEFAULTS} == DEFAULTS
    assert (plain["Clip skip"], plain["Hires resize-1"], plain["Hires sampler"], plain["Masked area padding"]) == (
        "1", 0, "Use same sampler", 32
    )  # fmt: skip
    assert "Emphasis" not in plain
    assert (weighted["Emphasis"], weighted["Clip skip"]) == ("Original", "2")


def test_the_files_in_use_are_told():
    found = parse_infotext(
        "x\nSteps: 20, Model hash: aa, Model: m, VAE hash: bb, VAE: v.pt, Conditional mask weight: 0.5, "
        'Init image hash: cc, Refiner: f [dd], Hires checkpoint: h [ee], Lora hashes: "a: 11, b: 22", TI hashes: '
        '"c: 33", Mask image hash: ff, User: ada'
    )

    assert found.made_with == MadeWith(
        model="m", model_hash="aa", vae="v.pt", vae_hash="bb", refiner="f [dd]", hires_model="h [ee]", init_hash="cc",
        mask_hash="ff", loras={"a": "11", "b": "22"}, embeddings={"c": "33"}, is_inpainting_model=True, user="ada",
    )  # fmt: skip


@given(st.text() | st.text(alphabet='a1x:," \\\\/-\n\t()[]'))
def test_no_text_is_too_odd(text: str):
    found = parse_infotext(f"x\nSteps: 1, Seed: 2, Size: 8x8, First pass size: 0x0, {text}")

    assert all(isinstance(value, str) for value in found.parameters.values())
