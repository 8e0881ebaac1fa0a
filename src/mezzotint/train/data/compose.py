"""Sprites into pictures: subject, colour, background, place and number, each varied on its own, with a caption."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image

from mezzotint.train.data.captions import caption, subject_name, with_article
from mezzotint.train.data.sprites import Sprite, SpriteLibrary

COLORS = {
    "red": (214, 40, 40),
    "orange": (245, 130, 30),
    "yellow": (250, 215, 50),
    "green": (60, 160, 70),
    "blue": (50, 110, 220),
    "purple": (130, 70, 190),
    "pink": (245, 130, 180),
    "brown": (125, 80, 45),
    "black": (32, 32, 36),
    "gray": (135, 138, 142),
    "white": (246, 246, 246),
}
"""The eleven basic colour terms (Berlin and Kay 1969), as RGB."""

SCENES = "endless-sky-land"
_FIXED_COLOR = ("flags", "smileys", "people", "avatar", "symbols")
Background: TypeAlias = tuple[Image.Image, Callable[[np.random.Generator], str], bool]
"""A canvas, a function that words it for a caption, and whether things stand on its ground."""

_PEOPLE = re.compile(r"\b(man|men|woman|women|person|people|boy|girl|child|baby|couple|family|hand|face)\b")
_FIXED_SIDES = ("flags", "symbols", "letters")


@dataclass(frozen=True)
class Pair:
    """A picture (RGB) and what it shows; ``label`` and ``color`` are the facts behind the caption, for testing."""

    picture: Image.Image
    captions: tuple[str, ...]
    label: str
    color: str | None


def compose(library: SpriteLibrary, rng: np.random.Generator, *, size_px: int = 128, captions: int = 1) -> Pair:
    """A new picture with ``captions`` ways of describing it; everything follows from ``rng``."""
    sprite = library.draw(rng)
    if sprite.source == SCENES:
        return _scene(library, sprite, rng, size_px, captions)
    picture, name, color = _subject(library, sprite, rng)
    layout = rng.random()
    if layout < 0.06:
        return _two_things(library, sprite, picture, name, rng, size_px, captions)
    if layout < 0.09:
        return _several(library, sprite, picture, color, rng, size_px, captions)

    canvas, words, standing = _background(library, rng, size_px, avoid=color)
    place = ""
    if standing or layout < 0.13:
        side = int(size_px * rng.uniform(0.5, 0.72))
        left, top = (int(rng.integers(0, size_px - side + 1)) for _ in range(2))
        if standing:
            top = size_px - side
        elif rng.random() < 0.5:
            left, place = (0, " on the left") if rng.random() < 0.5 else (size_px - side, " on the right")
        else:
            top, place = (0, " at the top") if rng.random() < 0.5 else (size_px - side, " at the bottom")
    else:
        side = int(size_px * rng.uniform(0.86, 1.0))
        left, top = (int(rng.integers(0, size_px - side + 1)) for _ in range(2))
    _paste(canvas, picture, left, top, side, flip=_may_flip(sprite) and rng.random() < 0.3)

    texts = list[str]()
    for _ in range(captions):
        extra = [tag for tag in sprite.tags if tag not in name]
        wanted = min(len(extra), int(rng.integers(1, 3))) if rng.random() < 0.2 else 0
        tags = [extra[int(index)] for index in rng.permutation(len(extra))[:wanted]]
        texts.append(caption(sprite, name, place + words(rng), rng, tags=tags))
    return Pair(canvas.convert("RGB"), tuple(texts), sprite.label, color)


def recolor(picture: Image.Image, color: str) -> Image.Image:
    """The picture in shades of ``color``: light and shade stay, as do the white and black of eyes and outlines."""
    pixels = np.asarray(picture, dtype=np.float32)
    rgb, alpha = pixels[..., :3], pixels[..., 3:]
    light = rgb @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    seen = alpha[..., 0] > 128
    if not seen.any():
        return picture
    high, low = rgb.max(-1), rgb.min(-1)
    saturation = (high - low) / np.maximum(high, 1)
    colorful = np.clip((saturation - 0.12) / 0.2, 0, 1)
    if colorful[seen].mean() < 0.35:  # a grey or white thing: take all of it
        colorful = np.ones_like(colorful)
    middle = float(np.average(light[seen], weights=colorful[seen] + 1e-3))
    target = np.array(COLORS[color], dtype=np.float32)
    relative = (light / max(middle, 1.0))[..., None]
    shaded = np.where(relative <= 1, target * relative, target + (255 - target) * np.clip((relative - 1) / 1.6, 0, 1))
    mixed = rgb + (shaded - rgb) * colorful[..., None]
    return Image.fromarray(np.concatenate([mixed.clip(0, 255), alpha], -1).astype(np.uint8), "RGBA")


def _subject(library: SpriteLibrary, sprite: Sprite, rng: np.random.Generator) -> tuple[Image.Image, str, str | None]:
    """Pixels, name with its colour word if it gets one, and the colour that can be relied on."""
    picture, name = library.picture(sprite), subject_name(sprite, rng)
    if any(word in COLORS for word in name.replace(",", " ").split()):
        return picture, name, None
    if sprite.tint is not None:
        color = str(rng.choice(list(COLORS)))
        return recolor(picture, color), f"{color} {name}", color
    if sprite.category in _FIXED_COLOR or _PEOPLE.search(name):
        return picture, name, None
    draw = rng.random()
    if draw < 0.3:
        color = str(rng.choice(list(COLORS)))
        return recolor(picture, color), f"{color} {name}", color
    if draw < 0.45 and sprite.colors and sprite.colors[0] in COLORS:
        return picture, f"{sprite.colors[0]} {name}", None
    return picture, name, None


def _background(library: SpriteLibrary, rng: np.random.Generator, size_px: int, *, avoid: str | None) -> Background:
    """White more often than not, else a colour, two that blend, or a landscape; never the colour to ``avoid``."""
    draw = rng.random()
    if draw < 0.55 and avoid != "white":
        canvas = Image.new("RGBA", (size_px, size_px), (255, 255, 255, 255))
        return canvas, lambda rng: ", white background" if rng.random() < 0.25 else "", False
    if draw < 0.85 or avoid == "white":
        color = str(rng.choice([name for name in COLORS if name not in (avoid, "white")]))
        canvas = Image.new("RGBA", (size_px, size_px), (*COLORS[color], 255))
        return canvas, lambda rng: f" on a {color} background" if rng.random() < 0.6 else f", {color} background", False
    scenes = library.of(SCENES)
    if draw < 0.9 or not scenes:
        first, second = (str(name) for name in rng.choice(list(COLORS), size=2, replace=False))
        ramp = np.linspace(0, 1, size_px, dtype=np.float32)[:, None, None]
        shades = np.array(COLORS[first]) * (1 - ramp) + np.array(COLORS[second]) * ramp
        canvas = Image.fromarray(np.broadcast_to(shades, (size_px, size_px, 3)).astype(np.uint8)).convert("RGBA")
        return canvas, lambda rng: f", {first} and {second} gradient background", False
    scene = scenes[int(rng.integers(len(scenes)))]
    canvas = library.picture(scene).resize((size_px, size_px), Image.Resampling.LANCZOS)
    return canvas, lambda rng: f" in front of {with_article(scene.label)}", True


def _two_things(
    library: SpriteLibrary,
    sprite: Sprite,
    picture: Image.Image,
    name: str,
    rng: np.random.Generator,
    size_px: int,
    captions: int,
) -> Pair:
    other = library.draw(rng)
    while other.source == SCENES:
        other = library.draw(rng)
    other_picture, other_name, _ = _subject(library, other, rng)
    canvas, words, _ = _background(library, rng, size_px, avoid=None)
    side, gap = size_px * 15 // 32, size_px // 40
    beside = rng.random() < 0.75
    across = (size_px - side) // 2
    _paste(canvas, picture, *((gap, across) if beside else (across, gap)), side)
    _paste(canvas, other_picture, *((size_px - side - gap, across) if beside else (across, size_px - side - gap)), side)
    first, second = with_article(name), with_article(other_name)
    ways = (
        [f"{first} to the left of {second}", f"{second} to the right of {first}", f"{first} and {second}"]
        if beside
        else [f"{first} above {second}", f"{second} below {first}"]
    )
    texts = list[str]()
    for _ in range(captions):
        style = f", {sprite.style}" if sprite.style == other.style and rng.random() < 0.6 else ""
        texts.append(str(rng.choice(ways)) + style + words(rng))
    return Pair(canvas.convert("RGB"), tuple(texts), sprite.label, None)


def _several(
    library: SpriteLibrary,
    sprite: Sprite,
    picture: Image.Image,
    color: str | None,
    rng: np.random.Generator,
    size_px: int,
    captions: int,
) -> Pair:
    number = int(rng.integers(2, 4))
    side = size_px * (15 if number == 2 else 12) // 32
    canvas, words, _ = _background(library, rng, size_px, avoid=color)
    spots = [(0.02, 0.27), (0.51, 0.27)] if number == 2 else [(0.06, 0.08), (0.56, 0.08), (0.31, 0.55)]
    for left, top in spots:
        _paste(canvas, picture, int(left * size_px), int(top * size_px), side)
    noun = f"{color} {sprite.label}" if color else sprite.label
    text = f"{('two', 'three')[number - 2]} {noun if noun.endswith('s') else noun + 's'}"
    texts = tuple(text + (f", {sprite.style}" if rng.random() < 0.7 else "") + words(rng) for _ in range(captions))
    return Pair(canvas.convert("RGB"), texts, sprite.label, color)


def _scene(library: SpriteLibrary, sprite: Sprite, rng: np.random.Generator, size_px: int, captions: int) -> Pair:
    picture = library.picture(sprite).convert("RGB")
    side = int(picture.width * rng.uniform(0.8, 1.0))
    left, top = (int(rng.integers(0, picture.width - side + 1)) for _ in range(2))
    picture = picture.crop((left, top, left + side, top + side)).resize((size_px, size_px), Image.Resampling.LANCZOS)
    if rng.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    ways = [f"a photo of {with_article(sprite.label)}", f"{sprite.label}, landscape photo", f"photo of {sprite.label}"]
    return Pair(picture, tuple(str(rng.choice(ways)) for _ in range(captions)), sprite.label, None)


def _paste(canvas: Image.Image, picture: Image.Image, left: int, top: int, side: int, *, flip: bool = False) -> None:
    small = picture.resize((side, side), Image.Resampling.LANCZOS)
    canvas.alpha_composite(small.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip else small, (left, top))


def _may_flip(sprite: Sprite) -> bool:
    return sprite.category not in _FIXED_SIDES and "clock" not in sprite.label and "letter" not in sprite.label
