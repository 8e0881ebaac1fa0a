"""The embedded model's recipe: the stages in which a family of small models is trained, and their settings.

autoencoder → latents → denoiser → previews → export, each continuing from what the one before left in the run's folder.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from mezzotint.engine.catalog import SUFFIX
from mezzotint.errors import TrainingError
from mezzotint.families.family import Family, Part
from mezzotint.families.mezzo import MEZZO
from mezzotint.families.recognition import recognise
from mezzotint.nn.autoencoder import Autoencoder
from mezzotint.nn.clip_text import CLIPText, CLIPTextConfig
from mezzotint.nn.layout import channels_last, compiled
from mezzotint.nn.tiny_autoencoder import TinyDecoder
from mezzotint.nn.unet import UNet
from mezzotint.prompt.tokenizer import CLIPTokenizer
from mezzotint.train.data.compose import compose
from mezzotint.train.data.latents import CacheRecipe, LatentCache, build_cache, token_row
from mezzotint.train.data.sprites import SpriteLibrary
from mezzotint.train.drawing import draw
from mezzotint.train.loop import LoopSettings, Report, train
from mezzotint.train.objectives.denoising import Denoising
from mezzotint.train.objectives.quick_look import QuickLook
from mezzotint.train.objectives.reconstruction import Reconstruction, to_pixels
from mezzotint.train.perceptual import VGGFeatures
from mezzotint.train.state import read_average
from mezzotint.weights.safetensors import open_tensors, read_header
from mezzotint.weights.saving import save

SOURCES = {
    "fluent-3d": 3.0,
    "fluent-emoji-flat": 1.0,
    "noto": 1.0,
    "twemoji": 0.7,
    "endless-sky-land": 0.4,
}
"""Each source's share of the draws: the sets that draw the same thousand things, and landscapes to put them in."""

STANDARD_FILE = "autoencoder/standard.safetensors"
START_FILE = "start.safetensors"
WORDS_FILE = "words.safetensors"

SHOWN = (
    "a red apple, 3d emoji",
    "a dog face, 3d emoji",
    "a blue car, flat emoji",
    "grinning face",
    "a pizza on a green background",
    "a photo of a snowy mountain",
    "a purple cat to the left of a banana",
    "a house, emoji",
)
"""Prompts of the strip that shows how far training is."""


@dataclass(frozen=True)
class Tier:
    """A size of the embedded model: its family, and what it learns from."""

    family: Family
    batch_size: int = 64
    learning_rate: float = 1.2e-3
    sources: dict[str, float] = field(default_factory=lambda: SOURCES)


TIERS = {"s": Tier(family=MEZZO)}


@dataclass(frozen=True)
class Run:
    """Where a tier is trained, from what, and how."""

    tier: Tier
    data: Path
    folder: Path
    precision: str = "fp32"
    compiled: bool = False
    device: str = "cpu"
    seed: int = 0
    on_report: Callable[[Report], None] = lambda report: None
    stop_requested: Callable[[], bool] = lambda: False


def train_autoencoder(run: Run, *, steps: int, crop_px: int = 64, batch_size: int = 32) -> None:
    """Stage 1: pixels to latents and back, learned from crops."""
    eye_file = run.folder.parent / "teachers" / "vgg.safetensors"
    if not eye_file.is_file():
        raise TrainingError(f"no perceptual trunk at {eye_file}", hint="run `python -m recipes.mezzo.teachers`")
    torch.manual_seed(run.seed)  # pyright: ignore[reportUnknownMemberType]  # torch leaves it untyped
    config = run.tier.family.autoencoder.config
    autoencoder = channels_last(Autoencoder(config))
    still(autoencoder)
    assert autoencoder.quant_conv.bias is not None
    with torch.no_grad():  # begin almost certain of the latents; unit variance would drown them for a thousand steps
        autoencoder.quant_conv.weight[config.latent_channels :] = 0
        autoencoder.quant_conv.bias[config.latent_channels :] = -6
    eye = channels_last(VGGFeatures(eye_file))
    if run.compiled:
        for part in (autoencoder.encoder, autoencoder.decoder, eye):
            compiled(part)
    objective = Reconstruction(
        autoencoder,
        SpriteLibrary(run.data, run.tier.sources),
        seed=run.seed + 1,
        batch_size=batch_size,
        crop_px=crop_px,
        eye=eye,
    )
    train(
        objective,
        run.folder / "autoencoder",
        LoopSettings(learning_rate=2e-3, warm_up=200, weight_decay=0.0, precision=run.precision),
        steps=steps,
        device=run.device,
        facts={"seed": run.seed, "batch": batch_size, "crop_px": crop_px},
        on_report=run.on_report,
        stop_requested=run.stop_requested,
    )


