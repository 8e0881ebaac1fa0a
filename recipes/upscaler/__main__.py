"""`python -m recipes.upscaler`."""

from recipes.upscaler.convert import app

app()
