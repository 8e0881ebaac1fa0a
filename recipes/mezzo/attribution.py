"""ATTRIBUTION.md: whose work the sprites are, by licence, as it must be shipped beside them and beside the weights."""

from __future__ import annotations

from collections import defaultdict

from recipes.mezzo.packages import DebianPackage, NodeProject, Package
from recipes.mezzo.sources import SOURCES

_HEAD = """\
# Attribution

The embedded model learnt from pictures derived from the works below: drawn or rendered at 128 px, cropped, some of
them coloured, and composed into scenes. None of their authors endorses mezzotint. This list ships with the sprites and
with the weights made from them. It is generated: `python -m recipes.mezzo attribution`.
"""

_WORDS = """\
## Words

- emojibase 17.0.0 (MIT, (c) Miles Johnson) and emojilib 4.0.3 (MIT, (c) Mu-An Chiou): labels, tags and keywords;
  they derive from Unicode CLDR (Unicode-3.0, (c) Unicode, Inc.)
"""

_LINKS = {
    "MIT": "https://spdx.org/licenses/MIT",
    "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
    "CC0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY 3.0": "https://creativecommons.org/licenses/by/3.0/",
    "CC-BY 3.0 US": "https://creativecommons.org/licenses/by/3.0/us/",
    "CC-BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0 / CC-BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
}


def attribution() -> str:
    """The whole file as Markdown."""
    by_licence: defaultdict[str, list[str]] = defaultdict(list)
    for source in SOURCES.values():
        packages = ", ".join(_package(package) for package in source.packages[:1])
        kept = "" if source.may_be_redistributed else ". For training only: the pictures are not passed on as a set"
        by_licence[source.licence].append(f"- `{source.name}`: {source.credit}. From {packages}{kept}")
    parts = [_HEAD]
    for licence in sorted(by_licence):
        link = f" (<{_LINKS[licence]}>)" if licence in _LINKS else ""
        parts.append(f"## {licence}{link}\n\n" + "\n".join(by_licence[licence]) + "\n")
    return "\n".join([*parts, _WORDS])


def _package(package: Package) -> str:
    match package:
        case NodeProject():
            return " and ".join(f"npm `{name}` {version}" for name, version in package.dependencies)
        case DebianPackage():
            return f"Debian `{package.name}` {package.version}"
        case _:
            return f"npm `{package.name}` {package.version}"
