"""Resolving leaves no blanks, and refuses what cannot be done before anything is loaded."""

from dataclasses import replace
from pathlib import Path

import pytest

from mezzotint.contract.parts import InitImage
from mezzotint.contract.requests import SEED_MAX, GenerationRequest
from mezzotint.engine.catalog import Catalog
from mezzotint.errors import RequestError, UnknownName
from mezzotint.families.family import ExtraInput
from mezzotint.families.mezzo import MEZZO
from mezzotint.generate.resolve import resolve
from tests.factories import a_request


@pytest.fixture
def catalog(small_home: Path) -> Catalog:
    return Catalog(small_home)


def resolved(catalog: Catalog, **fields: object) -> GenerationRequest:
    return resolve(GenerationRequest(**{"prompt": "x", "model": "small"} | fields), catalog).request  # type: ignore[arg-type]


def test_nothing_is_left_blank(catalog: Catalog) -> None:
    request = resolved(catalog)

    assert (request.width, request.height) == (MEZZO.native_px, MEZZO.native_px)
    assert request.sampler == MEZZO.default_sampler
    assert request.scheduler == MEZZO.default_schedule
    assert request.model == "small"
    assert request.seed >= 0


def test_resolving_again_changes_nothing(catalog: Catalog) -> None:
    request = resolved(catalog, sampler="Euler a", eta=0.5)

    assert resolve(request, catalog).request == request


def test_what_was_asked_for_is_kept(catalog: Catalog) -> None:
    asked = a_request(model="small", sampler="Euler a", scheduler="Exponential", eta=0.5, steps=7, cfg_scale=3.0)

    assert resolve(asked, catalog).request == asked


def test_a_drawn_seed_differs_from_time_to_time_and_fits_32_bits(catalog: Catalog) -> None:
    seeds = {resolved(catalog).seed for _ in range(8)}

    assert len(seeds) == 8
    assert all(0 <= seed < 2**32 - 2 for seed in seeds)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"sampler": "DPM++ 2M Karras"}, ("DPM++ 2M", "Karras")),
        ({"sampler": "DPM++ 2M"}, ("DPM++ 2M", "Karras")),
        ({"sampler": "k_euler_a"}, ("Euler a", "Automatic")),
        ({"sampler": "Euler", "scheduler": "karras"}, ("Euler", "Karras")),
        ({"sampler": "Euler SGM Uniform"}, ("Euler", "SGM Uniform")),
        ({"scheduler": "Exponential"}, (MEZZO.default_sampler, "Exponential")),
    ],
)
def test_sampler_and_schedule_get_their_registered_names(
    catalog: Catalog, given: dict[str, str], names: tuple[str, str]
) -> None:
    request = resolved(catalog, **given)

    assert (request.sampler, request.scheduler) == names


@pytest.mark.parametrize("field", ["model", "sampler", "scheduler"])
def test_an_unknown_name_is_told(catalog: Catalog, field: str) -> None:
    with pytest.raises(UnknownName, match="'nope'"):
        resolve(a_request(**{"model": "small", field: "nope"}), catalog)


def test_eta_for_a_sampler_without_it_is_left_aside_with_a_word(catalog: Catalog) -> None:
    found = resolve(a_request(model="small", sampler="Euler", eta=0.5), catalog)

    assert found.request.eta is None
    assert found.warnings == ("Euler draws no noise, so eta is left aside",)


def test_a_batch_that_runs_out_of_seeds_is_refused(catalog: Catalog) -> None:
    with pytest.raises(RequestError, match="no room for 2 pictures"):
        resolved(catalog, seed=SEED_MAX, count=2)


def test_more_clip_skip_than_layers_is_refused(catalog: Catalog) -> None:
    assert resolved(catalog, clip_skip=4).clip_skip == 4
    with pytest.raises(RequestError, match="clip_skip 5 leaves no layer"):
        resolved(catalog, clip_skip=5)


@pytest.mark.parametrize(("kind", "message"), [("instruct", "works on a picture"), ("depth", "depth map")])
def test_what_a_model_needs_besides_words_is_told(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, kind: ExtraInput, message: str
) -> None:
    family = replace(MEZZO, extra_input=kind)
    monkeypatch.setattr("mezzotint.generate.resolve.family_of", lambda path: family)
    init = InitImage(picture=b"") if kind == "depth" else None

    with pytest.raises(RequestError, match=message):
        resolved(catalog, init=init)


def test_styles_are_merged_and_comments_taken_out(tmp_path: Path, small_home: Path) -> None:
    (tmp_path / "models").symlink_to(small_home / "models")
    (tmp_path / "styles.csv").write_text('name,prompt,negative_prompt\nink,"{prompt}, ink",photo\n')
    catalog = Catalog(tmp_path)

    request = resolved(catalog, prompt="a heron # tall\n", styles=("ink",))

    assert (request.prompt, request.negative, request.styles) == ("a heron \n, ink", "photo", ())
    with pytest.raises(UnknownName, match="style"):
        resolved(catalog, prompt="a heron", styles=("oil",))


def test_a_subseed_is_drawn_only_for_variations(catalog: Catalog) -> None:
    assert resolved(catalog).subseed == -1
    assert resolved(catalog, subseed_strength=0.2).subseed >= 0


@pytest.mark.parametrize(
    "part",
    [
        {"hires": {"upscaler": "Latnt"}},
        {"hires": {"sampler": "eular"}},
        {"hires": {"model": "none such"}},
        {"refiner": {"model": "none such"}},
        {"init": {"picture": b"", "upscaler": "Latent"}},
    ],
)
def test_an_unknown_name_in_a_part_is_told_before_loading(catalog: Catalog, part: dict[str, object]) -> None:
    with pytest.raises(UnknownName):
        resolved(catalog, **part)


def test_networks_that_are_not_applied_are_told(catalog: Catalog) -> None:
    found = resolve(a_request(prompt="a heron <lora:ink:0.8>"), catalog)

    assert any("lora:ink" in warning for warning in found.warnings)
    assert "<lora:ink:0.8>" in found.request.prompt
