"""Comments: ``# to the end of the line``, for the one who writes the prompt."""

import re

_COMMENT = re.compile(r"\n?#[^\n]*\n?")


def strip_comments(text: str) -> str:
    """The prompt without comments, each leaving a line break in place of itself and the ones next to it."""
    return _COMMENT.sub("\n", text) if "#" in text else text
