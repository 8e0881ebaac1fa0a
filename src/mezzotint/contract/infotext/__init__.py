"""Infotext: the lines of text in a picture file that say how it was made, as A1111 writes and reads them."""

from mezzotint.contract.infotext.reading import Infotext, parse_infotext
from mezzotint.contract.infotext.restoring import Restored
from mezzotint.contract.infotext.rows import RESIZE_MODES
from mezzotint.contract.infotext.writing import VERSION, MadeWith, infotext_pairs, to_infotext

__all__ = [
    "RESIZE_MODES",
    "VERSION",
    "Infotext",
    "MadeWith",
    "Restored",
    "infotext_pairs",
    "parse_infotext",
    "to_infotext",
]
