"""Expected values are those of the infotext contract."""

import pytest

from mezzotint.contract.styles import StyleTexts, with_local_networks, without_styles

PHOTO = StyleTexts("photo", "photo of {prompt}, 50mm", "blurry")
MASTER = StyleTexts("master", "masterpiece", "worst quality, {prompt}")
EMPTY = StyleTexts("empty")
AROUND_NOTHING = StyleTexts("around", "{prompt}", "{prompt}")
STYLES = (EMPTY, AROUND_NOTHING, PHOTO, MASTER)


@pytest.mark.parametrize(
    ("prompt", "negative", "expected"),
    [
        ("photo of a cat, 50mm", "bad, blurry", ("a cat", "bad", ("photo",))),
        ("photo of a cat, 50mm", "bad", ("photo of a cat, 50mm", "bad", ())),
        ("masterpiece", "worst quality, ", ("", "", ("master",))),
        ("photo of a cat, 50mm, masterpiece", "worst quality, bad, blurry", ("a cat", "bad", ("photo", "master"))),
        ("a masterpiece", "worst quality, bad", ("a masterpiece", "worst quality, bad", ())),
        ("a, masterpiece, masterpiece", "worst quality, worst quality, b", ("a", "b", ("master", "master"))),
        ("", "", ("", "", ())),
    ],
)
def test_styles_are_found_again(prompt: str, negative: str, expected: tuple[str, str, tuple[str, ...]]):
    assert without_styles(prompt, negative, STYLES) == expected


def test_texts_that_overlap_are_no_style():
    style = StyleTexts("s", "ab{prompt}ba")

    assert without_styles("aba", "", [style]) == ("aba", "", ())
    assert without_styles("abba", "", [style]) == ("", "", ("s",))


def test_networks_get_the_name_they_have_here():
    prompt = "a <lora:old:0.5> <lyco:old> <lora:gone:1> <hypernet:old:1> <lora:odd,name:1>"

    found = with_local_networks(prompt, {"old": "11", "gone": "22", "oddname": "33"}, {"11": "new", "33": "plain"})

    assert found == "a <lora:new:0.5> <lyco:new> <lora:gone:1> <hypernet:old:1> <lora:plain:1>"
