"""Requests as they are when a picture has been made: without blanks, and with nothing in them that has no effect."""

import string
from pathlib import Path

from hypothesis import strategies as st

from mezzotint.contract.infotext import MadeWith
from mezzotint.contract.parts import Hires, Mask, Network, OldWays, Refiner, SoftInpainting, UniPC
from mezzotint.contract.requests import GenerationRequest, InitImage

_CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"))
_HEX = "0123456789abcdef"


def _is_plain(text: str) -> bool:
    """Not one of the texts that A1111's own writing loses: in quotes, or equal to a key."""
    return not (text[:1] == text[-1:] == '"' or (text and text[0].isupper()))


lines = st.text(_CHARACTERS, max_size=30).map(str.strip)
prompts = st.lists(lines, max_size=3).map("\n".join).map(str.strip).filter(lambda text: "Negative prompt:" not in text)
names = st.text(string.ascii_lowercase + string.digits + " .-_éß,:x", min_size=1, max_size=20).map(str.strip)
names = names.filter(bool)
hires_prompts = prompts.filter(_is_plain)
shares = st.floats(0, 1)
sides = st.integers(2, 512).map(lambda cells: cells * 8)
maybe = st.none() | shares
hashes = st.text(_HEX, min_size=10, max_size=10)
tags = st.builds(
    Network,
    kind=st.sampled_from(["lora", "hypernet"]),
    name=st.text(string.ascii_lowercase, min_size=1, max_size=6),
    strength=st.floats(-10, 10),
    network_strength=st.none() | st.floats(-10, 10),
    rank=st.none() | st.integers(1, 128),
)

refiners = st.builds(
    Refiner, model=names, switch_at=shares, by_steps=st.booleans(),
    hires_pass=st.sampled_from(["first pass", "second pass", "both passes"]),
)  # fmt: skip

hires = st.builds(
    Hires, scale=st.floats(1, 8), upscaler=names, steps=st.integers(0, 150), strength=shares, extra_noise=shares,
    sampler=st.none() | names, scheduler=st.none() | names, prompt=hires_prompts, negative=hires_prompts,
    model=st.just("") | names, cfg_scale=st.none() | st.floats(0, 100),
) | st.builds(Hires, width=st.none() | st.integers(16, 9999), height=st.integers(16, 9999), upscaler=names)  # fmt: skip

inits = st.builds(
    InitImage, picture=st.just(Path("init.png")), strength=shares,
    fit=st.sampled_from(["stretch", "crop", "fill", "latent"]), upscaler=st.just("") | names,
    fix_steps=st.booleans(), noise_multiplier=st.floats(0, 2), extra_noise=shares, color_correction=st.booleans(),
    background=st.text(_HEX, min_size=6, max_size=6).map("#{}".format),
)  # fmt: skip

softs = st.builds(
    SoftInpainting, schedule_bias=st.floats(0, 8), preservation_strength=st.floats(0, 8),
    transition_contrast_boost=st.floats(1, 32), mask_influence=shares, difference_threshold=st.floats(0, 8),
    difference_contrast=st.floats(0, 8),
)  # fmt: skip

_mask_fields = {
    "picture": st.just(Path("mask.png")), "blur_x": st.sampled_from([0, 4, 9]), "blur_y": st.sampled_from([0, 4]),
    "invert": st.booleans(), "fill": st.sampled_from(["fill", "original", "latent noise", "latent nothing"]),
    "is_rounded": st.booleans(), "overlay": st.booleans(), "soft": st.none() | softs,
}  # fmt: skip
masks = st.builds(Mask, **_mask_fields) | st.builds(
    Mask, **_mask_fields, area=st.just("only masked"), padding=st.integers(0, 256)
)

unipcs = st.builds(
    UniPC, variant=st.sampled_from(["bh1", "bh2", "vary_coeff"]), order=st.integers(1, 6),
    skip_type=st.sampled_from(["time_uniform", "time_quadratic", "logSNR"]), lower_order_final=st.booleans(),
)  # fmt: skip
old_ways = st.builds(OldWays, **{name: st.booleans() for name in OldWays.model_fields})


