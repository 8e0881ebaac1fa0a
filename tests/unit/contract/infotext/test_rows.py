import pytest

from mezzotint.contract.infotext.rows import ALWAYS, OPTIONAL_PARTS, ORDER, ROWS, Row
from mezzotint.contract.parts import UniPC
from mezzotint.contract.requests import GenerationRequest

ELSEWHERE = {
    "prompt", "negative", "styles", "networks", "model", "vae", "width", "height", "tiling_x", "tiling_y", "count",
    "subseed", "subseed_strength", "seed_resize", "ensd", "eta", "emphasis", "guidance_interval",
    "conditional_mask_weight", "init", "mask", "hires", "refiner", "output", "init.picture", "init.strength",
    "init.extra_noise", "mask.picture", "mask.blur_x", "mask.blur_y", "mask.padding", "mask.soft", "hires.scale",
    "hires.width", "hires.height", "hires.strength", "hires.extra_noise", "unipc", "old_ways",
}  # fmt: skip
"""Fields that no single key tells, or that infotext leaves out on purpose."""


def test_every_field_has_a_row_or_is_told_elsewhere():
    paths = set(GenerationRequest.model_fields)
    paths |= {f"{place}.{name}" for place, part in OPTIONAL_PARTS.items() for name in part.model_fields}
    paths |= {f"unipc.{name}" for name in UniPC.model_fields}

    assert paths - {row.path for row in ROWS} == ELSEWHERE


def test_every_key_of_a_row_has_its_place_and_none_has_two():
    assert {row.key for row in ROWS} <= set(ORDER)
    assert len(set(ORDER)) == len(ORDER)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_every_row_names_a_field(row: Row):
    request = GenerationRequest.model_validate(
        {"prompt": "", "refiner": {"model": "m"}}
        | ({"hires": {}} if row.part == "hires" else {"init": {"picture": b""}, "mask": {"picture": b"", "soft": {}}})
    )

    value = row.value(request)

    written = row.omitted is ALWAYS or value is not None
    assert written == (value is not None)
    assert row.path == "refiner.model" or row.default is None or isinstance(row.default, str | int | float)
