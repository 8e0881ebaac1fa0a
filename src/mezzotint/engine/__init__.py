"""Holding: which model files there are, and which of them are loaded, where and as what."""

from mezzotint.engine.engine import Engine

__all__ = ["Engine"]
