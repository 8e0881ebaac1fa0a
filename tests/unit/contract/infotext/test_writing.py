"""Expected texts are those of the infotext contract, which A1111 1.10.1 produced."""

from pathlib import Path

import pytest

from mezzotint.contract.infotext import VERSION, MadeWith, infotext_pairs, parse_infotext, to_infotext
from mezzotint.contract.infotext.rows import FIXED
from mezzotint.contract.infotext.writing import with_tags
from mezzotint.contract.parts import Hires, Mask, Network, Refiner, SoftInpainting
from mezzotint.contract.requests import GenerationRequest, InitImage

MODEL = MadeWith(model="m")
INIT = InitImage(picture=Path("a.png"), strength=0.7, fit="stretch")


def _request(**fields: object) -> GenerationRequest:
    usual = {
        "prompt": "a cat", "seed": 5, "steps": 20, "sampler": "Euler a", "scheduler": "Automatic", "cfg_scale": 7.0,
        "width": 64, "height": 96,
    }  # fmt: skip
    return GenerationRequest.model_validate({**usual, **fields})


def _line(made_with: MadeWith = MODEL, **fields: object) -> str:
    """The parameters that are not those of every picture."""
    line = to_infotext(_request(**fields), made_with).splitlines()[-1]
    return line.removeprefix(
        "Steps: 20, Sampler: Euler a, Schedule type: Automatic, CFG scale: 7.0, Seed: 5, Size: 64x96, Model: m, "
    ).removesuffix(f", Version: {VERSION}")


def test_the_contracts_example_is_written_to_the_letter():
    request = GenerationRequest(
        prompt="a cat, (blue:1.2)", negative="ugly", sampler="DPM++ 2M", scheduler="Karras", seed=965400086, steps=20,
        cfg_scale=7, width=512, height=768, clip_skip=2, noise_source="GPU", hires=Hires(strength=0.7, scale=2),
    )  # fmt: skip
    files = MadeWith(model="v1-5-pruned-emaonly", model_hash="6ce0161689", loras={"detail": "0123456789ab"})

    assert to_infotext(request, files, version="v1.10.1") == (
        "a cat, (blue:1.2)\nNegative prompt: ugly\n"
        "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.0, Seed: 965400086, Size: 512x768, "
        "Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, Denoising strength: 0.7, Clip skip: 2, "
        'Hires upscale: 2.0, Hires upscaler: Latent, Lora hashes: "detail: 0123456789ab", Version: v1.10.1'
    )


def test_what_does_not_apply_is_left_out():
    assert to_infotext(_request(), MadeWith(model="mezzo", model_hash="0123456789")) == (
        "a cat\nSteps: 20, Sampler: Euler a, Schedule type: Automatic, CFG scale: 7.0, Seed: 5, Size: 64x96, "
        f"Model hash: 0123456789, Model: mezzo, RNG: NV, Version: {VERSION}"
    )


def test_our_version_is_none_that_readers_take_for_an_old_one():
    assert VERSION.startswith("mezzotint-")
    assert to_infotext(_request(), MODEL, version="").endswith(", RNG: NV")


def test_the_user_comes_last():
    assert to_infotext(_request(), MadeWith(model="m", user="ada")).endswith(f", Version: {VERSION}, User: ada")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a, b", '"a, b"'),
        ("a:b", '"a:b"'),
        ("a\nb", '"a\\nb"'),
        ('a, "b"', '"a, \\"b\\""'),
        ('"q"', '"q"'),
        ("é, ü", '"é, ü"'),
        ("plain (text)", "plain (text)"),
        (True, "True"),
        (2.0, "2.0"),
        ("", ""),
    ],
)
def test_values_are_quoted_as_a1111_does(value: object, written: str):
    assert f", RNG: NV, Hires prompt: {written}, Version" in to_infotext(
        _request(), MODEL, extra={"Hires prompt": value}
    )


def test_a_pair_whose_key_is_its_value_is_written_once():
    assert ", Script, Version" in to_infotext(_request(), MODEL, extra={"Script": "Script"})


def test_an_extra_key_that_is_already_there_keeps_its_place():
    text = to_infotext(_request(), MODEL, extra={"Seed": 9, "Face restoration": "GFPGAN", "None": None})

    assert ", Seed: 9, Face restoration: GFPGAN, Size: 64x96" in text and "None" not in text


