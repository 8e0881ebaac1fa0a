"""What the kinds of source offer, from packages imitated in a few lines."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from recipes.mezzo.emoji_names import EmojiNames
from recipes.mezzo.iconify import Icon, read_icons
from recipes.mezzo.licences import licence_of, read_copyright
from recipes.mezzo.sources import avatars, emoji_sets, furniture, icon_sets, landscapes, openclipart

COPYRIGHT = """\
Format: x

Files: images/land/*
Copyright: Various
License: public-domain
 Donated by
 their makers.

Files:
 images/land/*-harro*
 images/land/lava5*
Copyright: Somebody
License: CC-BY-SA-4.0
"""


def drawing(title: str, *, licence: str = "http://web.resource.org/cc/PublicDomain", creator: str = "Ann Other") -> str:
    return f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
      xmlns:cc="http://web.resource.org/cc/" xmlns:dc="http://purl.org/dc/elements/1.1/" width="10" height="10">
      <metadata><rdf:RDF><cc:Work rdf:about="">
        <dc:title>{title}</dc:title>
        <dc:creator><cc:Agent><dc:title>{creator}</dc:title></cc:Agent></dc:creator>
        <dc:subject><rdf:Bag><rdf:li>fruit</rdf:li><rdf:li>food</rdf:li></rdf:Bag></dc:subject>
        <cc:license rdf:resource="{licence}"/>
      </cc:Work></rdf:RDF></metadata><rect width="10" height="10"/></svg>"""


def test_a_drawing_says_its_title_keywords_author_and_licence() -> None:
    facts = openclipart.read_facts(drawing("Red apple"))

    assert facts == openclipart.Facts(
        "Red apple", ("fruit", "food"), "Ann Other", "http://web.resource.org/cc/PublicDomain"
    )
    assert facts.is_public_domain


def test_a_drawing_under_another_licence_is_not_public_domain() -> None:
    facts = openclipart.read_facts(drawing("x", licence="http://creativecommons.org/licenses/GPL/2.0/"))

    assert not facts.is_public_domain


def test_a_drawing_without_licence_falls_under_the_dedication_of_the_package() -> None:
    assert openclipart.read_facts("<svg/>").is_public_domain


def test_text_that_is_no_xml_raises_what_the_builder_expects() -> None:
    with pytest.raises(ValueError, match="not XML"):
        openclipart.read_facts("<svg>")


@pytest.mark.parametrize(
    ("title", "path", "expected"),
    [
        ("Red apple (by Ann)", "food/apple_ann_other_01.svg", "red apple"),
        ("Clip art submission", "food/green_pear_ann_othe_01.svg", "green pear"),
        ("", "food/01_ann.svg", "fruit"),
    ],
)
def test_labels_of_drawings_lose_their_debris(title: str, path: str, expected: str) -> None:
    facts = openclipart.Facts(title, ("fruit",), "Ann Other", "")

    assert openclipart.label(path, facts) == expected


def test_a_title_that_many_drawings_share_is_no_label() -> None:
    facts = openclipart.Facts("my drawings", (), "", "")

    assert openclipart.label("food/pear.svg", facts, is_common_title=True) == "pear"


def test_the_last_matching_stanza_gives_the_licence() -> None:
    stanzas = read_copyright(COPYRIGHT)

    assert licence_of("images/land/sea1.jpg", stanzas) == "public-domain"
    assert licence_of("images/land/sea1-harro.jpg", stanzas) == "CC-BY-SA-4.0"
    assert licence_of("images/land/lava5.jpg", stanzas) == "CC-BY-SA-4.0"
    assert licence_of("elsewhere", stanzas) == ""


def test_only_public_domain_scenes_are_offered_in_four_square_crops(tmp_path: Path) -> None:
    for name in ("sea1", "sea2-harro", "lava5", "bwerner0"):
        Image.new("RGB", (72, 36), "blue").save(tmp_path / f"{name}.jpg")

    offered = landscapes.offer(tmp_path, read_copyright(COPYRIGHT))

    assert [(c.label, c.extra["crop"]) for c in offered] == [("sea and waves", crop) for crop in range(4)]
    sizes = [candidate.draw().size for candidate in offered]
    assert sizes[0] == (36, 36)
    assert all(width == height <= 36 for width, height in sizes)
    assert sizes == [candidate.draw().size for candidate in offered]  # the same crop every time


def test_catalogue_entries_are_grouped_by_number_and_unescaped() -> None:
    text = "id#1=a\nname#1=Caf\\u00e9 table\nignored=1\nname#2=Lamp\n"

    assert furniture.read_catalogue(text) == [{"id": "a", "name": "Caf\u00e9 table"}, {"name": "Lamp"}]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Female holding bag", "woman holding bag"),
        ("VW Beetle", "beetle"),
        ("iMac 24", "computer"),
        ("Pineapple", "pineapple"),
    ],
)
def test_labels_of_models_have_no_brands(name: str, expected: str) -> None:
    assert furniture.label({"name": name, "tags": "computer,screen"}) == expected


def test_a_model_is_offered_as_icon_and_three_views(tmp_path: Path) -> None:
    (tmp_path / "PluginFurnitureCatalog.properties").write_text(
        "id#1=x\nname#1=Chair\ntags#1=Blend Swap, Seat\nicon#1=/chair.png\nmodel#1=/chair.obj\ncreator#1=Ann\n"
    )
    Image.new("RGBA", (4, 4), "red").save(tmp_path / "chair.png")
    (tmp_path / "chair.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")

    offered = furniture.offer(tmp_path)

    assert [candidate.extra["view"] == "icon" for candidate in offered] == [True, False, False, False]
    assert {candidate.extra["creator"] for candidate in offered} == {"Ann"}
    assert offered[0].tags == (" Seat",)
    assert offered[1].draw().getbbox() is not None


def test_icons_of_a_set_carry_size_code_and_category(tmp_path: Path) -> None:
    files: dict[str, Any] = {
        "icons.json": {
            "width": 32,
            "icons": {"cat": {"body": "<g/>", "height": 24}, "old": {"body": "", "hidden": True}},
        },
        "chars.json": {"1f408": "cat"},
        "metadata.json": {"categories": {"Animals": ["cat"]}},
    }
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content))

    (icon,) = read_icons(tmp_path)

    assert (icon.name, icon.code, icon.category) == ("cat", "1f408", "Animals")
    assert 'viewBox="0 0 32 24"' in icon.svg and "<g/>" in icon.svg


def test_skin_tones_are_left_out_unless_a_family_keeps_them() -> None:
    names = EmojiNames([], {})
    icons = [Icon("boy", "<svg/>"), Icon("boy-dark-skin-tone", "<svg/>")]

    assert [c.label for c in emoji_sets.offer(icons, names)] == ["boy"]
    assert len(emoji_sets.offer(icons, names, keeps_skin_tones=True)) == 2


def test_a_set_with_unreadable_names_offers_known_emoji_only() -> None:
    names = EmojiNames([{"label": "alarm clock", "hexcode": "23F0", "emoji": "\N{ALARM CLOCK}"}], {})
    icons = [Icon("alarmclock", "<svg/>"), Icon("xyzzy", "<svg/>")]

    assert [c.label for c in emoji_sets.offer(icons, names, needs_known_name=True)] == ["alarm clock"]


def test_of_several_sizes_the_largest_is_offered() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1" fill="{}"/></svg>'
    fills = {"add-circle-16": "red", "add-circle-48": "lime", "add-circle-20": "blue", "nameless": "white"}

    (offered,) = icon_sets.offer_largest([Icon(name, svg.format(fill)) for name, fill in fills.items()])

    assert offered.label == "add circle"
    assert offered.draw().getpixel((8, 8)) == (0, 255, 0, 255)


def test_silhouettes_get_the_colour_they_are_said_to_have() -> None:
    square = '<rect width="1" height="1" fill="currentColor"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">{square}</svg>'

    (offered,) = icon_sets.offer_tinted([Icon("sword", svg)])

    tint = offered.extra["tint"]
    assert tint in icon_sets.COLOURS and tint not in {"white", "beige"}
    assert offered.draw().getpixel((8, 8)) == (*icon_sets.COLOURS[str(tint)], 255)


def test_avatars_are_captioned_from_their_attributes() -> None:
    attributes = {
        "hair": "curlyHighTop",
        "hairColor": "#d62828",
        "skinColor": "#f5d2b9",
        "mouth": "bigSmile",
        "eyes": "variant03",
        "clothingColor": "#326edc",
        "body": "squared",
    }

    said = avatars.traits("personas", attributes)

    assert said == ["red hair", "curly high top hair", "light skin", "big smile mouth", "blue shirt"]


def test_colourless_avatars_have_no_colours_in_their_captions() -> None:
    said = avatars.traits(
        "lorelei", {"hair": "variant30", "hairColor": "#000000", "skinColor": "#ffffff", "mouth": "happy13"}
    )

    assert said == ["happy mouth"]
