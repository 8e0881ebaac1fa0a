"""The referee's network and objective: what it is taught, that it learns, and that its file says the same."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from mezzotint.errors import ModelFileError
from mezzotint.families.mezzo import MEZZO
from mezzotint.nn.matcher import Matcher
from mezzotint.train.data.compose import COLORS, compose
from mezzotint.train.data.pictures import PictureCache, PictureRecipe, build_shard
from mezzotint.train.data.sprites import SpriteLibrary
from mezzotint.train.mezzo import Run, Tier
from mezzotint.train.objectives.matching import Matching, contrast, distorted, in_color, jittered, short_name
from mezzotint.train.objectives.reconstruction import to_pixels
from mezzotint.train.referee import (
    PICTURES,
    RefereeSettings,
    Vocabulary,
    export_referee,
    load_referee,
    matcher_config,
    save_referee,
    train_referee,
    vocabulary_of,
)
from tests.unit.train.sprite_set import SHAPES, SOURCE, shape, write_sprites

SMALL = RefereeSettings(channels=(16, 32, 32), batch_size=32, learning_rate=4e-3, warm_up=10, decay=0.95)
FILE_LIMIT_BYTES = 5_000_000
COST_LIMIT_FLOPS = 180_000_000


@pytest.fixture(scope="module")
def sprites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sprites(tmp_path_factory.mktemp("sprites"))


@pytest.fixture(scope="module")
def library(sprites: Path) -> SpriteLibrary:
    return SpriteLibrary(sprites, {SOURCE: 1.0})


@pytest.fixture(scope="module")
def cache(sprites: Path, tmp_path_factory: pytest.TempPathFactory) -> PictureCache:
    folder = tmp_path_factory.mktemp("pictures")
    build_shard(PictureRecipe(sprites, {SOURCE: 1.0}, seed=5, shard_size=64), folder, 0)
    return PictureCache(folder)


@pytest.fixture(scope="module")
def vocabulary(library: SpriteLibrary) -> Vocabulary:
    return vocabulary_of(library)


def objective(cache: PictureCache, vocabulary: Vocabulary, **options: float) -> Matching:
    torch.manual_seed(1)
    matcher = Matcher(matcher_config(SMALL, vocabulary))
    return Matching(matcher, cache, vocabulary.rows, seed=3, batch_size=16, **options)


def shown(*things: tuple[str, str]) -> torch.Tensor:
    """Shapes in their colours on white, as pixels."""
    white = Image.new("RGBA", (128, 128), "white")
    flat = [Image.alpha_composite(white, shape(name, color)).convert("RGB") for name, color in things]
    return torch.stack([to_pixels(np.asarray(picture)) for picture in flat])


def unit(*rows: list[float]) -> torch.Tensor:
    return torch.nn.functional.normalize(torch.tensor(rows), dim=1)


def test_a_small_referee_learns_to_tell_shapes_and_colours_apart(sprites: Path, tmp_path: Path) -> None:
    run = Run(Tier(MEZZO, sources={SOURCE: 1.0}), data=sprites, folder=tmp_path)

    build_shard(PictureRecipe(sprites, {SOURCE: 1.0}, seed=6, shard_size=512), tmp_path / PICTURES, 0)
    train_referee(run, 240, settings=SMALL)
    referee = load_referee(export_referee(run, tmp_path / "referee.safetensors", settings=SMALL))

    losses = [json.loads(line)["loss"] for line in (tmp_path / "referee" / "log.jsonl").read_text().splitlines()]
    assert losses[-1] < 0.4 * losses[0]
    blue = shown(*((name, "blue") for name in SHAPES))
    shapes = referee.likeness(blue, [f"a blue {name}" for name in SHAPES]).argmax(1)
    assert (shapes == torch.arange(len(SHAPES))).sum() >= 7  # by chance 1; 7 once in 100,000
    colors = referee.likeness(
        shown(("disc", "red"), ("disc", "green"), ("disc", "black")), [f"{c} disc" for c in COLORS]
    )
    assert [list(COLORS)[i] for i in colors.argmax(1)] == ["red", "green", "black"]


def test_a_batch_depends_on_its_step_alone(cache: PictureCache, vocabulary: Vocabulary) -> None:
    one, other = objective(cache, vocabulary), objective(cache, vocabulary)
    one.batch(6)

    first, again, next_one = one.batch(7), other.batch(7), one.batch(8)

    assert first.pixels.shape == (16, 3, 64, 64)
    assert first.pixels.abs().max() <= 1
    assert torch.equal(first.pixels, again.pixels)
    assert torch.equal(first.tokens, again.tokens)
    assert torch.equal(first.variants, again.variants)
    assert not torch.equal(first.pixels, next_one.pixels)


def test_every_coloured_picture_is_told_in_eleven_colours(cache: PictureCache, vocabulary: Vocabulary) -> None:
    batch = objective(cache, vocabulary).batch(2)

    assert len(batch.colored) == len(batch.color) > 3
    for place, (picture, color) in enumerate(zip(batch.colored, batch.color, strict=True)):
        told = batch.variants[place * 11 : place * 11 + 11]
        assert len({tuple(row.tolist()) for row in told}) == 11
        own, right = batch.tokens[picture], told[color]
        length = min(len(own), len(right))
        assert torch.equal(own[:length], right[:length])
        assert set(own[length:].tolist()) | set(right[length:].tolist()) <= {vocabulary.empty}


def test_colour_words_count_only_in_their_own_term(cache: PictureCache, vocabulary: Vocabulary) -> None:
    without, heavy = objective(cache, vocabulary, color_weight=0.0), objective(cache, vocabulary, color_weight=2.0)
    batch = without.batch(0)

    (plain, figures), (weighed, _) = without.loss(batch, 0), heavy.loss(batch, 0)

    assert plain.item() == pytest.approx(figures["match"].item())
    assert weighed.item() == pytest.approx(plain.item() + 2 * figures["color"].item(), rel=1e-5)


def test_a_batch_without_coloured_things_has_a_loss(cache: PictureCache, vocabulary: Vocabulary) -> None:
    learner = objective(cache, vocabulary)
    batch = learner.batch(0)
    none = torch.empty(0, dtype=torch.int64)

    loss, figures = learner.loss(
        type(batch)(batch.pixels, batch.tokens, batch.kinds, none, batch.variants[:0], none), 0
    )

    assert loss.item() == pytest.approx(figures["match"].item())
    assert figures["color"] == 0


def test_the_same_thing_is_no_counter_example() -> None:
    seen = unit([1.0, 0.0], [1.0, 0.1], [0.0, 1.0])
    scale = torch.tensor(10.0)
    nothing, twins = torch.eye(3, dtype=torch.bool), torch.eye(3, dtype=torch.bool)
    twins[0, 1] = twins[1, 0] = True

    strict, _ = contrast(seen, seen, scale, same=nothing)
    fair, first = contrast(seen, seen, scale, same=twins)

    assert fair < 0.01 < strict
    assert first == 1


def test_contrast_is_least_where_everything_matches() -> None:
    seen, scale, nothing = torch.eye(4), torch.tensor(20.0), torch.eye(4, dtype=torch.bool)

    matched, _ = contrast(seen, seen, scale, same=nothing)
    shifted, first = contrast(seen, seen.roll(1, 0), scale, same=nothing)

    assert matched < 1e-6
    assert shifted == pytest.approx(20, rel=1e-3)
    assert first == 0


@pytest.mark.parametrize(
    ("caption", "color", "other", "expected"),
    [
        ("a red apple, 3d emoji", "red", "orange", "an orange apple, 3d emoji"),
        ("a 3d emoji of an orange cup", "orange", "blue", "a 3d emoji of a blue cup"),
        ("red cup, red and blue gradient background", "red", "green", "green cup, red and blue gradient background"),
        ("two black stars", "black", "white", "two white stars"),
        ("a scared red cat", "red", "pink", "a scared pink cat"),
    ],
)
def test_a_caption_in_another_colour_keeps_the_rest(caption: str, color: str, other: str, expected: str) -> None:
    assert in_color(caption, color, other) == expected


def test_the_article_never_gives_the_colour_away(library: SpriteLibrary) -> None:
    pairs = [compose(library, np.random.default_rng((9, i))) for i in range(80)]
    colored = [(pair.captions[0], pair.color) for pair in pairs if pair.color]
    assert colored

    for caption, color in colored:
        there = in_color(caption, color, "orange")
        assert "a orange" not in there
        assert in_color(there, "orange", color) == caption


def test_distortion_keeps_the_side_and_leaves_no_foreign_edges() -> None:
    yellow = torch.tensor([250, 215, 50], dtype=torch.uint8)[:, None, None].expand(12, 3, 72, 72)

    pixels = distorted(yellow, 64, np.random.default_rng(3))

    assert pixels.shape == (12, 3, 64, 64)
    assert pixels.std(dim=(2, 3)).max() < 0.06  # the grain alone


def test_distortion_changes_every_picture_in_its_own_way(cache: PictureCache) -> None:
    same = cache.pixels[:1].expand(6, -1, -1, -1)

    many = distorted(same, 64, np.random.default_rng(2))

    differences = [(many[i] - many[j]).abs().mean() for i in range(6) for j in range(i)]
    assert min(differences) > 0.01
    assert max(differences) < 0.5


def test_the_jitter_never_makes_one_colour_another() -> None:
    colors = torch.tensor(list(COLORS.values())).float() / 127.5 - 1
    pictures = colors.repeat_interleave(30, 0)[:, :, None, None].expand(330, 3, 8, 8)

    means = jittered(pictures, np.random.default_rng(0)).mean(dim=(2, 3))

    nearest = (means[:, None] - colors[None]).abs().sum(-1).argmin(1)
    assert (nearest == torch.arange(11).repeat_interleave(30)).float().mean() > 0.95


def test_the_vocabulary_knows_all_that_compositions_say(library: SpriteLibrary, vocabulary: Vocabulary) -> None:
    pairs = [compose(library, np.random.default_rng((4, i))) for i in range(200)]
    singles = [pair.captions[0] for pair in pairs if not pair.captions[0].startswith(("two ", "three "))]

    rows = vocabulary.rows([*singles, *(short_name(pair.label, pair.color) for pair in pairs)])

    assert (rows != Vocabulary.unknown).all()


def test_rows_are_filled_up_and_cut() -> None:
    vocabulary = Vocabulary([320, 736])  # "a", "red"

    rows = vocabulary.rows(["a red", "zebra", "a " * 40])

    assert rows.shape == (3, 32)
    assert rows[0].tolist() == [2, 3, *[0] * 30]
    assert rows[1].tolist() == [1, *[0] * 31]
    assert rows[2].tolist() == [*[2] * 30, 0, 0]
    assert vocabulary.rows([]).shape == (0, 8)


def test_the_space_after_a_caption_makes_no_difference(vocabulary: Vocabulary) -> None:
    matcher = Matcher(matcher_config(SMALL, vocabulary)).eval()

    alone = matcher.read(vocabulary.rows(["a red star"]))
    beside = matcher.read(vocabulary.rows(["a red star", "a star to the left of a bar on a red background, emoji"]))

    assert torch.allclose(alone[0], beside[0], atol=1e-6)
    assert alone.norm().item() == pytest.approx(1, abs=1e-5)


def test_a_saved_referee_says_the_same(vocabulary: Vocabulary, tmp_path: Path) -> None:
    config = matcher_config(SMALL, vocabulary)
    torch.manual_seed(2)
    matcher = Matcher(config).half().float().eval()
    pixels = torch.rand(2, 3, 64, 64) * 2 - 1

    save_referee(tmp_path / "referee.safetensors", matcher.state_dict(), config, vocabulary)
    loaded = load_referee(tmp_path / "referee.safetensors")

    assert loaded.matcher.config == config
    assert loaded.vocabulary.tokens == vocabulary.tokens
    with torch.inference_mode():
        expected = matcher.see(pixels) @ matcher.read(vocabulary.rows(["a disc", "a red bar"])).T
    assert torch.allclose(loaded.likeness(pixels, ["a disc", "a red bar"]), expected, atol=1e-5)


def test_another_file_is_no_referee(small_home: Path) -> None:
    file = next((small_home / "models").rglob("*.safetensors"))

    with pytest.raises(ModelFileError, match="not a referee"):
        load_referee(file)


def test_the_shipped_size_is_small_and_cheap() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    words = Vocabulary(range(6500))  # somewhat more than the full sprite set needs
    matcher = Matcher(matcher_config(RefereeSettings(), words))

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        matcher.see(torch.zeros(1, 3, 64, 64))

    assert 2 * sum(p.numel() for p in matcher.parameters()) + 4 * len(words) < FILE_LIMIT_BYTES
    assert counter.get_total_flops() <= COST_LIMIT_FLOPS
