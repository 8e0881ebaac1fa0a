from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mezzotint.contract.requests import GenerationRequest, InitImage, checked
from mezzotint.errors import RequestError


def test_a_prompt_alone_is_a_request():
    request = GenerationRequest(prompt="a heron")

    assert (request.seed, request.steps, request.count, request.cfg_scale) == (-1, None, 1, None)
    assert request.sampler is request.scheduler is request.width is request.height is request.init is None


def test_a_request_is_never_edited():
    request = GenerationRequest(prompt="a heron")

    with pytest.raises(ValidationError, match="frozen"):
        request.seed = 3  # type: ignore[misc]
    assert request.model_copy(update={"seed": 3}).seed == 3


@pytest.mark.parametrize(
    ("field", "bad", "good"),
    [
        ("steps", 0, 1),
        ("steps", 151, 150),
        ("cfg_scale", -0.1, 0),
        ("cfg_scale", 100.5, 100),
        ("width", 12, 16),
        ("width", 100, 104),
        ("height", 4104, 4096),
        ("count", 0, 1),
        ("seed", -2, -1),
        ("seed", 2**63, 2**63 - 1),
        ("clip_skip", 0, 12),
        ("eta", 1.1, 1.0),
    ],
)
def test_limits_are_held_and_named(field: str, bad: float, good: float):
    checked(GenerationRequest, {"prompt": "x", field: good})
    with pytest.raises(RequestError, match=rf"^{field}: .*got {bad}"):
        checked(GenerationRequest, {"prompt": "x", field: bad})


@pytest.mark.parametrize(
    ("values", "message", "hint"),
    [
        ({}, "prompt: field required", ""),
        ({"prompt": "x", "step": 3}, "no field 'step'", "did you mean 'steps'?"),
        ({"prompt": "x", "init": {"picture": "a.png", "strength": 2}}, "init.strength: ", ""),
        ({"prompt": "x", "init": {"picture": "a.png", "fit": "warp"}}, "init.fit: ", ""),
    ],
)
def test_the_first_bad_field_is_told(values: dict[str, Any], message: str, hint: str):
    with pytest.raises(RequestError) as caught:
        checked(GenerationRequest, values)

    assert str(caught.value).startswith(message)
    assert caught.value.hint == hint


@pytest.mark.parametrize("picture", [Path("in/a.png"), b"\x89PNG\r\n\x00\xff"])
def test_a_request_survives_json(picture: Path | bytes):
    request = GenerationRequest(prompt='é\n"', init=InitImage(picture=picture, strength=0.5, fit="fill"), width=64)

    assert GenerationRequest.model_validate_json(request.model_dump_json()) == request


def test_a_broken_data_uri_is_refused():
    with pytest.raises(RequestError, match="base64"):
        checked(InitImage, {"picture": "data:image/png;base64,$$$"})
