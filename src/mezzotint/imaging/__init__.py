"""Pixels: picture files and their names, resizing, masks, colour, tiles, contact sheets, pictures in a terminal."""
