from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mezzotint.contract.parts import Mask, Network, OldWays, Output, Refiner, SoftInpainting, UniPC
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
        ({"prompt": "x", "init": {"picture": "a.png", "strength": 2}}, "init.strength: ", "the nearest is 1"),
        (
            {"prompt": "x", "init": {"picture": "a.png", "fit": "warp"}},
            "init.fit: ",
            "choose from stretch, crop, fill, latent",
        ),
        ({"prompt": "x", "init": {"picture": "a.png", "fit": "stretched"}}, "init.fit: ", "did you mean 'stretch'?"),
        ({"prompt": "x", "init": {"picture": "a", "size": 2}}, "no field 'init.size'", ""),
        (
            {"prompt": "x", "init": {"picture": "a", "strenght": 2}},
            "no field 'init.strenght'",
            "did you mean 'strength'?",
        ),
        ({"prompt": "x", "steps": "many"}, "steps: ", ""),
        ({"prompt": "x", "steps": 151}, "steps: ", "the nearest is 150"),
        ({"prompt": "x", "cfg_scale": "-0.5"}, "cfg_scale: ", "the nearest is 0"),
        ({"prompt": "x", "width": 100}, "width: ", "the nearest is 96"),
        ({"prompt": "x", "width": 9999}, "width: ", "the nearest is 4096"),
        ({"prompt": "x", "height": 3}, "height: ", "the nearest is 16"),
        ({"prompt": "x", "seed": 2**63}, "seed: ", f"the nearest is {2**63 - 1}"),
        ({"prompt": "x", "seed": 1.5}, "seed: ", "the nearest is 2"),
        ({"prompt": "x", "seed_resize": (64, 3)}, "seed_resize.1: ", "the nearest is 8"),
        ({"prompt": "x", "cfg_scale": float("nan")}, "cfg_scale: ", ""),
        ({"prompt": "x", "cfg_scale": float("inf")}, "cfg_scale: ", "the nearest is 100"),
        ({"prompt": "x", "unipc": {"order": 0}}, "unipc.order: ", "the nearest is 1"),
        ({"prompt": "x", "unipc": {"skip_type": "logsnr"}}, "unipc.skip_type: ", "did you mean 'logSNR'?"),
        ({"prompt": "x", "unipc": {"skip_type": "quadratic"}}, "unipc.skip_type: ", "did you mean 'time_quadratic'?"),
        ({"prompt": "x", "networks": [{"name": "a", "strength": 101}]}, "networks.0.strength: ", "the nearest is 100"),
        ({"prompt": "x", "output": {"quality": 0}}, "output.quality: ", "the nearest is 1"),
        ({"prompt": "x", "output": {"format": "web"}}, "output.format: ", "did you mean 'webp'?"),
        ({"prompt": "x", "output": {"format": "jpeg", "lossless": True}}, "jpg files always lose something", ""),
        ({"prompt": "x", "output": {"format": "avif", "lossless": True}}, "avif files always lose something", ""),
        ({"prompt": "x", "noise_source": "nv"}, "noise_source: ", "did you mean 'NV'?"),
        ({"prompt": "x", "mask": {"picture": "a"}}, "a mask needs a start picture: give init too", ""),
        ({"prompt": "x", "init": {"picture": "a"}, "hires": {}}, "a second pass follows a picture made from words", ""),
        ({"prompt": "x", "guidance_interval": (0.5, 0.2)}, "guidance_interval: its start 0.5 is after its end 0.2", ""),
    ],
)
def test_the_first_bad_field_is_told(values: dict[str, Any], message: str, hint: str):
    with pytest.raises(RequestError) as caught:
        checked(GenerationRequest, values)

    assert str(caught.value).startswith(message)
    assert caught.value.hint == hint


def test_a_long_value_is_not_told_in_full():
    with pytest.raises(RequestError) as caught:
        checked(GenerationRequest, {"prompt": "x" * 70_000})

    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("network", "tag"),
    [
        ({"name": "x"}, "<lora:x:1>"),
        ({"name": "x", "strength": 0.5, "network_strength": 0}, "<lora:x:0.5:0>"),
        ({"name": "x", "network_strength": 1}, "<lora:x:1>"),
        ({"name": "x", "rank": 4}, "<lora:x:1:1:4>"),
        ({"kind": "hypernet", "name": "a b", "strength": -0.25}, "<hypernet:a b:-0.25>"),
    ],
)
def test_a_network_has_a_tag(network: dict[str, Any], tag: str):
    assert Network.model_validate(network).tag == tag


@pytest.mark.parametrize("bad", [{"name": "a:b"}, {"name": ""}, {"name": "a", "kind": "a b"}])
def test_what_cannot_stand_in_a_tag_is_no_network(bad: dict[str, Any]):
    with pytest.raises(RequestError):
        checked(Network, bad)


def test_every_field_tells_what_it_is_for_in_the_schema():
    schema = GenerationRequest.model_json_schema()

    fields = schema["properties"]["ensd"], schema["$defs"]["Hires"]["properties"]["steps"]
    assert [field["description"] for field in fields] == [
        'Added to the seed for all noise after the first ("eta noise seed delta").',
        "0 is as many as in the first pass.",
    ]
    numbers = [
        kind
        for part in (schema, *schema["$defs"].values())
        for field in part["properties"].values()
        for kind in field.get("anyOf", [field])
        if kind.get("type") in ("integer", "number")
    ]
    assert len(numbers) > 40 and all("minimum" in number and "maximum" in number for number in numbers)


def test_a_whole_request_survives_json():
    request = GenerationRequest(
        prompt="x", styles=("a",), networks=(Network(name="ink"),), seed_resize=(64, 96), output=Output(format="webp"),
        init=InitImage(picture=b"\x89", fit="latent"), refiner=Refiner(model="fine"), unipc=UniPC(order=2),
        mask=Mask(picture=Path("m.png"), soft=SoftInpainting()), old_ways=OldWays(emphasis=True),
    )  # fmt: skip

    assert GenerationRequest.model_validate_json(request.model_dump_json()) == request


@pytest.mark.parametrize("picture", [Path("in/a.png"), b"\x89PNG\r\n\x00\xff"])
def test_a_request_survives_json(picture: Path | bytes):
    request = GenerationRequest(prompt='é\n"', init=InitImage(picture=picture, strength=0.5, fit="fill"), width=64)

    assert GenerationRequest.model_validate_json(request.model_dump_json()) == request


def test_a_broken_data_uri_is_refused():
    with pytest.raises(RequestError, match="base64"):
        checked(InitImage, {"picture": "data:image/png;base64,$$$"})
