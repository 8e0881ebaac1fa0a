"""Making: from a request to pictures."""

from mezzotint.generate.driver import generate

__all__ = ["generate"]
