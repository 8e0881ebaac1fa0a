"""How long the prompt language takes: a natural prompt, and families of text made to be slow.

    python -m benchmarks.prompt [--json] [--repeats 5]

Every stage short of the text encoder, in CPU time, so that what else the machine does counts little.
"""

import argparse
import gc
import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from mezzotint.prompt.attention import parse_attention
from mezzotint.prompt.chunks import chunk
from mezzotint.prompt.comments import strip_comments
from mezzotint.prompt.expansion import expand
from mezzotint.prompt.reading import read_prompt
from mezzotint.prompt.tokenizer import CLIPTokenizer
from mezzotint.prompt.wildcards import Wildcards

STEPS = 20
NATURAL_MS = 5.0
ADVERSARIAL_MS = 50.0
GROWTH = 6.0  # times as long for four times as much
SIZE = 10_000

_CHANCE = random.Random(0)

_VOCABULARY = """
a an the of in on with under behind and portrait landscape photo painting sketch old young fisherman dancer heron fox
village harbour forest mountain river street window lantern boat bridge garden storm snow rain fog dawn dusk midnight
golden silver crimson teal ochre pale dark glowing weathered rusty delicate enormous tiny ancient futuristic baroque
highly detailed sharp focus soft light volumetric rim lighting shallow depth field film grain bokeh oil watercolour ink
charcoal canvas paper marble bronze wooden steel glass silk velvet texture pattern composition symmetry perspective
masterpiece intricate elegant dramatic serene chaotic whimsical melancholy cobblestones seagulls nets hands eyes hair
"""


def natural(size: int) -> str:
    """What a person writes, as much as nobody does: phrases, some weighted, and one switch; new words each time."""
    words = _VOCABULARY.split()
    parts: list[str] = []
    length = 0
    while length < size:
        phrase = " ".join(_CHANCE.choices(words, k=_CHANCE.randint(2, 8)))
        parts.append(f"({phrase}:1.2)" if len(parts) % 5 == 4 else phrase)
        length += len(parts[-1]) + 2
    parts[len(parts) // 2] = "[wooden boats:steel trawlers:0.4] <lora:harbour:0.7>"
    return ", ".join(parts)[:size]


def _repeated(unit: str) -> Callable[[int], str]:
    return lambda size: (unit * (size // len(unit) + 1))[:size]


def _nested(opening: str, closing: str) -> Callable[[int], str]:
    return lambda size: opening * (n := size // (len(opening) + len(closing))) + closing * n


def _letters(size: int) -> str:
    return "".join(random.Random(0).choices("abcdefghijklmnopqrstuvwxyz", k=size))


def _mixed(size: int) -> str:
    return "".join(random.Random(0).choices("[](){}:|<>\\ ab5.", k=size))


FAMILIES: dict[str, Callable[[int], str]] = {
    "one long word": _letters,
    "spaces before a word": lambda size: " " * (size - 1) + "x",
    "tags never closed": _repeated("<a:"),
    "tags": _repeated("<lora:a:1>"),
    "weights never closed": _repeated("(a:"),
    "open round brackets": _repeated("("),
    "open brackets and words": _repeated("(a "),
    "open square brackets": _repeated("["),
    "nested round brackets": _nested("(", ")"),
    "nested words": _nested("(a ", ":1.2)"),
    "nested switches": _nested("[a:", ":5]"),
    "nested cycles": _nested("[a|", "]"),
    "nested braces": _nested("{a|", "}"),
    "closing brackets": _repeated(")]"),
    "mixed brackets": _mixed,
    "crossing brackets": _repeated("(a [b :1.1)c ]"),
    "colons": _repeated(":::"),
    "digits after a colon": lambda size: "(a:" + "1" * (size - 3),
    "blanks after a colon": lambda size: "(a:" + " " * (size - 3),
    "bars": _repeated("|"),
    "cycles": _repeated("[a|b]"),
    "cycles of many periods": _repeated("[a|b][c|d|e][f|g|h|i|j][k|l|m|n|o|p|q]"),
    "empty options": lambda size: "[a" + "|" * (size - 3) + "]",
    "switches": _repeated("[a:b:5]"),
    "switches at many steps": _repeated("".join(f"[a:b:{step}]" for step in range(STEPS))),
    "switches and stray brackets": _repeated("[a:b:5]]"),
    "AND": _repeated(" AND "),
    "AND with weights": _repeated("a:1 AND "),
    "BREAK": _repeated(" BREAK "),
    "backslashes": _repeated("\\"),
    "comments": _repeated("#\n"),
    "variants": _repeated("{a|b}"),
    "open braces": _repeated("{a|"),
    "underscores": _repeated("__a"),
    "control characters": _repeated("\0\x1b"),
    "right to left": _repeated("\u202e\u05d0\u0628 "),
    "astral letters": _repeated("\U0001f98a\U0001d400"),
    "lone surrogates": _repeated("\ud800 \udfff"),
    "stacked accents": lambda size: "e" + "\u0301\u0316" * (size // 2),
}


@dataclass(frozen=True)
class Timing:
    """CPU time for a text of the usual size, how often that four times the text takes, and what the first may be."""

    name: str
    milliseconds: float
    growth: float
    at_most_milliseconds: float


def parse(text: str, tokenizer: CLIPTokenizer) -> int:
    """All stages for the text as a positive prompt; how many chunks its texts fill."""
    expanded = expand(strip_comments(text), Wildcards(), random.Random(0))
    return sum(len(chunk(parse_attention(each), tokenizer)) for each in read_prompt(expanded, steps=STEPS).texts)


def measure(repeats: int) -> Iterator[Timing]:
    """Every family by the best of some runs, words known from the run before, and times below 1 ms taken for 1 ms."""
    tokenizer = CLIPTokenizer()
    for name, make in {"natural": natural, **FAMILIES}.items():
        once, four = (_best(make, size, tokenizer, repeats) for size in (SIZE, 4 * SIZE))
        bound = NATURAL_MS if make is natural else ADVERSARIAL_MS
        yield Timing(name, once * 1000, max(four, 1e-3) / max(once, 1e-3), bound)


def _best(make: Callable[[int], str], size: int, tokenizer: CLIPTokenizer, repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        text = make(size)
        gc.collect()
        begin = time.thread_time()
        parse(text, tokenizer)
        best = min(best, time.thread_time() - begin)
    return best


def main() -> None:
    """Print a line for each family, marked where it is slower than it may be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    if not arguments.json:
        print(f"{f'{SIZE} letters':30} {'ms':>6} {'at most':>8} {'4 times as many':>16} {'at most':>8}")
    for it in measure(arguments.repeats):
        if arguments.json:
            print(json.dumps(asdict(it)))
            continue
        slow = " slow" if it.milliseconds > it.at_most_milliseconds or it.growth > GROWTH else ""
        print(f"{it.name:30} {it.milliseconds:6.2f} {it.at_most_milliseconds:8.0f}", end="")
        print(f" {it.growth:15.2f}x {GROWTH:7.0f}x{slow}")


if __name__ == "__main__":
    main()