def build_latents(
    run: Run, *, shards: int, pass_number: int = 0, on_shard: Callable[[int], None] = lambda n: None
) -> None:
    """Stage 2: composed pictures as latents of unit variance. Each pass composes other pictures."""
    weights = run.folder / STANDARD_FILE
    config = run.tier.family.autoencoder.config
    if not weights.is_file():
        autoencoder = channels_last(Autoencoder(config)).eval()
        autoencoder.load_state_dict(read_average(run.folder / "autoencoder", "autoencoder"))
        standardise(autoencoder, _pictures(run, 256))
        save(weights, autoencoder.state_dict())
    recipe = CacheRecipe(
        data=run.data,
        sources=run.tier.sources,
        autoencoder=config,
        weights=weights,
        seed=run.seed + 1000 * (pass_number + 1),
        positions=_text_config(run).positions,
        size_px=run.tier.family.native_px,
    )
    build_cache(recipe, run.folder / "latents" / f"{pass_number:03d}", shards, on_shard=on_shard)


def train_denoiser(run: Run, *, steps: int) -> None:
    """Stage 3: text encoder and U-Net together, on the latents of every pass."""
    family = run.tier.family
    torch.manual_seed(run.seed)  # pyright: ignore[reportUnknownMemberType]  # torch leaves it untyped
    network = channels_last(UNet(family.network.config)).to(run.device)
    text = CLIPText(_text_config(run)).to(run.device)
    still(network)
    still(text)
    _teach_words(text, run.folder.parent / "teachers" / WORDS_FILE)
    if (run.folder / START_FILE).is_file():
        start = open_tensors(run.folder / START_FILE)
        network.load_state_dict(_part_of(start, family.network.prefix))
        text.load_state_dict(_part_of(start, _text_part(run).prefix))
    autoencoder = Autoencoder(family.autoencoder.config)
    autoencoder.load_state_dict(open_tensors(run.folder / STANDARD_FILE))
    if run.compiled:
        compiled(network)
        compiled(text)

    def show() -> Image.Image:
        return draw(family, network, text, autoencoder.to(run.device), SHOWN, seed=1)

    objective = Denoising(
        network,
        text,
        LatentCache(sorted((run.folder / "latents").iterdir())),
        family.noise_process,
        scale=family.latents.scale,
        seed=run.seed + 2,
        batch_size=run.tier.batch_size,
        empty=token_row(CLIPTokenizer(), "", _text_config(run).positions),
        draw_samples=show,
        device=run.device,
    )
    train(
        objective,
        run.folder / "denoiser",
        LoopSettings(
            learning_rate=run.tier.learning_rate,
            warm_up=60,
            weight_decay=0.01,
            decay=0.9995,
            # at the full rate the text encoder's biases run ahead of its words, until all captions look alike
            shares={"text": 0.2, "text.text_model.embeddings.token_embedding": 0.5},
            precision=run.precision,
            sample_every_s=420,
        ),
        steps=steps,
        device=run.device,
        facts={"seed": run.seed, "batch": run.tier.batch_size},
        on_report=run.on_report,
        stop_requested=run.stop_requested,
    )


def train_quick_look(run: Run, *, steps: int, batch_size: int = 8) -> Path:
    """A stage by itself: the tiny decoder that previews are drawn by, learned from the autoencoder. Gives its file."""
    family = run.tier.family
    part = family.tiny_autoencoder
    if part is None:
        raise TrainingError(f"{family.title} has no tiny autoencoder in its table")
    torch.manual_seed(run.seed)  # pyright: ignore[reportUnknownMemberType]  # torch leaves it untyped
    decoder = channels_last(TinyDecoder(part.config))
    autoencoder = channels_last(Autoencoder(family.autoencoder.config))
    autoencoder.load_state_dict(open_tensors(run.folder / STANDARD_FILE))
    objective = QuickLook(
        decoder,
        autoencoder,
        LatentCache(sorted((run.folder / "latents").iterdir())).latents,
        family.latents,
        seed=run.seed + 3,
        batch_size=batch_size,
    )
    train(
        objective,
        run.folder / "previews",
        LoopSettings(learning_rate=3e-3, warm_up=50, weight_decay=0.0, decay=0.995, precision=run.precision),
        steps=steps,
        device=run.device,
        facts={"seed": run.seed, "batch": batch_size},
        on_report=run.on_report,
        stop_requested=run.stop_requested,
    )
    out = run.folder / f"{part.name}_decoder{SUFFIX}"
    weights = {name: tensor.half() for name, tensor in read_average(run.folder / "previews", "decoder").items()}
    save(out, weights, metadata={"format": "pt", "modelspec.license": "Apache-2.0"})
    return out


