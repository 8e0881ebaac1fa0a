"""Stable Diffusion XL is told sizes and scores beside the text, and nothing at all for an empty negative prompt."""

from pathlib import Path

import pytest
import torch

from mezzotint.errors import RequestError
from mezzotint.families.family import Encoded, Frame, Model, ModelFile
from mezzotint.families.sd_x4 import SD_X4_UPSCALER
from mezzotint.families.sdxl import SDXL
from mezzotint.families.sdxl_refiner import SDXL_REFINER
from mezzotint.families.text import encode_prompt
from mezzotint.generate.conditioning import Words
from mezzotint.nn.autoencoder import Autoencoder
from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig
from mezzotint.nn.unet import UNet, sinusoid
from mezzotint.prompt.reading import read_negative, read_prompt
from mezzotint.shapes import Vector
from tests.factories import a_request, weight

FRAME = Frame(width=1216, height=832, crop=(8, 16))


@pytest.fixture(scope="module")
def model() -> Model:
    """A model of which only the text encoders matter here."""
    configs = {
        "clip_l": CLIPTextConfig(width=32, layers=3, heads=2),
        "clip_g": CLIPTextConfig(width=48, layers=3, heads=2, activation="gelu", projection=40),
    }
    encoders = {name: CLIPText(config).eval().requires_grad_(False) for name, config in configs.items()}
    for encoder in encoders.values():
        encoder.load_state_dict({name: weight(name, tuple(t.shape)) for name, t in encoder.state_dict().items()})
    with torch.device("meta"):
        network, autoencoder = UNet(SDXL.network.config), Autoencoder(SDXL.autoencoder.config)
    return Model(SDXL, network, encoders, autoencoder, ModelFile("x", Path("x"), sha256=""))


def numbers(vector: Vector | None, *, behind: int) -> Vector:
    """The part of the vector that follows the pooled text, 256 features for each number."""
    assert vector is not None
    return vector[:, behind:].reshape(-1, 256)


def test_the_vector_holds_pooled_text_and_six_sizes_height_first(model: Model) -> None:
    text = encode_prompt(model, "a cat")

    told = SDXL.condition(text, FRAME)

    assert told.context.shape == (1, 77, 32 + 48)
    assert told.vector is not None
    assert torch.equal(told.vector[:, :40], text["clip_g"].pooled)
    sizes = torch.tensor([832.0, 1216.0, 8.0, 16.0, 832.0, 1216.0])
    assert torch.equal(numbers(told.vector, behind=40), sinusoid(sizes, 256))


def test_other_sizes_may_be_told_than_the_picture_has(model: Model) -> None:
    frame = Frame(width=512, height=512, original=(64, 96), target=(1024, 2048))

    told = SDXL.condition(encode_prompt(model, "a cat"), frame)

    sizes = torch.tensor([64.0, 96.0, 0.0, 0.0, 1024.0, 2048.0])
    assert torch.equal(numbers(told.vector, behind=40), sinusoid(sizes, 256))


@pytest.mark.parametrize(("frame", "score"), [(FRAME, 6.0), (FRAME.of_negative(), 2.5)])
def test_the_refiner_is_told_a_score_that_differs_for_the_negative_prompt(frame: Frame, score: float) -> None:
    text = {"clip_g": Encoded(torch.zeros(1, 77, 1280), torch.zeros(1, 1280))}

    told = SDXL_REFINER.condition(text, frame)

    values = torch.tensor([832.0, 1216.0, 8.0, 16.0, score])
    assert torch.equal(numbers(told.vector, behind=1280), sinusoid(values, 256))


def test_an_empty_negative_prompt_is_zeros_and_an_empty_positive_one_is_not(model: Model) -> None:
    positive, negative = encode_prompt(model, ""), encode_prompt(model, "", is_negative=True)

    for name in ("clip_l", "clip_g"):
        assert positive[name].tokens.abs().max() > 0
        assert torch.equal(negative[name].tokens, torch.zeros_like(positive[name].tokens))
    pooled = negative["clip_g"].pooled
    assert pooled is not None
    assert not pooled.any()


