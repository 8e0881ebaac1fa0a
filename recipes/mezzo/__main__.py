"""``python -m recipes.mezzo``: build, verify and look at the sprite set."""

from recipes.mezzo.cli import app

app()
