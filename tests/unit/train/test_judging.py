"""Judging: the questions are new and fair, the marks are what the referee says, and a model can be judged whole."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mezzotint.errors import TrainingError
from mezzotint.families.family import Model, ModelFile, Part, TextPart
from mezzotint.families.mezzo import MEZZO
from mezzotint.nn.autoencoder import Autoencoder, AutoencoderConfig
from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig
from mezzotint.nn.matcher import Matcher
from mezzotint.nn.unet import UNet, UNetConfig
from mezzotint.prompt.attention import Phrase, parse_attention
from mezzotint.prompt.tokenizer import CLIPTokenizer
from mezzotint.shapes import Pixels, Vector
from mezzotint.train.data.compose import COLORS
from mezzotint.train.data.sprites import SpriteLibrary
from mezzotint.train.exam import Question, exam_of, questions, read_exam, write_exam
from mezzotint.train.judging import Answer, escaped, held_out, judge, marks, open_model, read_back, write_verdict
from mezzotint.train.referee import Referee, RefereeSettings, matcher_config, vocabulary_of
from tests.unit.train.sprite_set import SHAPES, SOURCE, write_sprites

SMALL = RefereeSettings(channels=(8, 8))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> SpriteLibrary:
    return SpriteLibrary(write_sprites(tmp_path_factory.mktemp("sprites")), {SOURCE: 1.0})


@pytest.fixture(scope="module")
def referee(library: SpriteLibrary) -> Referee:
    """One that has learned nothing."""
    vocabulary = vocabulary_of(library)
    torch.manual_seed(0)
    return Referee(Matcher(matcher_config(SMALL, vocabulary)).eval(), vocabulary)


@pytest.fixture(scope="module")
def model() -> Model:
    """A model of mezzo's kind, tiny and with random weights; it draws 16 px."""
    torch.manual_seed(0)
    network = UNetConfig(
        in_channels=4, out_channels=4, channels=(32, 32), blocks=1, depths=(0, 1), head_width=32, context=32
    )
    autoencoder = AutoencoderConfig(channels=(8, 8), blocks=1, latent_channels=4, groups=8)
    text = CLIPTextConfig(width=32, layers=1, heads=2, positions=32)
    family = replace(
        MEZZO,
        native_px=16,
        network=Part("", network),
        autoencoder=Part("", autoencoder),
        text_encoders={"clip": TextPart("", text)},
        latents=replace(MEZZO.latents, channels=4, cell_px=2),
    )
    networks = (UNet(network).eval(), {"clip": CLIPText(text).eval()}, Autoencoder(autoencoder).eval())
    return Model(family, *networks, ModelFile("tiny", Path("tiny.safetensors"), "f" * 64))


def knowing(referee: Referee, asked: list[Question]) -> Referee:
    """One that reads the number of a question from the shade of its picture, and knows all about it."""

    class Knowing(Referee):
        def see(self, pixels: Pixels) -> Vector:
            return self.read([asked[int(shade)].prompt for shade in pixels[:, 0, 0, 0]])

        def read(self, captions: Sequence[str]) -> Vector:
            return torch.stack([known(caption) for caption in captions])

    return Knowing(referee.matcher, referee.vocabulary)


def known(caption: str) -> torch.Tensor:
    """The shape and the colour that is named first; a colour that is not told is a little like all of them."""
    words = caption.replace(",", " ").split()
    color = next((word for word in words if word in COLORS), None)
    return torch.tensor(
        [*(float(name in words) for name in SHAPES), *(float(c == color) if color else 0.1 for c in COLORS)]
    )


def shades(*numbers: int) -> torch.Tensor:
    """Pictures that tell the numbers of questions to who knows how to read them."""
    return torch.tensor(numbers, dtype=torch.float32)[:, None, None, None].expand(-1, 3, 2, 2)


def test_questions_are_new_things_one_at_a_time(library: SpriteLibrary) -> None:
    asked, again, others = (questions(library, 30, seed=seed) for seed in (4, 4, 5))

    assert len(asked) == 30
    assert [question.prompt for question in asked] == [question.prompt for question in again]
    assert [question.prompt for question in asked] != [question.prompt for question in others]
    assert len({question.seed for question in [*asked, *others]}) == 60
    for question in asked:
        assert question.label in question.prompt
        assert sum(shape in question.prompt for shape in SHAPES) == 1
        assert not question.prompt.startswith(("two", "three"))


def test_coloured_questions_name_their_colour(library: SpriteLibrary) -> None:
    for question in questions(library, 20, seed=4, only_colored=True):
        assert question.color in COLORS
        assert f"{question.color} {question.label}" in question.prompt
        assert question.name == f"{question.color} {question.label}"


def test_prompts_fit_the_room_of_the_text_encoder(library: SpriteLibrary) -> None:
    tokenizer = CLIPTokenizer()

    lengths = [len(tokenizer.encode(question.prompt)) for question in questions(library, 20, seed=4, longest=6)]

    assert max(lengths) <= 6


def test_sprites_that_give_no_questions_are_refused(library: SpriteLibrary) -> None:
    with pytest.raises(TrainingError, match="only 0 questions of 1"):
        questions(library, 1, seed=4, longest=0)