def test_extra_keys_follow_in_the_order_in_which_they_were_added():
    text = to_infotext(_request(), MODEL, extra={"Zoo": 1, "Ape": 2, "Hypertile U-Net": True})

    assert ", RNG: NV, Zoo: 1, Ape: 2, Hypertile U-Net: True, Version" in text


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"image_cfg_scale": 1.5}, "RNG: NV"),  # before the size: see the next test
        ({"noise_source": "GPU"}, ""),
        ({"noise_source": "CPU"}, "RNG: CPU"),
        ({"subseed": 9}, "RNG: NV"),
        ({"subseed": 9, "subseed_strength": 0.5}, "Variation seed: 9, Variation seed strength: 0.5, RNG: NV"),
        ({"seed_resize": (32, 48)}, "Seed resize from: 32x48, RNG: NV"),
        ({"clip_skip": 2, "ensd": 31337}, "Clip skip: 2, ENSD: 31337, RNG: NV"),
        ({"ensd": 31337, "eta": 0}, "RNG: NV, Eta: 0.0"),
        ({"clip_skip": 2, "clip_l_skip": True}, "Clip skip: 2, RNG: NV, Clip skip SDXL: True"),
        ({"tiling_x": True, "tiling_y": True}, "RNG: NV, Tiling: True"),
        ({"tiling_x": True}, "RNG: NV, Tiling x: True"),
        ({"emphasis": "No norm"}, "RNG: NV"),
        ({"emphasis": "No norm", "negative": "[a]"}, "RNG: NV, Emphasis: No norm"),
        ({"emphasis": "None", "prompt": "a BREAK b"}, "RNG: NV, Emphasis: None"),
        ({"eta": 1.0}, "RNG: NV"),
        ({"eta": 0.5}, "RNG: NV, Eta: 0.5"),
        (
            {"s_churn": 1, "s_tmin": 0.5, "s_tmax": 9, "s_noise": 1.1},
            "RNG: NV, Sigma churn: 1.0, Sigma tmin: 0.5, Sigma tmax: 9.0, Sigma noise: 1.1",
        ),
        (
            {"sigma_min": 0.1, "sigma_max": 10, "rho": 5},
            "RNG: NV, Schedule min sigma: 0.1, Schedule max sigma: 10.0, Schedule rho: 5.0",
        ),
        ({"beta_alpha": 0.5, "beta_beta": 0.7}, "RNG: NV, Beta schedule alpha: 0.5, Beta schedule beta: 0.7"),
        (
            {"discard_penultimate": True, "sgm_noise_multiplier": True, "pad_conds": True},
            "RNG: NV, Discard penultimate sigma: True, SGM noise multiplier: True, Pad conds: True",
        ),
        (
            {"s_min_uncond": 0.3, "s_min_uncond_all": True, "skip_early_cond": 0.2, "zero_terminal_snr": True},
            "RNG: NV, NGMS: 0.3, NGMS all steps: True, Skip Early CFG: 0.2, Noise Schedule: Zero Terminal SNR",
        ),
        (
            {"old_ways": {"prompt_editing": True, "downcast_alphas": True, "pad_conds_v0": True}},
            "RNG: NV, Pad conds v0: True, Downcast alphas_cumprod: True, Old prompt editing timelines: True",
        ),
        ({"unipc": {"order": 2, "variant": "bh2"}}, "RNG: NV, UniPC variant: bh2, UniPC order: 2"),
        ({"cfg_rescale": 0.7}, "RNG: NV, CFG Rescale φ: 0.7"),
        ({"guidance_interval": (0.1, 0.9)}, "RNG: NV, Guidance start: 0.1, Guidance end: 0.9"),
        ({"vae": "None"}, "VAE: None, RNG: NV"),
        (
            {"refiner": Refiner(model="fine [0123456789]", by_steps=True)},
            "RNG: NV, Refiner: fine [0123456789], Refiner switch at: 0.8, Refiner switch by sampling steps: True",
        ),
        ({"init": INIT}, "Denoising strength: 0.7, RNG: NV"),
        (
            {"init": INIT.model_copy(update={"noise_multiplier": 0.9, "extra_noise": 0.1, "fit": "crop"})},
            "Denoising strength: 0.7, RNG: NV, Noise multiplier: 0.9, Extra noise: 0.1, Resize mode: Crop and resize",
        ),
    ],
)  # fmt: skip
def test_fields_are_told_when_they_matter(fields: dict[str, object], line: str):
    assert _line(**fields).removeprefix("Steps").endswith(line)


def test_instructions_scale_stands_beside_the_other():
    assert "CFG scale: 7.0, Image CFG scale: 1.5, Seed" in to_infotext(_request(image_cfg_scale=1.5), MODEL)


def test_ddim_has_an_eta_of_its_own():
    told = {eta: to_infotext(_request(sampler="DDIM", eta=eta), MODEL) for eta in (None, 0.0, 0.5, 1.0)}

    assert "Eta" not in told[None] + told[0.0]
    assert ", Eta DDIM: 0.5, " in told[0.5] and ", Eta DDIM: 1.0, " in told[1.0]
    assert parse_infotext(told[1.0]).to_request().eta == 1.0


