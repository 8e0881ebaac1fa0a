"""Draw the contact sheet of the embedded model: 64 prompts, one seed, nothing picked by hand."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageDraw, ImageFont

from mezzotint.contract.requests import GenerationRequest
from mezzotint.engine import Engine
from mezzotint.generate import generate

PROMPTS = """
a red apple, 3d emoji | a banana, 3d emoji | a slice of pizza | a hamburger, flat emoji
a birthday cake, emoji | a bunch of grapes | a carrot, 3d emoji | a cup of hot beverage, flat emoji
a dog face, 3d emoji | a cat face, flat emoji | a tiger face, emoji | a monkey face
a frog, 3d emoji | an octopus, flat emoji | a fish, emoji | a butterfly, 3d emoji
a grinning face | a smiling face with sunglasses, emoji | a crying face, flat emoji | an angry face, 3d emoji
a robot, 3d emoji | a ghost, flat emoji | an alien, emoji | a skull, 3d emoji
a car, 3d emoji | a bus, flat emoji | a bicycle, emoji | an airplane, 3d emoji
a rocket, flat emoji | a sailboat, 3d emoji | a locomotive, emoji | a tractor, 3d emoji
a red car | a blue car | a green car | a yellow car
a purple cat face | a pink elephant | a black cat | a white rabbit face on a blue background
a red heart, 3d emoji | a blue heart, flat emoji | a green book, emoji | an orange umbrella
a house, 3d emoji | a castle, flat emoji | a mountain, emoji | a sun, 3d emoji
a star on a blue background | a rose on a yellow background | a tree on a pink background | a key on a red background
a guitar, 3d emoji | a trumpet, flat emoji | a soccer ball, emoji | a crown, 3d emoji
a dog face to the left of a cat face | an apple and a banana | a red car to the left of a house | two stars
a photo of a snowy mountain | a photo of a sandy beach by the sea | a photo of a forest | a cat in front of a mountain
"""


def contact_sheet(home: Path, out: Path, *, seed: int, model: str = "") -> None:
    """Draw every prompt with ``seed`` and write all pictures, each above its prompt, to ``out``."""
    engine = Engine(home)
    prompts = [prompt.strip() for line in PROMPTS.strip().splitlines() for prompt in line.split("|")]
    pictures = [
        generate(engine, GenerationRequest(prompt=prompt, seed=seed, model=model)).pictures[0].image
        for prompt in prompts
    ]
    side, text, columns = pictures[0].width, 30, 8
    sheet = Image.new("RGB", (columns * (side + 8) + 8, -(-len(prompts) // columns) * (side + text + 8) + 8), "#f5f0e6")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for index, (prompt, picture) in enumerate(zip(prompts, pictures, strict=True)):
        x, y = 8 + index % columns * (side + 8), 8 + index // columns * (side + text + 8)
        sheet.paste(picture, (x, y))
        pen.multiline_text((x, y + side + 2), _wrapped(prompt, font, side), fill="#1d1814", font=font, spacing=1)
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(out, optimize=True)


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: int) -> str:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) > width_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images/embedded-model.png"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="", help="name or path; the embedded model if left out")
    given = parser.parse_args()
    with TemporaryDirectory() as scratch:
        contact_sheet(Path(scratch), given.out, seed=given.seed, model=given.model)
