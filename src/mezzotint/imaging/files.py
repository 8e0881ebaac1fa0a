"""Picture files: reading, and writing with infotext so that a file is either whole or not there."""

import hashlib
import io
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError, features
from PIL.PngImagePlugin import PngInfo

from mezzotint.errors import DamagedFile, RequestError, ResourceError, require
from mezzotint.imaging.colour import on_background
from mezzotint.imaging.embedded import exif_of, fits_jpeg, infotext_in, text_file

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".avif")
"""What can be written."""

QUALITY = 80
_MOST_PX = {".jpg": 65_535, ".jpeg": 65_535, ".webp": 16_383, ".avif": 65_535}
_CODECS = {".jpg": "jpg", ".jpeg": "jpg", ".webp": "webp", ".avif": "avif"}
_COPY_FROM_BYTES = 4 * 2**20
_COPY_SIDE_PX = 4000
_AVIF_SPEED = 6  # libavif's own middle between seconds and bytes


def read_picture(source: Path | bytes, *, background: str = "#ffffff") -> Image.Image:
    """The picture as 8-bit RGB, upright, transparent parts on ``background``. Raises RequestError or DamagedFile."""
    return on_background(read_upright(source), background)


def read_upright(source: Path | bytes) -> Image.Image:
    """The picture upright, with alpha if it has any. Raises RequestError or DamagedFile."""
    return ImageOps.exif_transpose(_open(source))


def read_infotext(source: Path | bytes) -> str:
    """The infotext in a picture file, or in the text file beside it; "" if there is none.

    A path that ends in ``.txt`` is read as such a text file. Raises RequestError or DamagedFile.
    """
    if isinstance(source, bytes):
        return infotext_in(_open(source))
    if source.suffix.lower() == ".txt":
        return _read_text(source)
    beside = text_file(source)
    return infotext_in(_open(source)) or (_read_text(beside) if beside.is_file() else "")


def write_picture(
    path: Path,
    image: Image.Image,
    infotext: str = "",
    *,
    quality: int = QUALITY,
    lossless: bool = False,
    text_beside: bool = False,
) -> Path:
    """Write a picture file by the name's ending, folders included, and tell its path.

    An existing file is replaced at once and whole. A picture too large for its format becomes a PNG. Infotext goes into
    a text file beside it too if ``text_beside``, or if it is too long for the format. Raises RequestError for another
    ending or a format that this installation lacks, ResourceError if the disk refuses.
    """
    suffix = path.suffix.lower()
    require(
        suffix in SUFFIXES,
        f"cannot write pictures as {path.suffix or 'a file without ending'!r}: {path}",
        hint=f"end the name in {', '.join(SUFFIXES)}",
    )
    if max(image.size) > _MOST_PX.get(suffix, max(image.size)):
        path, suffix = path.with_suffix(".png"), ".png"
    _write(path, encode(image, suffix, infotext, quality=quality, lossless=lossless))
    if infotext and (text_beside or not _has_room(suffix, infotext)):
        _write(text_file(path), f"{infotext}\n".encode())
    return path


def write_small_copy(
    path: Path,
    image: Image.Image,
    infotext: str = "",
    *,
    from_bytes: int = _COPY_FROM_BYTES,
    side_px: int = _COPY_SIDE_PX,
    quality: int = QUALITY,
) -> Path | None:
    """For a written picture with more bytes or a longer side than this: a JPEG beside it with sides of at most that.

    Tells the copy's path, None if none was needed.
    """
    is_large = max(image.size) > side_px
    if not is_large and path.stat().st_size <= from_bytes:
        return None
    scale = min(side_px / max(image.size), 1)
    size = round(image.width * scale), round(image.height * scale)
    small = image.resize(size, Image.Resampling.LANCZOS) if is_large else image
    copy = path.with_suffix(".jpg") if path.suffix != ".jpg" else path.with_name(f"{path.stem}-small.jpg")
    return write_picture(copy, small, infotext, quality=quality)


def require_format(suffix: str) -> None:
    """Raise RequestError for an ending of `SUFFIXES` whose format this installation cannot write."""
    codec = _CODECS.get(suffix.lower())
    name = suffix.removeprefix(".").upper()
    require(
        codec is None or bool(features.check(codec)),
        f"this installation cannot write {name}",
        hint="write PNG instead, or install a Pillow that can",
    )


def encode(
    image: Image.Image,
    suffix: str = ".png",
    infotext: str = "",
    *,
    quality: int = QUALITY,
    lossless: bool = False,
    chunks: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of a picture file: PNG with a ``parameters`` chunk, others with infotext as EXIF UserComment.

    ``quality`` (1..100) is that of all but PNG, ``lossless`` is WebP's; ``chunks`` are further text chunks of a PNG.
    Infotext that a JPEG has no room for is left out. Raises RequestError for a format that this installation lacks.
    """
    require_format(suffix)
    buffer = io.BytesIO()
    if suffix == ".png":
        info = PngInfo()
        for key, text in {**({"parameters": infotext} if infotext else {}), **(chunks or {})}.items():
            info.add_text(key, text)
        image.save(buffer, "PNG", pnginfo=info)
    elif suffix == ".webp":
        image.save(buffer, "WEBP", quality=quality, lossless=lossless, exif=exif_of(infotext))
    elif suffix == ".avif":
        image.save(buffer, "AVIF", quality=quality, speed=_AVIF_SPEED, exif=exif_of(infotext))
    else:
        told = infotext if fits_jpeg(infotext) else ""
        image.convert("RGB").save(buffer, "JPEG", quality=quality, exif=exif_of(told))
    return buffer.getvalue()


def pixel_hash(image: Image.Image) -> str:
    """The md5 of the pixels' bytes: what infotext calls ``Init image hash``."""
    return hashlib.md5(image.tobytes(), usedforsecurity=False).hexdigest()


def _has_room(suffix: str, infotext: str) -> bool:
    return suffix not in (".jpg", ".jpeg") or fits_jpeg(infotext)


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{secrets.token_hex(8)}.tmp")
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


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}", hint="check the path") from error


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
