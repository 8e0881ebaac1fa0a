"""Labels and tags: tidied to plain lower-case English, and refused where the set must not hold such a thing."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_REFUSED = re.compile(
    r"middle.finger|stripper|\bnude|naked|\bsex(y|ual)?\b|erotic|porn|swastika|\bnazi|hitler|cannabis|marijuana|\bkkk\b"
    r"|\bwhip\b|bondage|\bbabe\b|\blogo\b|symbolic.link",
    re.IGNORECASE,
)
_SKIN_TONE = re.compile(r": ((?:[a-z-]+ )*skin tone)")
_MOST_TAGS = 12
_LONGEST_LABEL = 90


def tidy(text: str) -> str:
    """``text`` in lower case on one line, without entities, underscores and quotation marks.

    CLDR's "waving hand: light skin tone" becomes "waving hand with light skin tone".
    """
    text = html.unescape(text).replace("_", " ").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    text = re.sub(r'["\u201c\u201d]', "", text)
    text = re.sub(r"\s+", " ", text).strip().lower()
    return _SKIN_TONE.sub(r" with \1", text)[:_LONGEST_LABEL]


def tidy_tags(tags: Iterable[str], label: str) -> list[str]:
    """At most twelve tidied tags in their order, none twice and none that is the label."""
    tidied = dict.fromkeys(tidy(tag) for tag in tags)
    return [tag for tag in tidied if tag and tag != label and not tag.startswith("hash(")][:_MOST_TAGS]


def is_refused(*texts: str) -> bool:
    """Whether a word says that this does not belong in a set for everybody."""
    return _REFUSED.search(" ".join(texts)) is not None


def mentions_skin_tone(label: str) -> bool:
    """Whether this is one of the five tinted variants of a yellow emoji."""
    return re.search(r"skin.?tone|\b(medium.)?(light|dark) skin\b|\bmedium.(light|dark)$", label) is not None


def squashed(name: str) -> str:
    """A name reduced to letters and digits, so that differently written names of one thing are equal."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
