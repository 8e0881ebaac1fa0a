"""Picture files: reading, and writing with infotext so that a file is either whole or not there."""

import hashlib
import io
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from mezzotint.errors import DamagedFile, RequestError, ResourceError, require
from mezzotint.imaging.stealth import read_stealth

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
"""What can be written."""

_UNICODE = b"UNICODE\0"  # EXIF's name for the encoding of UserComment
_QUALITY = 92
_EMBED_AT_MOST = 60_000  # bytes: a JPEG segment ends at 64 KiB


def read_picture(source: Path | bytes, *, background: str = "#ffffff") -> Image.Image:
    """The picture as 8-bit RGB, upright, transparent parts on ``background``. Raises RequestError or DamagedFile."""
    image = ImageOps.exif_transpose(_open(source))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, background), image)
    return image.convert("RGB")


def read_infotext(source: Path | bytes) -> str:
    """The infotext in a picture file, "" if there is none: text chunk, EXIF, GIF comment, NovelAI, hidden in pixels."""
    image = _open(source)
    info: dict[Any, Any] = image.info  # Any: Pillow keeps whatever the format holds
    comment = _user_comment(image)
    if comment:
        return comment
    if info.get("parameters"):
        return str(info["parameters"])
    if info.get("Software") == "NovelAI" and "Comment" in info:
        return _from_novelai(str(info.get("Description", "")), str(info["Comment"]))
    if image.format == "GIF" and info.get("comment"):
        comment = info["comment"]
        return comment.decode("utf-8", errors="replace") if isinstance(comment, bytes) else str(comment)
    return read_stealth(image)


def write_picture(path: Path, image: Image.Image, infotext: str = "") -> None:
    """Write a PNG, JPEG or WebP by the name's ending, folders included; an existing file is replaced at once and whole.

    Raises RequestError for another ending, ResourceError if the disk refuses.
    """
    require(
        path.suffix.lower() in SUFFIXES,
        f"cannot write pictures as {path.suffix or 'a file without ending'!r}: {path}",
        hint=f"end the name in {', '.join(SUFFIXES)}",
    )
    data = encode(image, path.suffix.lower(), infotext)
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise ResourceError(
            f"cannot write {path}: {error.strerror}", hint="choose another place with --output"
        ) from error


def encode(image: Image.Image, suffix: str = ".png", infotext: str = "") -> bytes:
    """The bytes of a picture file: PNG with a ``parameters`` chunk, others with infotext as EXIF UserComment."""
    buffer = io.BytesIO()
    if suffix == ".png":
        chunks = PngInfo()
        if infotext:
            chunks.add_text("parameters", infotext)
        image.save(buffer, "PNG", pnginfo=chunks)
    elif suffix == ".webp":
        image.save(buffer, "WEBP", quality=_QUALITY, exif=_exif(infotext))
    else:
        image.convert("RGB").save(buffer, "JPEG", quality=_QUALITY, exif=_exif(infotext[: _EMBED_AT_MOST // 2]))
    return buffer.getvalue()


def pixel_hash(image: Image.Image) -> str:
    """The md5 of the pixels' bytes: what infotext calls ``Init image hash``."""
    return hashlib.md5(image.tobytes(), usedforsecurity=False).hexdigest()


def _open(source: Path | bytes) -> Image.Image:
    name = "the picture" if isinstance(source, bytes) else str(source)
    try:  # the whole file at once, so that none stays open
        image = Image.open(io.BytesIO(source if isinstance(source, bytes) else source.read_bytes()))
        image.load()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise RequestError(f"no picture at {name}", hint="check the path") from error
    except UnidentifiedImageError as error:
        raise DamagedFile(f"{name} is not a picture", hint="give a PNG, JPEG, WebP or GIF file") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:  # Pillow's ways to say damaged
        raise DamagedFile(f"cannot read {name}: {error}", hint="the file may be cut short") from error
    return image


def _exif(infotext: str) -> bytes:
    exif = Image.Exif()
    if infotext:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = _UNICODE + infotext.encode("utf-16-be")
    return exif.tobytes()


def _user_comment(image: Image.Image) -> str:
    comment = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment, b"")
    if not isinstance(comment, bytes):
        return str(comment)
    encoding = "utf-16-be" if comment.startswith(_UNICODE) else "utf-8"
    return comment[len(_UNICODE) :].decode(encoding, errors="replace").strip("\0 ")


def _from_novelai(prompt: str, comment: str) -> str:
    """NovelAI's JSON in A1111's words."""
    try:
        told = json.loads(comment)
    except json.JSONDecodeError:
        return ""
    sampler = _NOVELAI_SAMPLERS.get(str(told.get("sampler")), "Euler a")
    return (
        f"{prompt}\nNegative prompt: {told.get('uc', '')}\nSteps: {told.get('steps')}, Sampler: {sampler}, "
        f"CFG scale: {told.get('scale')}, Seed: {told.get('seed')}, Size: {told.get('width')}x{told.get('height')}, "
        "Clip skip: 2, ENSD: 31337"
    )


_NOVELAI_SAMPLERS = {
    "k_euler": "Euler",
    "k_euler_ancestral": "Euler a",
    "k_lms": "LMS",
    "k_heun": "Heun",
    "k_dpm_2": "DPM2",
    "k_dpm_2_ancestral": "DPM2 a",
    "k_dpmpp_2m": "DPM++ 2M",
    "k_dpmpp_sde": "DPM++ SDE",
    "k_dpmpp_2s_ancestral": "DPM++ 2S a",
    "ddim": "DDIM",
    "plms": "PLMS",
}
