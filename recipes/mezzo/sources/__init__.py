"""The sources of recipe A: public domain, CC0, MIT, Apache-2.0 and CC-BY only."""

from __future__ import annotations

from recipes.mezzo.sources import avatars, emoji_sets, fluent_3d, furniture, icon_sets, landscapes, openclipart
from recipes.mezzo.sources.source import Source

SOURCES: dict[str, Source] = {
    source.name: source
    for kind in (fluent_3d, emoji_sets, icon_sets, openclipart, furniture, avatars, landscapes)
    for source in kind.SOURCES
}