def adopt(run: Run, file: Path) -> None:
    """Begin where a finished model stands: the later stages take its autoencoder, and its weights to start from.

    Raises UnrecognisedModel if ``file`` is not of the tier's family, TrainingError if the run has already begun.
    """
    if run.folder.exists():
        raise TrainingError(f"{run.folder} has a run already", hint="name another --run folder to start from a model")
    recognise(read_header(file), [run.tier.family])
    tensors = {name: tensor.float() for name, tensor in open_tensors(file).items()}
    save(run.folder / STANDARD_FILE, _part_of(tensors, run.tier.family.autoencoder.prefix))
    save(run.folder / START_FILE, tensors)


def export(run: Run, out: Path) -> Path:
    """Stage 4: the averaged weights of all parts as one float16 file in Stable Diffusion's single-file layout."""
    family = run.tier.family
    encoder = _text_part(run)
    parts = {
        family.network.prefix: read_average(run.folder / "denoiser", "network"),
        encoder.prefix: read_average(run.folder / "denoiser", "text"),
        family.autoencoder.prefix: open_tensors(run.folder / STANDARD_FILE),
    }
    tensors = {prefix + name: tensor.half() for prefix, part in parts.items() for name, tensor in part.items()}
    save(out, tensors, metadata={"format": "pt", "modelspec.title": family.title, "modelspec.license": "Apache-2.0"})
    return out


@torch.no_grad()
def standardise(autoencoder: Autoencoder, pictures: Sequence[Tensor]) -> None:
    """Rewrite the two 1×1 convolutions around the latents so that each channel has mean 0 and variance 1.

    That is on ``pictures``, batches of pixels. Encoding then decoding gives the same picture as before.
    """
    latents = torch.cat([autoencoder.encode(batch).mode() for batch in pictures])
    mean, spread = latents.mean(dim=(0, 2, 3)), latents.std(dim=(0, 2, 3))
    inward, outward = autoencoder.quant_conv, autoencoder.post_quant_conv
    assert inward.bias is not None
    assert outward.bias is not None
    channels = len(mean)
    inward.weight[:channels] /= spread[:, None, None, None]
    inward.bias[:channels] = (inward.bias[:channels] - mean) / spread
    inward.bias[channels:] -= 2 * spread.log()
    outward.bias += (outward.weight[:, :, 0, 0] * mean).sum(1)
    outward.weight *= spread[None, :, None, None]


def still(network: nn.Module) -> None:
    """Start residual branches at zero, so that a deep network begins as a shallow one (Zhang et al. 2019, Fixup)."""
    # torch leaves named_modules untyped
    modules = cast(Iterable[tuple[str, nn.Module]], network.named_modules())  # pyright: ignore[reportUnknownMemberType]
    for name, part in modules:
        last_of_branch = name.endswith(("conv2", "out_layers.3", "proj_out", "to_out.0", "net.2", "out_proj", "fc2"))
        if last_of_branch and isinstance(part, nn.Conv2d | nn.Linear):
            nn.init.zeros_(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


def _teach_words(text: CLIPText, file: Path) -> None:
    """Begin with words of the size that counts: CLIP's own 0.02 drowns in what the layers add, and all come out alike.

    With `words.safetensors` of the teachers, words of like meaning begin alike; without it, each by lot.
    """
    words, places = text.text_model.embeddings.token_embedding, text.text_model.embeddings.position_embedding
    nn.init.normal_(words.weight, std=0.5)
    nn.init.normal_(places.weight, std=0.1)
    if file.is_file():
        with torch.no_grad():
            words.weight.copy_(open_tensors(file)["words"])


def _text_config(run: Run) -> CLIPTextConfig:
    return _text_part(run).config


def _text_part(run: Run) -> Part[CLIPTextConfig]:
    (encoder,) = run.tier.family.text_encoders.values()
    return encoder


def _part_of(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _pictures(run: Run, count: int) -> list[Tensor]:
    library = SpriteLibrary(run.data, run.tier.sources)
    pictures = [
        to_pixels(np.asarray(compose(library, np.random.default_rng((run.seed, 77, i))).picture)) for i in range(count)
    ]
    return [torch.stack(pictures[i : i + 16]) for i in range(0, count, 16)]
