"""Where files lie, by kind: folders of results below the home folder, and folders of models below ``models/``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OUTPUTS: Mapping[str, str] = {
    "txt2img": "outputs/txt2img-images",
    "img2img": "outputs/img2img-images",
    "extras": "outputs/extras-images",
    "txt2img-grid": "outputs/txt2img-grids",
    "img2img-grid": "outputs/img2img-grids",
    "init": "outputs/init-images",
    "saved": "log/images",
}
"""Results by kind; ``init`` keeps start pictures and masks under their hashes, ``saved`` those picked by hand."""

KEPT: Mapping[str, str] = {
    "settings": "config.json",
    "defaults": "ui-config.json",
    "styles": "styles.csv",
    "last": "params.txt",
    "cache": "cache",
    "embeddings": "embeddings",
    "extensions": "extensions",
    "states": "config_states",
    "interrogate": "interrogate",
}
"""What else lies in the home folder; ``last`` holds the infotext of the last job."""


@dataclass(frozen=True)
class ModelFolder:
    """A folder below ``models/``, the endings of its files, and the flag that names another one."""

    name: str
    suffixes: tuple[str, ...] = (".safetensors",)
    flag: str = ""


_ANY = (".safetensors", ".ckpt", ".pt")
_UPSCALER = (".pth", ".pt", ".safetensors")

MODELS: Mapping[str, tuple[ModelFolder, ...]] = {
    "checkpoint": (ModelFolder("Stable-diffusion", (".safetensors", ".ckpt"), "--ckpt-dir"),),
    "vae": (ModelFolder("VAE", _ANY, "--vae-dir"),),
    "lora": (ModelFolder("Lora", _ANY, "--lora-dir"), ModelFolder("LyCORIS", _ANY, "--lyco-dir-backcompat")),
    "hypernetwork": (ModelFolder("hypernetworks", (".pt",), "--hypernetwork-dir"),),
    "embedding": (
        ModelFolder(
            "../embeddings", (".pt", ".bin", ".safetensors", ".png", ".webp", ".jxl", ".avif"), "--embeddings-dir"
        ),
    ),
    "controlnet": (ModelFolder("ControlNet", (".pt", ".pth", ".ckpt", ".safetensors", ".bin"), "--controlnet-dir"),),
    "upscaler": (
        ModelFolder("ESRGAN", _UPSCALER, "--esrgan-models-path"),
        ModelFolder("RealESRGAN", _UPSCALER, "--realesrgan-models-path"),
        ModelFolder("SwinIR", _UPSCALER, "--swinir-models-path"),
        *(ModelFolder(name, _UPSCALER) for name in ("ScuNET", "LDSR", "DAT", "HAT", "BSRGAN")),
    ),
    "face-restorer": (
        ModelFolder("Codeformer", (".pth",), "--codeformer-models-path"),
        ModelFolder("GFPGAN", (".pth",), "--gfpgan-models-path"),
    ),
    "preview-decoder": (ModelFolder("VAE-approx", (".pt", ".safetensors")), ModelFolder("VAE-taesd", (".pth",))),
    "interrogator": (ModelFolder("BLIP", (".pth",)), ModelFolder("torch_deepdanbooru", (".pt",))),
    "depth": (ModelFolder("midas", (".pt",)),),
    "image-embedding": (ModelFolder("karlo", (".th",)),),
}
"""Folders of models by kind, the one new files go to first."""

VAE_BESIDE_CHECKPOINT = (".vae.pt", ".vae.ckpt", ".vae.safetensors")
"""Endings after a checkpoint's stem of an autoencoder that lies beside it; no checkpoint is named like this."""
