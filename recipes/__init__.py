"""Recipes: how the models and data that ship with mezzotint were made, so that anybody can make them again."""
