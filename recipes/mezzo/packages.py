"""The packages that the sprites are made from: pinned versions and what their files must hash to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NpmPackage:
    """A package that ``npm pack`` downloads as one archive."""

    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """As ``npm pack`` names it: ``@scope/name`` becomes ``scope-name``."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


@dataclass(frozen=True)
class DebianPackage:
    """A package that ``apt-get download`` fetches, from Debian 12."""

    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """As ``apt-get download`` names it: the colon of an epoch is escaped."""
        return f"{self.name}_{self.version.replace(':', '%3a')}_all.deb"


@dataclass(frozen=True)
class NodeProject:
    """Packages that are run, not unpacked: ``npm install`` puts them into a folder with a script beside them."""

    name: str
    dependencies: tuple[tuple[str, str], ...]


Package = NpmPackage | DebianPackage | NodeProject

EMOJIBASE = NpmPackage("emojibase-data", "17.0.0", "d01d0e2ca4e22cb402679532155342c71e2e871f25c32223c013b8b166ebdf5a")
EMOJILIB = NpmPackage("emojilib", "4.0.3", "7f9a6b43cff31d18985b7d65d11faba5bd971cbcc60020cf6d09322fbaaaf303")
FLUENT_3D = NpmPackage(
    "@lobehub/fluent-emoji-3d", "1.1.0", "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58"
)
OPENCLIPART = DebianPackage(
    "openclipart-svg", "1:0.18+dfsg-19", "989712d90d57dfa3230049f553bb43b76c30ee4d4b8c5f6e106e33f7db5cbdc5"
)
FURNITURE = DebianPackage(
    "sweethome3d-furniture", "1.8-1", "3ccb90c63f9525e887a767b9cd5c8b6933b8b6b2973a615a5359ee68a2118668"
)
ENDLESS_SKY = DebianPackage(
    "endless-sky-data", "0.9.8-1.2", "e45835e05a11e84bb1a890a0ded390246a53b8318f21a25925aa70fa54f80c13"
)
DICEBEAR = NodeProject("dicebear", (("@dicebear/core", "9.4.3"), ("@dicebear/collection", "9.4.3")))

# prefix of an Iconify set -> (version, sha256)
_ICONIFY = {
    "emojione": ("1.2.3", "26a14f44284407e8bcde91799388dca2bfd91dbcd55a97f425524a1c5b73610e"),
    "flat-color-icons": ("1.2.3", "d8878a9b0f02d749bc8671eb7d47882eb711185cbcefbb365cbfb488773c4786"),
    "fluent-color": ("1.2.21", "fa2ddaaac7a2a7b902659cea1b5b8c03017ce2ae56295138876b86a36177dfbe"),
    "fluent-emoji-flat": ("1.2.6", "7d064769dee690815f823bc5bcc511d957198caf9f5edd8dd9c1aa48a6aeb175"),
    "fxemoji": ("1.2.2", "f3e72b3c59d05e1db03b7e308d55c0d05bd7ba3f625a90da1b79313c12858eef"),
    "game-icons": ("1.2.4", "f5758efb34d91c4f50b941f355f16ee73938625e5996fabc25171288404460a4"),
    "meteocons": ("1.2.4", "1c0b49c6375c0e35c3ed65db6e41e9811a0cbd2368c13ee27f870f60c6185ff0"),
    "noto": ("1.2.9", "3e918d88fc945c0bb3d468dbace6f88caef67f01c9f0e7bcae0915a042e8f1ad"),
    "noto-v1": ("1.2.5", "2bf62c26c2c2884aa99e90aec942cdaee17a5921f05690694f4978ad4b017c37"),
    "streamline-emojis": ("1.2.4", "5dac87c876b322500989828c5823143e0100d78881627a2e4081a4b897cbfdbc"),
    "streamline-freehand-color": ("1.2.2", "00d74cbddaf1bcf35c8614ac0544d10af69c7cee8801475473fe424ee0c0c642"),
    "streamline-ultimate-color": ("1.2.2", "46133a11f3734bcef29066391d7edc141ed1d8056242ddfa1b5d36ce286420b6"),
    "twemoji": ("1.2.5", "19046dff7d8707ce96212ec86468b36ac5f8e60409629dd13f809265c6d0ebb7"),
}


def iconify_package(prefix: str) -> NpmPackage:
    """The package of an Iconify set by its prefix. Raises KeyError for a set that is not pinned."""
    version, sha256 = _ICONIFY[prefix]
    return NpmPackage(f"@iconify-json/{prefix}", version, sha256)