@pytest.mark.parametrize(
    ("hires", "line"),
    [
        ({"scale": 1.5}, "Hires upscale: 1.5, Hires upscaler: Latent"),
        ({"width": 1024, "height": 768, "scale": 3}, "Hires resize: 1024x768, Hires upscaler: Latent"),
        ({"height": 768}, "Hires resize: 0x768, Hires upscaler: Latent"),
        (
            {"steps": 9, "upscaler": "ESRGAN_4x", "sampler": "DDIM", "scheduler": "Karras", "prompt": "a, b",
             "negative": "c", "model": "big", "cfg_scale": 5, "extra_noise": 0.1},
            "Extra noise: 0.1, Hires upscale: 2.0, Hires steps: 9, Hires upscaler: ESRGAN_4x, "
            "Hires checkpoint: big [0123456789], Hires sampler: DDIM, Hires schedule type: Karras, "
            'Hires prompt: "a, b", Hires negative prompt: c, Hires CFG Scale: 5.0',
        ),
    ],
)  # fmt: skip
def test_a_second_pass_tells_what_differs_from_the_first(hires: dict[str, object], line: str):
    found = _line(MadeWith(model="m", hires_model="big [0123456789]"), hires=hires)

    assert found == f"Denoising strength: 0.7, RNG: NV, {line}"


@pytest.mark.parametrize(
    ("mask", "line"),
    [
        ({}, "Mask blur: 4"),
        ({"blur_x": 0, "blur_y": 0}, ""),
        ({"blur_x": 3}, "Mask blur x: 3, Mask blur y: 4"),
        (
            {"invert": True, "area": "only masked", "padding": 8, "fill": "latent noise"},
            "Mask mode: Inpaint not masked, Mask blur: 4, Inpaint area: Only masked, Masked area padding: 8, "
            "Masked content: latent noise",
        ),
        ({"fill": "fill", "padding": 8}, "Mask blur: 4, Masked content: fill"),
        (
            {"soft": SoftInpainting(mask_influence=0.25)},
            "Mask blur: 4, Soft inpainting enabled: True, Soft inpainting schedule bias: 1.0, "
            "Soft inpainting preservation strength: 0.5, Soft inpainting transition contrast boost: 4.0, "
            "Soft inpainting mask influence: 0.25, Soft inpainting difference threshold: 0.5, "
            "Soft inpainting difference contrast: 2.0",
        ),
    ],
)
def test_masks_tell_what_is_not_usual(mask: dict[str, object], line: str):
    found = _line(init=INIT, mask=Mask.model_validate({"picture": "mask.png", **mask}))

    assert found == ", ".join(filter(None, ("Denoising strength: 0.7, RNG: NV", line)))


def test_files_are_told_by_name_and_hash():
    files = MadeWith(
        model="m", model_hash="aa", vae="v.pt", vae_hash="bb", refiner="fine [cc]", init_hash="dd", mask_hash="ee",
        loras={"a,b:c": "111", "d": "222"}, embeddings={"e": "333"}, is_inpainting_model=True,
    )  # fmt: skip
    request = _request(init=INIT, mask=Mask(picture=b""), refiner=Refiner(model="fine"), vae="V")

    assert to_infotext(request, files).splitlines()[-1] == (
        "Steps: 20, Sampler: Euler a, Schedule type: Automatic, CFG scale: 7.0, Seed: 5, Size: 64x96, Model hash: aa, "
        "Model: m, VAE hash: bb, VAE: v.pt, Denoising strength: 0.7, Conditional mask weight: 1.0, "
        "Init image hash: dd, RNG: NV, Mask blur: 4, Refiner: fine [cc], Refiner switch at: 0.8, "
        f'Lora hashes: "abc: 111, d: 222", TI hashes: "e: 333", Mask image hash: ee, Version: {VERSION}'
    )


def test_networks_are_told_as_tags_once():
    ink = Network(name="ink", strength=0.8)
    request = _request(prompt="a <lora:ink:0.5> fox", networks=(ink, Network(kind="hypernet", name="old")))

    assert with_tags(request).prompt == "a <lora:ink:0.5> fox <hypernet:old:1>"
    assert with_tags(_request(prompt="", networks=(ink,))).prompt == "<lora:ink:0.8>"
    assert to_infotext(request, MODEL).startswith("a <lora:ink:0.5> fox <hypernet:old:1>\nSteps")


def test_the_pairs_are_told_apart_as_the_api_does():
    request = _request(init=INIT, eta=0.5, clip_skip=2)

    pairs = infotext_pairs(request, MODEL, extra={"Script": "Loopback"})

    assert {key: value for key, value in pairs.items() if key not in FIXED} == {
        "Eta": 0.5, "Script": "Loopback", "Version": VERSION
    }  # fmt: skip
    assert (pairs["Clip skip"], pairs["Denoising strength"]) == (2, 0.7)


def test_how_the_file_is_written_is_not_told():
    assert _line(output={"format": "webp", "quality": 50}) == _line()
