"""Patterns for names of files and folders: ``[date]/[model_name]``, ``[seed]-[prompt_words]``."""

import hashlib
import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image

from mezzotint.contract.requests import GenerationRequest
from mezzotint.imaging.naming import sanitised, subfolder

_BRACKET = re.compile(r"\[([^\[\]<>]*)((?:<[^<>]*>)*)\]")
_ARGUMENT = re.compile(r"<([^<>]*)>")
_BETWEEN_WORDS = re.compile(rf"[\s{re.escape(string.punctuation)}]+")
_MOST_WORDS = 8
_HASH_LENGTH = 8
_TIME = "%Y%m%d%H%M%S"


@dataclass(frozen=True)
class Named:
    """What patterns tell of one picture. None has no value: it vanishes with the text before it."""

    request: GenerationRequest
    when: datetime
    job: datetime | None = None
    """When its job began; None is ``when``."""
    image: Image.Image | None = None
    model_name: str = ""
    model_hash: str = ""
    vae_filename: str = ""
    prompt_no_styles: str | None = None
    styles: tuple[str, ...] = ()
    user: str | None = None
    basename: str = ""
    first_seed: int | None = None
    last_seed: int | None = None
    index: int = 0
    """Which picture of its batch it is, from 0."""
    batch: int = 0
    """Which batch of its job, from 0."""
    batch_size: int = 1
    batches: int = 1
    most_words: int = _MOST_WORDS


def file_name(pattern: str, named: Named, *, in_subfolder: bool = True, for_unix: bool = False) -> str:
    """The part of a file's name after its number, clean. An empty pattern is the usual one for where it is saved."""
    usual = "[seed]" if in_subfolder else "[seed]-[prompt_spaces]"
    return sanitised(filled(pattern or usual, named, for_unix=for_unix), longest=1000, for_unix=for_unix)


def folder_name(pattern: str, named: Named, *, for_unix: bool = False) -> Path:
    """The folder below an output folder; an empty pattern is that folder itself."""
    return subfolder(filled(pattern, named, for_unix=for_unix), for_unix=for_unix)


def filled(pattern: str, named: Named, *, for_unix: bool = False) -> str:
    """The pattern with its brackets replaced by what they stand for; unknown ones stay."""
    text, end = "", 0
    for bracket in _BRACKET.finditer(pattern):
        before, end = pattern[end : bracket.start()], bracket.end()
        code = CODES.get(bracket[1].lower())
        if code is None:
            text += before + bracket[0]
            continue
        value = code(named, _ARGUMENT.findall(bracket[2]))
        if value is not None:
            told = value.text.replace(" ", "_") if value.is_without_spaces else value.text
            text += before + sanitised(told, for_unix=for_unix)
    return text + pattern[end:]


@dataclass(frozen=True)
class _Value:
    text: str
    is_without_spaces: bool = False


Code = Callable[[Named, list[str]], _Value | None]


def _told(value: Callable[[Named], object]) -> Code:
    """A code without arguments; None has no value."""

    def code(named: Named, _arguments: list[str]) -> _Value | None:
        found = value(named)
        return None if found is None else _Value(str(found))

    return code


def _hashed(text: Callable[[Named], str]) -> Code:
    def code(named: Named, arguments: list[str]) -> _Value:
        digest = hashlib.sha256(text(named).encode()).hexdigest()
        return _Value(digest[: _length(arguments, _HASH_LENGTH)])

    return code


def _image_hash(named: Named, arguments: list[str]) -> _Value | None:
    if named.image is None:
        return None
    digest = hashlib.sha256(named.image.tobytes()).hexdigest()
    return _Value(digest[: _length(arguments, len(digest))])


def _length(arguments: list[str], usual: int) -> int:
    return int(arguments[0]) if arguments and re.fullmatch(r"\d{1,4}", arguments[0]) else usual


def _time(named: Named, arguments: list[str]) -> _Value:
    """In the local time of ``when``, or in the zone of the second argument if there is such a zone."""
    form, zone = [*arguments, "", ""][:2]
    when = named.when
    if zone:
        try:
            when = when.astimezone(ZoneInfo(zone))
        except (KeyError, ValueError, OSError):  # no such zone, or no table of zones
            when = named.when
    try:
        return _Value(when.strftime(form or _TIME))
    except ValueError:  # a letter that this platform does not know
        return _Value(when.strftime(_TIME))


def _words(named: Named, _arguments: list[str]) -> _Value:
    words = [word for word in _BETWEEN_WORDS.split(named.request.prompt) if word]
    return _Value(" ".join((words or ["empty"])[: named.most_words]))


def _has_prompt(named: Named, arguments: list[str]) -> _Value:
    """Of every ``word|other``, the word if it is in the prompt, else the other."""
    prompt, found = named.request.prompt.lower(), ""
    for argument in arguments:
        word, _, other = argument.partition("|")
        found += word.lower() if word.lower() in prompt else other
    return _Value(found)


def _denoising(named: Named) -> float | None:
    started = named.request.init or named.request.hires
    return started.strength if started else None


def _prompt(named: Named, _arguments: list[str]) -> _Value:
    return _Value(named.request.prompt, is_without_spaces=True)


def _scheduler(named: Named) -> str:
    return (named.request.scheduler or "Automatic").capitalize()


CODES: Mapping[str, Code] = {
    "seed": _told(lambda named: named.request.seed),
    "seed_first": _told(lambda named: named.request.seed if named.first_seed is None else named.first_seed),
    "seed_last": _told(lambda named: named.last_seed if named.batch_size > 1 else None),
    "steps": _told(lambda named: named.request.steps),
    "cfg": _told(lambda named: named.request.cfg_scale),
    "width": _told(lambda named: named.request.width),
    "height": _told(lambda named: named.request.height),
    "clip_skip": _told(lambda named: named.request.clip_skip),
    "denoising": _told(_denoising),
    "sampler": _told(lambda named: named.request.sampler),
    "scheduler": _told(_scheduler),
    "sampler_scheduler": _told(lambda named: f"{named.request.sampler} {_scheduler(named)}"),
    "model_hash": _told(lambda named: named.model_hash),
    "model_name": _told(lambda named: named.model_name),
    "vae_filename": _told(lambda named: named.vae_filename or "NoneType"),
    "date": _told(lambda named: named.when.date().isoformat()),
    "datetime": _time,
    "job_timestamp": _told(lambda named: (named.job or named.when).strftime(_TIME)),
    "prompt": _prompt,
    "prompt_spaces": _told(lambda named: named.request.prompt),
    "prompt_no_styles": _told(
        lambda named: named.request.prompt if named.prompt_no_styles is None else named.prompt_no_styles
    ),
    "prompt_words": _words,
    "prompt_hash": _hashed(lambda named: named.request.prompt),
    "negative_prompt_hash": _hashed(lambda named: named.request.negative),
    "full_prompt_hash": _hashed(lambda named: f"{named.request.prompt} {named.request.negative}"),
    "styles": _told(lambda named: ", ".join(named.styles) or "None"),
    "user": _told(lambda named: named.user),
    "basename": _told(lambda named: named.basename or "img"),
    "none": _told(lambda _named: ""),
    "batch_number": _told(lambda named: named.index + 1 if named.batch_size > 1 else None),
    "batch_size": _told(lambda named: named.batch_size),
    "generation_number": _told(
        lambda named: (
            named.batch * named.batch_size + named.index + 1 if named.batches > 1 or named.batch_size > 1 else None
        )
    ),
    "hasprompt": _has_prompt,
    "image_hash": _image_hash,
}
"""What may stand in brackets, in any letter case."""