def test_right_pictures_get_full_marks(library: SpriteLibrary, referee: Referee) -> None:
    asked = [q for q in questions(library, 60, seed=4, only_colored=True) if " background" not in q.prompt]
    knows = knowing(referee, asked)

    answers = read_back(knows, shades(*range(len(asked))), asked, asked, choices=8, seed=1)

    result = marks(answers, answers, 8)
    assert result.caption.share == result.label.share == result.color.share == 1
    assert [answer.chosen for answer in answers] == [question.prompt for question in asked]


def test_pictures_of_something_else_are_not_right(library: SpriteLibrary, referee: Referee) -> None:
    asked = questions(library, 60, seed=4, only_colored=True)
    mixed_up = [
        next(i for i, other in enumerate(asked) if other.label != question.label and other.color != question.color)
        for question in asked
    ]

    answers = read_back(knowing(referee, asked), shades(*mixed_up), asked, asked, choices=8, seed=1)

    result = marks(answers, answers, 8)
    assert result.label.right == 0
    assert result.color.right == 0


def test_a_referee_that_cannot_tell_finds_nothing_right(library: SpriteLibrary, referee: Referee) -> None:
    class Blind(Referee):
        def see(self, pixels: Pixels) -> Vector:
            return torch.ones(len(pixels), 2)

        def read(self, captions: Sequence[str]) -> Vector:
            return torch.ones(len(captions), 2)

    asked = questions(library, 12, seed=4)

    answers = read_back(Blind(referee.matcher, referee.vocabulary), shades(*range(12)), asked, asked, choices=6, seed=1)

    assert {answer.rank for answer in answers} == {6}
    assert marks(answers, [], 6).caption.share == 0


def test_choices_are_of_other_labels_and_too_few_are_refused(library: SpriteLibrary, referee: Referee) -> None:
    asked = questions(library, 60, seed=4)
    labels = len({question.label for question in asked})

    read_back(referee, shades(0), asked[:1], asked, choices=labels, seed=1)

    with pytest.raises(TrainingError, match=rf"{labels - 1} other labels among 60 prompts, and {labels} are wanted"):
        read_back(referee, shades(0), asked[:1], asked, choices=labels + 1, seed=1)


def test_shares_come_with_their_margin() -> None:
    answers = [Answer("a star", i, rank=1 if i < 80 else 2, label_rank=1, chosen="a star") for i in range(100)]

    result = marks(answers, [], 50)

    assert (result.caption.right, result.caption.of, result.caption.share) == (80, 100, 0.8)
    assert result.caption.margin == pytest.approx(0.0784)
    assert result.label.margin == 0
    assert (result.color.of, result.color.share) == (0, 0)


def test_a_prompt_with_brackets_means_just_that() -> None:
    text = r"a button (blood type) [old] \ new"

    assert parse_attention(escaped(text)) == [Phrase(text)]


def test_a_model_is_judged_from_its_pictures(
    library: SpriteLibrary, referee: Referee, model: Model, tmp_path: Path
) -> None:
    heard = list[tuple[int, int]]()
    exam, options = exam_of(library, prompts=12, color_prompts=5), {"choices": 4, "steps": 2}

    verdict = judge(model, referee, exam, batch_size=7, on_picture=lambda *at: heard.append(at), **options)
    again = judge(model, referee, exam, batch_size=7, **options)
    write_verdict(tmp_path / "new" / "verdict.json", verdict)

    assert verdict == again
    assert heard == [(7, 17), (14, 17), (17, 17)]
    assert verdict.composed is not None
    assert (verdict.drawn.caption.of, verdict.drawn.color.of, verdict.composed.caption.of) == (12, 5, 12)
    assert all(1 <= answer.rank <= 4 for answer in verdict.answers)
    assert all(answer.chosen_color in COLORS for answer in verdict.color_answers)
    written = json.loads((tmp_path / "new" / "verdict.json").read_text())
    assert written["model"] == "tiny"
    assert written["drawn"]["caption"]["share"] == verdict.drawn.caption.share
    assert len(written["answers"]) == 12


def test_a_kept_exam_asks_the_same_of_the_model_without_the_sprites(
    library: SpriteLibrary, referee: Referee, model: Model, tmp_path: Path
) -> None:
    exam = exam_of(library, prompts=12, color_prompts=3)

    write_exam(tmp_path / "new" / "exam.json", exam)
    kept = read_exam(tmp_path / "new" / "exam.json")

    assert [replace(question, picture=None) for question in exam.asked] == kept.asked
    first, second = (judge(model, referee, each, choices=4, steps=1) for each in (exam, kept))
    assert (first.answers, first.color_answers) == (second.answers, second.color_answers)
    assert second.composed is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"asked": [{"prompt": 1}], "colored": []}'])
def test_what_is_no_exam_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "exam.json").write_text(text)

    with pytest.raises(TrainingError, match=r"exam\.json is not an exam"):
        read_exam(tmp_path / "exam.json")


def test_the_referee_is_examined_with_composed_pictures(library: SpriteLibrary, referee: Referee) -> None:
    result = held_out(referee, library, count=20, choices=5)

    assert (result.choices, result.caption.of, result.color.of) == (5, 20, 20)


def test_a_model_file_opens_with_its_hash(small_home: Path) -> None:
    file = next((small_home / "models").rglob("*.safetensors"))

    model = open_model(file)

    assert model.source.name == file.stem
    assert len(model.source.sha256) == 64
