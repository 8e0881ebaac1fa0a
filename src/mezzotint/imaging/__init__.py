"""Pixels: picture files and their names, resizing, contact sheets, pictures in a terminal."""
