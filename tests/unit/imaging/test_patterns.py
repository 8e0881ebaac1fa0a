"""Expected values are those of the infotext contract, which A1111 1.10.1 produced."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from mezzotint.contract.requests import GenerationRequest
from mezzotint.imaging.patterns import CODES, Named, file_name, filled, folder_name

PROMPT = "a cat, on a mat (red:1.2)"
WHEN = datetime(2026, 3, 4, 15, 16, 17, tzinfo=UTC)


def _named(*, prompt: str = PROMPT, negative: str = "", init: object = None, **facts: object) -> Named:
    request = GenerationRequest.model_validate(
        {"prompt": prompt, "negative": negative, "seed": 12, "steps": 20, "cfg_scale": 7, "width": 512, "height": 768,
         "sampler": "DPM++ 2M", "scheduler": "Karras", "init": init}
    )  # fmt: skip
    return Named(request, WHEN, **facts)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("[seed]-[prompt_spaces]", "12-a cat, on a mat (red_1.2)"),
        ("[prompt]", "a_cat,_on_a_mat_(red_1.2)"),
        ("[prompt_words]", "a cat on a mat red 1 2"),
        ("[prompt_hash]", "b6e64021"),
        ("x-[denoising]-y", "-y"),
        ("[hasprompt<cat|nocat><dog|nodog>]", "catnodog"),
        ("a-[batch_number]-[generation_number]-b", "-b"),
        ("[seed]-[seed_first]-[steps]-[cfg]-[width]x[height]-[clip_skip]", "12-12-20-7.0-512x768-1"),
        ("[sampler] [scheduler] [sampler_scheduler]", "DPM++ 2M Karras DPM++ 2M Karras"),
        ("[model_name]-[model_hash]-[vae_filename]", "m-0123456789-NoneType"),
        ("[date] [datetime] [job_timestamp]", "2026-03-04 20260304151617 20260304151617"),
        ("[datetime<%Y-%H.%M>]", "2026-15.16"),
        ("[datetime<%H><Asia/Tokyo>]", "00"),
        ("[datetime<%H><Nowhere/At all>]", "15"),
        ("[prompt_hash<12>]", "b6e64021a016"),
        ("[styles]-[basename]-[batch_size]", "None-img-1"),
        ("a-[seed_last]-b", "-b"),
        ("a-[user]-b", "-b"),
        ("a-[image_hash]-b", "-b"),
        ("[none]", ""),
        ("a[none]b", "ab"),
        ("[SEED]-[Prompt_Hash]", "12-b6e64021"),
        ("[what]-[seed]", "[what]-12"),
        ("[seed", "[seed"),
        ("", "12"),
    ],
)
def test_brackets_stand_for_what_the_contract_says(pattern: str, name: str):
    assert file_name(pattern, _named(model_name="m", model_hash="0123456789")) == name


def test_outside_subfolders_the_usual_name_has_the_prompt():
    assert file_name("", _named(), in_subfolder=False) == "12-a cat, on a mat (red_1.2)"


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("a-[batch_number]-[generation_number]-[batch_size]", "a-2-6-4"),
        ("[seed_first]-[seed]-[seed_last]", "10-12-13"),
        ("[vae_filename] [styles] [user] [basename]", "v.pt photo, ink ada grid"),
        ("[prompt_no_styles]", "a cat"),
        ("[denoising]", "0.4"),
        ("[job_timestamp]", "20250102030405"),
    ],
)
def test_brackets_tell_of_the_whole_job(pattern: str, name: str):
    named = _named(
        init={"picture": "a.png", "strength": 0.4}, index=1, batch=1, batch_size=4, batches=2, first_seed=10,
        last_seed=13, vae_filename="v.pt", styles=("photo", "ink"), user="ada", basename="grid",
        prompt_no_styles="a cat", job=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
    )  # fmt: skip

    assert filled(pattern, named) == name


def test_hashes_are_of_what_their_names_say():
    image = Image.new("RGB", (2, 2), "red")
    named = _named(prompt="a", negative="b", image=image)
    digests = [hashlib.sha256(data).hexdigest() for data in (b"a", b"b", b"a b", image.tobytes())]

    found = filled("[prompt_hash] [negative_prompt_hash<9>] [full_prompt_hash] [image_hash] [image_hash<5>]", named)

    assert found.split() == [digests[0][:8], digests[1][:9], digests[2][:8], digests[3], digests[3][:5]]


def test_words_come_without_punctuation_and_not_too_many():
    assert filled("[prompt_words]", _named(prompt="one_two, three! 4 5 6 7 8 9")) == "one two three 4 5 6 7 8"
    assert filled("[prompt_words]", _named(prompt="one two three", most_words=2)) == "one two"
    assert filled("[prompt_words]", _named(prompt=" ,.")) == "empty"


def test_only_the_prompt_is_searched_in_any_letter_case():
    assert filled("[hasprompt<CAT><dog|no dog><mat>]", _named()) == "catno dogmat"


def test_folders_are_divided_by_the_pattern_and_not_by_the_prompt():
    named = _named(prompt="../../a/b\\c", model_name="sd/v1")

    assert folder_name("[date]/[prompt_spaces]/[model_name]", named) == Path("2026-03-04/.._.._a_b_c/sd_v1")
    assert folder_name("../[seed]", named) == Path("12")
    assert folder_name("", named) == Path()


def test_a_long_prompt_is_cut():
    assert file_name("[seed]-[prompt]", _named(prompt="x" * 500)) == "12-" + "x" * 128


def test_a_name_holds_no_separator():
    assert file_name("a/[seed]", _named()) == "a_12"


def test_unix_names_keep_what_unix_takes():
    assert file_name("[prompt_spaces]", _named(), for_unix=True) == PROMPT


def test_every_code_has_an_answer():
    for code in CODES:
        filled(f"[{code}]", _named())
        filled(f"[{code}<x><y>]", _named(prompt="", image=Image.new("RGB", (1, 1))))