@st.composite
def requests(draw: st.DrawFn) -> GenerationRequest:
    """Any request of one picture, every field of it."""
    fields = dict[str, object]()
    varied = draw(st.booleans())
    if varied:
        fields |= {"subseed": draw(st.integers(0, 2**63 - 1)), "subseed_strength": draw(st.floats(0.001, 1))}
    eta = draw(maybe.filter(lambda share: share != 1.0))
    if eta:
        fields |= {"eta": eta, "ensd": draw(st.integers(0, 2**32 - 1))}
    match draw(st.sampled_from(["words", "init", "mask", "hires"])):
        case "init":
            fields["init"] = draw(inits)
        case "mask":
            fields |= {"init": draw(inits), "mask": draw(masks)}
        case "hires":
            fields["hires"] = draw(hires)
        case _:
            pass
    prompt = draw(prompts)
    if "(" in prompt:
        fields["emphasis"] = draw(st.sampled_from(["Original", "No norm", "Ignore", "None"]))
    start, end = sorted((draw(shares), draw(shares)))
    return GenerationRequest(
        prompt=prompt, negative=draw(prompts), clip_skip=draw(st.integers(1, 12)), clip_l_skip=draw(st.booleans()),
        model=draw(names), comma_backtrack=draw(st.integers(0, 74)), vae=draw(st.just("") | names),
        width=draw(sides), height=draw(sides), tiling_x=draw(st.booleans()), tiling_y=draw(st.booleans()),
        seed=draw(st.integers(0, 2**63 - 1)),
        seed_resize=draw(st.none() | st.tuples(st.integers(8, 9999), st.integers(8, 9999))),
        noise_source=draw(st.sampled_from(["NV", "CPU", "GPU"])), steps=draw(st.integers(1, 150)),
        sampler=draw(names | st.just("DDIM")),
        scheduler=draw(names), s_churn=draw(st.floats(0, 100)), s_tmin=draw(st.floats(0, 10)),
        s_tmax=draw(st.none() | st.floats(0.1, 999)), s_noise=draw(st.floats(0, 2)),
        sigma_min=draw(st.none() | st.floats(0.001, 2)), sigma_max=draw(st.none() | st.floats(1, 60)),
        rho=draw(st.none() | st.floats(0.1, 10)), beta_alpha=draw(st.floats(0.1, 2)),
        beta_beta=draw(st.floats(0.1, 2)), unipc=draw(unipcs), discard_penultimate=draw(st.booleans()),
        sgm_noise_multiplier=draw(st.booleans()), zero_terminal_snr=draw(st.booleans()),
        quantize_timesteps=draw(st.booleans()), cfg_scale=draw(st.floats(0, 100)), cfg_rescale=draw(shares),
        guidance_interval=(start, end), image_cfg_scale=draw(st.none() | st.floats(0, 100)),
        skip_early_cond=draw(shares), s_min_uncond=draw(st.floats(0, 15)), s_min_uncond_all=draw(st.booleans()),
        pad_conds=draw(st.booleans()), conditional_mask_weight=draw(shares), refiner=draw(st.none() | refiners),
        old_ways=draw(old_ways), **fields,
    )  # fmt: skip


@st.composite
def files(draw: st.DrawFn, request: GenerationRequest) -> MadeWith:
    """What a request may have been made with."""
    return MadeWith(
        model=request.model,
        model_hash=draw(st.just("") | hashes),
        vae=request.vae,
        vae_hash=draw(st.just("") | hashes),
        refiner=request.refiner.model if request.refiner else "",
        hires_model=request.hires.model if request.hires else "",
        init_hash=draw(hashes) if request.init else "",
        mask_hash=draw(hashes) if request.mask else "",
        loras=draw(st.dictionaries(st.text(string.ascii_letters, min_size=1), hashes, max_size=2)),
        embeddings=draw(st.dictionaries(st.text(string.ascii_letters, min_size=1), hashes, max_size=2)),
        is_inpainting_model=True,
        user=draw(st.just("") | st.text(string.ascii_lowercase, min_size=1)),
    )
