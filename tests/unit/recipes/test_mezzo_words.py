"""Labels, tags and colour words of the sprite set."""

import numpy as np
import pytest
from PIL import Image

from recipes.mezzo.colours import COLOURS, dominant_colours, hex_colour, nearest_name
from recipes.mezzo.emoji_names import EmojiNames
from recipes.mezzo.words import is_refused, mentions_skin_tone, tidy, tidy_tags

WAVE = {
    "label": "waving hand",
    "hexcode": "1F44B",
    "emoji": "\N{WAVING HAND SIGN}",
    "tags": ["hello", "sexy"],
    "group": 1,
    "skins": [{"label": "waving hand: dark skin tone", "hexcode": "1F44B-1F3FF", "emoji": "\N{WAVING HAND SIGN}+"}],
}


def test_labels_become_plain_lower_case() -> None:
    assert tidy("  Red_Apple &amp; \u201cFriends\u201d\n") == "red apple & friends"


def test_skin_tones_are_worded_as_english() -> None:
    assert tidy("waving hand: medium-dark skin tone") == "waving hand with medium-dark skin tone"


def test_tags_repeat_neither_themselves_nor_the_label() -> None:
    assert tidy_tags(["Dog", "pet", "PET", "", "hash(0x8589f20)"], "dog") == ["pet"]


def test_at_most_twelve_tags_are_kept() -> None:
    assert len(tidy_tags([f"tag {i}" for i in range(30)], "thing")) == 12


@pytest.mark.parametrize("text", ["Middle Finger", "nude", "the stripper", "cannabis leaf", "company logo"])
def test_blocklisted_words_are_refused(text: str) -> None:
    assert is_refused("drawing", text)


@pytest.mark.parametrize("text", ["middle", "sextant", "whipped cream", "babel fish", "geology"])
def test_words_that_only_look_alike_pass(text: str) -> None:
    assert not is_refused(text)


@pytest.mark.parametrize("name", ["hand with dark skin tone", "boy-medium-light-skin-tone", "man running medium dark"])
def test_tinted_variants_are_recognised(name: str) -> None:
    assert mentions_skin_tone(name)


def test_a_dark_cloud_is_no_tinted_variant() -> None:
    assert not mentions_skin_tone("dark cloud")


@pytest.mark.parametrize("name", COLOURS)
def test_every_named_colour_is_its_own_nearest(name: str) -> None:
    assert nearest_name(hex_colour(name)) == name


@pytest.mark.parametrize("text", [None, "", "red", "#12", "transparent"])
def test_what_is_no_colour_has_no_name(text: str | None) -> None:
    assert nearest_name(text) is None


def test_dominant_colours_come_most_frequent_first_and_skip_what_is_clear() -> None:
    pixels = np.zeros((32, 32, 4), np.uint8)
    pixels[:16] = (*COLOURS["blue"], 255)
    pixels[16:24] = (*COLOURS["red"], 255)
    pixels[24:] = (*COLOURS["green"], 0)

    assert dominant_colours(Image.fromarray(pixels, "RGBA")) == ["blue", "red"]


def test_an_empty_picture_has_no_colours() -> None:
    assert dominant_colours(Image.new("RGBA", (8, 8))) == []


def test_emoji_are_found_by_code_with_or_without_the_variation_selector() -> None:
    names = EmojiNames([WAVE], {})

    assert names.by_code("1f44b-fe0f") == names.by_code("1F44B")
    assert names.by_code("1f600") is None


def test_emoji_are_found_by_any_spelling_of_their_name() -> None:
    names = EmojiNames([WAVE], {})

    found = names.by_name("wavinghand")

    assert found is not None and found.label == "waving hand"
    assert names.by_name("waving-hand-sign") == found  # Unicode's own name
    assert names.by_name("") is None


def test_variants_share_the_words_of_their_emoji_without_the_slang() -> None:
    names = EmojiNames([WAVE], {"\N{WAVING HAND SIGN}+": ["waving_hand", "palm"]})

    variant = names.by_code("1f44b-1f3ff")

    assert variant is not None
    assert variant.tags == ("hello", "palm")
    assert variant.category == "people"