def test_both_prompts_of_a_request_are_told_as_their_kind_wants(model: Model) -> None:
    told = Words(model, a_request(), FRAME).told(read_prompt("", steps=2), read_negative("", steps=2))
    positive, negative = told.positive[0].prompt.at(0), told.negative.at(0)

    assert positive.context.any()
    assert not negative.context.any()
    assert torch.equal(numbers(negative.vector, behind=40), numbers(positive.vector, behind=40))


def test_a_negative_prompt_with_words_is_encoded_as_ever(model: Model) -> None:
    positive, negative = encode_prompt(model, "blurry"), encode_prompt(model, "blurry", is_negative=True)

    assert torch.equal(negative["clip_l"].tokens, positive["clip_l"].tokens)


def test_the_pooled_text_is_that_of_the_first_chunk(model: Model) -> None:
    short, long = encode_prompt(model, "a cat"), encode_prompt(model, "a cat BREAK a dog")

    assert long["clip_g"].tokens.shape[1] == 154
    assert short["clip_g"].pooled is not None
    assert torch.equal(long["clip_g"].pooled, short["clip_g"].pooled)


def test_emphasis_leaves_the_pooled_text_alone(model: Model) -> None:
    plain, weighted = encode_prompt(model, "a cat"), encode_prompt(model, "a (cat:1.5)")

    assert not torch.equal(plain["clip_g"].tokens, weighted["clip_g"].tokens)
    assert plain["clip_g"].pooled is not None
    assert torch.equal(plain["clip_g"].pooled, weighted["clip_g"].pooled)


def test_clip_skip_changes_the_first_encoder_only_if_asked(model: Model) -> None:
    plain, skipped = encode_prompt(model, "a cat"), encode_prompt(model, "a cat", 3)
    asked = encode_prompt(model, "a cat", 3, asked=True)

    assert torch.equal(plain["clip_l"].tokens, skipped["clip_l"].tokens)
    assert not torch.equal(plain["clip_l"].tokens, asked["clip_l"].tokens)
    assert torch.equal(plain["clip_g"].tokens, asked["clip_g"].tokens)


def test_a_request_may_let_clip_skip_count_for_the_first_encoder(model: Model) -> None:
    def context(**fields: object) -> torch.Tensor:
        told = Words(model, a_request(**fields), FRAME).told(read_prompt("a cat", steps=2), read_negative("", steps=2))
        return told.positive[0].prompt.at(0).context

    plain, skipped = context(clip_skip=3), context(clip_skip=3, clip_l_skip=True)
    ids = torch.tensor([[49406, 320, 2368] + [49407] * 74])

    assert torch.equal(skipped[..., :32], model.text_encoders["clip_l"](ids, skip=3, normed=False))
    assert torch.equal(plain[..., :32], model.text_encoders["clip_l"](ids, skip=2, normed=False))
    assert torch.equal(plain[..., 32:], skipped[..., 32:])


def test_the_second_encoder_is_padded_with_zeros(model: Model) -> None:
    ids = torch.tensor([[49406, 320, 2368, 49407] + [0] * 73])

    wanted = model.text_encoders["clip_g"](ids, skip=2, normed=False)

    assert torch.equal(encode_prompt(model, "a cat")["clip_g"].tokens, wanted)


def test_the_upscaler_is_told_how_noisy_the_small_picture_is() -> None:
    text = {"clip_h": Encoded(torch.zeros(1, 77, 1024))}

    told = SD_X4_UPSCALER.condition(text, Frame(512, 512, noise_level=350))

    assert told.labels is not None
    assert told.labels.tolist() == [350]
    with pytest.raises(RequestError, match="0 to 350, got 351"):
        SD_X4_UPSCALER.condition(text, Frame(512, 512, noise_level=351))
