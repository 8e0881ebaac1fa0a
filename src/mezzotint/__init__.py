"""mezzotint: pictures from words, with Stable Diffusion's family of models."""

__version__ = "0.1.0"
