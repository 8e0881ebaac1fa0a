"""Sprites become pictures with captions that tell the truth, and the same draw gives the same pair."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mezzotint.errors import TrainingError
from mezzotint.prompt.tokenizer import CLIPTokenizer
from mezzotint.train.data.captions import with_article
from mezzotint.train.data.compose import COLORS, compose, recolor
from mezzotint.train.data.latents import token_row
from mezzotint.train.data.sprites import SpriteLibrary


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> SpriteLibrary:
    """Two sources, one thing each, and rows that must be left out."""
    folder = tmp_path_factory.mktemp("sprites")
    disc = Image.new("RGBA", (128, 128))
    ImageDraw.Draw(disc).ellipse((8, 8, 119, 119), fill=(200, 60, 60, 255))
    disc.save(folder / "disc.webp", lossless=True)
    data = (folder / "disc.webp").read_bytes()
    row = {"o": 0, "n": len(data), "src": "one", "style": "flat emoji", "tags": ["round"], "cat": "objects"}
    labels = ["disc", "waving hand: light skin tone", "flag: Japan", "keycap: 3"]
    for source in ("one", "two"):
        (folder / f"{source}.bin").write_bytes(data)
        rows = [{**row, "src": source, "label": label, "colors": ["red"]} for label in labels]
        (folder / f"{source}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    return SpriteLibrary(folder, {"one": 3.0, "two": 1.0})


def test_variants_flags_and_keycaps_are_not_drawn(library: SpriteLibrary) -> None:
    assert [sprite.label for sprite in library.sprites] == ["disc", "disc"]


def test_sources_are_drawn_by_their_weights(library: SpriteLibrary) -> None:
    rng = np.random.default_rng(0)

    sources = [library.draw(rng).source for _ in range(2000)]

    assert sources.count("one") / 2000 == pytest.approx(0.75, abs=0.04)


def test_a_missing_source_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no sprites of source 'noto'") as failure:
        SpriteLibrary(tmp_path, {"noto": 1.0})

    assert "recipes.mezzo" in failure.value.hint


def test_a_pair_follows_from_its_seed(library: SpriteLibrary) -> None:
    first, again, other = (compose(library, np.random.default_rng(seed), captions=2) for seed in (5, 5, 6))

    assert (first.captions, first.picture.tobytes()) == (again.captions, again.picture.tobytes())
    assert first.picture.tobytes() != other.picture.tobytes()


def test_the_colour_of_a_caption_is_the_colour_of_the_picture(library: SpriteLibrary) -> None:
    coloured = [pair for i in range(300) if (pair := compose(library, np.random.default_rng(i))).color]

    assert len(coloured) > 30
    for pair in coloured:
        color = pair.color or ""
        assert color in pair.captions[0]
        pixels = np.asarray(pair.picture, dtype=np.float32).reshape(-1, 3)
        near = np.abs(pixels - np.array(COLORS[color])).max(1) < 60
        assert near.mean() > 0.05, pair.captions[0]


@pytest.mark.parametrize("color", COLORS)
def test_recolouring_keeps_the_outline(color: str) -> None:
    disc = Image.new("RGBA", (32, 32))
    ImageDraw.Draw(disc).ellipse((4, 4, 27, 27), fill=(60, 160, 70, 255))

    painted = np.asarray(recolor(disc, color))

    assert (painted[..., 3] == np.asarray(disc)[..., 3]).all()
    assert np.abs(painted[16, 16, :3].astype(int) - np.array(COLORS[color])).max() <= 12


@pytest.mark.parametrize(
    ("noun", "said"),
    [("apple", "an apple"), ("dog", "a dog"), ("glasses", "glasses"), ("cross", "a cross"), ("a cup", "a cup")],
)
def test_articles(noun: str, said: str) -> None:
    assert with_article(noun) == said


def test_a_token_row_is_framed_padded_and_cut() -> None:
    tokenizer = CLIPTokenizer()
    start, end = tokenizer.start, tokenizer.end

    assert token_row(tokenizer, "a photo", 8).tolist() == [start, 320, 1125, *[end] * 5]
    long = token_row(tokenizer, "cat " * 20, 8).tolist()
    assert (long[0], long[-1], len(long)) == (start, end, 8)
