"""The referee: a small matcher of pictures and captions that reads generated pictures back; its training and its file.

It learns from the same sprites as the model it judges, but from compositions and distortions of its own.
"""

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float
from pydantic import TypeAdapter
from torch import Tensor

from mezzotint.errors import ModelFileError
from mezzotint.nn.layout import channels_last
from mezzotint.nn.matcher import Matcher, MatcherConfig
from mezzotint.prompt.tokenizer import CLIPTokenizer
from mezzotint.shapes import Pixels, TokenIds, Vector
from mezzotint.train.data.compose import COLORS
from mezzotint.train.data.pictures import PictureCache, PictureRecipe, build_pictures
from mezzotint.train.data.sprites import SpriteLibrary
from mezzotint.train.loop import LoopSettings, train
from mezzotint.train.mezzo import Run
from mezzotint.train.objectives.matching import Matching
from mezzotint.train.state import read_average
from mezzotint.weights.loading import build
from mezzotint.weights.safetensors import open_tensors, read_header
from mezzotint.weights.saving import save

_VOCABULARY = "vocabulary"
_PHRASES = (
    "a an the of and on in at with to, photo landscape white gradient background two three s",
    "on the left on the right at the top at the bottom to the left of to the right of above below in front of",
)
"""The words that compositions add to what the sprites are called."""

PICTURES = "pictures"


@dataclass(frozen=True)
class RefereeSettings:
    """How a referee is built and trained."""

    channels: tuple[int, ...] = (32, 64, 128, 192)
    batch_size: int = 128
    learning_rate: float = 2e-3
    warm_up: int = 100
    weight_decay: float = 0.05
    decay: float = 0.998


