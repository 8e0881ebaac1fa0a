"""Where picture files keep infotext: text chunks, EXIF, comments, NovelAI's JSON, hidden bits, a text file beside."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from mezzotint.imaging.stealth import read_stealth

_ENCODINGS = ((b"UNICODE\0", ""), (b"ASCII\0\0\0", "latin-1"), (b"\0" * 8, "utf-8"))
"""EXIF's names for the encoding of UserComment; of Unicode the order of bytes has to be seen."""

_EXIF_MOST = 65_533 - 256  # bytes of a JPEG segment, without what surrounds the comment


def infotext_in(image: Image.Image) -> str:
    """The infotext of an opened picture, "" if there is none. EXIF comes before a text chunk."""
    info: Mapping[Any, Any] = image.info  # Any: Pillow keeps whatever the format holds
    if told := _user_comment(image):
        return told
    if info.get("parameters"):
        return str(info["parameters"])
    if info.get("Software") == "NovelAI" and (told := _from_novelai(image)):
        return told
    if image.format == "GIF" and info.get("comment"):
        comment = info["comment"]
        return comment.decode("utf-8", errors="replace") if isinstance(comment, bytes) else str(comment)
    return read_stealth(image)


def text_file(path: Path) -> Path:
    """Where the infotext of a picture is kept beside it."""
    return path.with_suffix(".txt")


def exif_of(infotext: str) -> bytes:
    """EXIF data with the infotext as UserComment, in UTF-16 with the high byte first."""
    exif = Image.Exif()
    if infotext:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = b"UNICODE\0" + infotext.encode("utf-16-be")
    return exif.tobytes()


def fits_jpeg(infotext: str) -> bool:
    """Whether a JPEG file has room for it: 64 KiB."""
    return len(infotext.encode("utf-16-be")) <= _EXIF_MOST


def _user_comment(image: Image.Image) -> str:
    comment: object = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment, b"")
    if not isinstance(comment, bytes):
        return str(comment)
    for mark, encoding in _ENCODINGS:
        if comment.startswith(mark):
            text = comment.removeprefix(mark)
            return text.decode(encoding or _order(text), errors="replace").strip("\0 \ufeff")
    return comment.decode("utf-8", errors="replace").strip("\0 ")


def _order(text: bytes) -> str:
    """By which byte of two is more often 0: the high one, which comes first here and last in some programs."""
    return "utf-16-le" if text[1::2].count(0) > text[::2].count(0) else "utf-16-be"


def _from_novelai(image: Image.Image) -> str:
    """NovelAI's JSON in A1111's words, "" if it is damaged."""
    told: Mapping[str, object]
    try:
        told = {} | json.loads(str(image.info.get("Comment", "")))
    except (json.JSONDecodeError, RecursionError, TypeError):
        return ""
    sampler = _NOVELAI_SAMPLERS.get(str(told.get("sampler")), "Euler a")
    return (
        f"{image.info.get('Description', '')}\nNegative prompt: {told.get('uc', '')}\n"
        f"Steps: {told.get('steps')}, Sampler: {sampler}, CFG scale: {told.get('scale')}, Seed: {told.get('seed')}, "
        f"Size: {image.width}x{image.height}, Clip skip: 2, ENSD: 31337"
    )


_NOVELAI_SAMPLERS = {
    "k_euler": "Euler",
    "k_euler_ancestral": "Euler a",
    "k_lms": "LMS",
    "k_heun": "Heun",
    "k_dpm_2": "DPM2",
    "k_dpm_2_ancestral": "DPM2 a",
    "k_dpm_fast": "DPM fast",
    "k_dpmpp_2m": "DPM++ 2M",
    "k_dpmpp_2m_sde": "DPM++ 2M SDE",
    "k_dpmpp_sde": "DPM++ SDE",
    "k_dpmpp_2s_ancestral": "DPM++ 2S a",
    "ddim": "DDIM",
    "plms": "PLMS",
}