class Vocabulary:
    """CLIP's tokens of the words that occur, renumbered, so that the table of them stays small."""

    empty, unknown = 0, 1
    longest = 30
    """Captions are cut at this many tokens."""

    def __init__(self, tokens: Sequence[int]) -> None:
        """``tokens`` are CLIP's ids."""
        self.tokens = tuple(tokens)
        self._places = {token: place for place, token in enumerate(self.tokens, start=2)}
        self._tokenizer = CLIPTokenizer()

    def __len__(self) -> int:
        return len(self.tokens) + 2

    def rows(self, captions: Sequence[str]) -> TokenIds:
        """A row of words for each caption, and `empty` up to the longest one's length or a little more; int64."""
        found = [
            [self._places.get(token, self.unknown) for token in self._tokenizer.encode(caption)[: self.longest]]
            for caption in captions
        ]
        length = -(-max((len(row) for row in found), default=1) // 8) * 8  # few lengths: little is compiled anew
        rows = [[*row, *[self.empty] * (length - len(row))] for row in found]
        return torch.tensor(rows, dtype=torch.int64).reshape(len(rows), length)


def vocabulary_of(library: SpriteLibrary) -> Vocabulary:
    """The vocabulary of all captions that can be composed from the sprites."""
    tokenizer, tokens = CLIPTokenizer(), set[int]()
    for text in {text for s in library.sprites for text in (s.label, s.style, *s.tags)} | {*_PHRASES, *COLORS}:
        tokens.update(tokenizer.encode(text))
    return Vocabulary(sorted(tokens))


@dataclass(frozen=True, eq=False)
class Referee:
    """A trained matcher with its vocabulary."""

    matcher: Matcher
    vocabulary: Vocabulary

    @torch.inference_mode()
    def see(self, pixels: Pixels) -> Vector:
        """Pictures of any size as unit vectors."""
        side_px = self.matcher.config.side_px
        pixels = pixels.to(self._device).float().clamp(-1, 1)
        return self.matcher.see(F.interpolate(pixels, size=(side_px, side_px), mode="bilinear", antialias=True))

    @torch.inference_mode()
    def read(self, captions: Sequence[str]) -> Vector:
        """Captions as unit vectors."""
        return self.matcher.read(self.vocabulary.rows(captions).to(self._device))

    def likeness(self, pixels: Pixels, captions: Sequence[str]) -> Float[Tensor, "pictures captions"]:
        """The cosine of each picture with each caption; on the CPU."""
        return (self.see(pixels) @ self.read(captions).T).cpu()

    @property
    def _device(self) -> torch.device:
        return self.matcher.log_scale.device


def build_referee_pictures(run: Run, *, shards: int, on_shard: Callable[[int], None] = lambda n: None) -> None:
    """Compose what the referee looks at. The compositions are its own: the model never saw them."""
    recipe = PictureRecipe(run.data, run.tier.sources, seed=run.seed + 0xEF)
    build_pictures(recipe, run.folder / PICTURES, shards, on_shard=on_shard)


def train_referee(run: Run, steps: int, *, settings: RefereeSettings | None = None) -> None:
    """Train the referee in the run's folder for a slice of ``steps``, or finish the interrupted slice."""
    settings = settings or RefereeSettings()
    vocabulary = vocabulary_of(SpriteLibrary(run.data, run.tier.sources))
    torch.manual_seed(run.seed + 3)  # pyright: ignore[reportUnknownMemberType]  # torch leaves it untyped
    matcher = Matcher(matcher_config(settings, vocabulary)).to(run.device)
    channels_last(matcher)  # and not compiled: torch 2.13 makes not-a-number of its gradient on a CPU in bfloat16
    objective = Matching(
        matcher,
        PictureCache(run.folder / PICTURES),
        vocabulary.rows,
        seed=run.seed + 3,
        batch_size=settings.batch_size,
        device=run.device,
    )
    train(
        objective,
        run.folder / "referee",
        LoopSettings(
            learning_rate=settings.learning_rate,
            warm_up=settings.warm_up,
            weight_decay=settings.weight_decay,
            betas=(0.9, 0.98),
            decay=settings.decay,
            precision=run.precision,
        ),
        steps=steps,
        device=run.device,
        facts={
            "seed": run.seed,
            "batch": settings.batch_size,
            _VOCABULARY: zlib.crc32(json.dumps(vocabulary.tokens).encode()),
        },
        on_report=run.on_report,
        stop_requested=run.stop_requested,
    )


def export_referee(run: Run, out: Path, *, settings: RefereeSettings | None = None) -> Path:
    """The averaged weights of a trained referee as one float16 file, with its sizes and vocabulary."""
    settings = settings or RefereeSettings()
    vocabulary = vocabulary_of(SpriteLibrary(run.data, run.tier.sources))
    weights = read_average(run.folder / "referee", "matcher")
    save_referee(out, weights, matcher_config(settings, vocabulary), vocabulary)
    return out


def save_referee(path: Path, weights: dict[str, Tensor], config: MatcherConfig, vocabulary: Vocabulary) -> None:
    """Write a referee's file: float16 weights, CLIP's ids of its tokens, sizes as JSON in the metadata."""
    tensors = {name: tensor.half() for name, tensor in weights.items()}
    tensors[_VOCABULARY] = torch.tensor(vocabulary.tokens, dtype=torch.int32)
    save(path, tensors, metadata={"format": "pt", "mezzotint.referee": json.dumps(asdict(config))})


def load_referee(path: Path, device: str | torch.device = "cpu") -> Referee:
    """A referee from its file. Raises ModelFileError if the file is no referee's."""
    about = read_header(path).metadata.get("mezzotint.referee")
    if about is None:
        raise ModelFileError(f"{path.name} is not a referee", hint="make one with `mezzotint train referee`")
    config = TypeAdapter(MatcherConfig).validate_json(about)
    tensors = open_tensors(path)
    matcher = channels_last(build(Matcher, config, tensors, device=device))
    return Referee(matcher, Vocabulary([int(token) for token in tensors[_VOCABULARY]]))


def matcher_config(settings: RefereeSettings, vocabulary: Vocabulary) -> MatcherConfig:
    """The sizes of a matcher with that vocabulary."""
    return MatcherConfig(words=len(vocabulary), channels=settings.channels)
