"""Wavefront OBJ models with their MTL materials, as arrays of triangles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recipes.mezzo.sprite import Undrawable

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


@dataclass
class Material:
    """Diffuse colour 0..1 and opacity 0..1, and a texture of height x width x 3 in 0..1 or None."""

    colour: tuple[float, float, float] = (0.8, 0.8, 0.8)
    opacity: float = 1.0
    texture: Floats | None = None


@dataclass(frozen=True)
class Mesh:
    """``corners`` and ``texture_corners`` index ``points`` (n, 3) and ``texture_points`` (n, 2), three a triangle.

    A texture corner is -1 where the file gives none; ``material_of`` indexes ``materials``.
    """

    points: Floats
    texture_points: Floats
    corners: Ints
    texture_corners: Ints
    material_of: Ints
    materials: list[Material]


@dataclass
class _Reading:
    points: list[list[float]] = field(default_factory=list[list[float]])
    texture_points: list[list[float]] = field(default_factory=list[list[float]])
    corners: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])
    texture_corners: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])
    material_of: list[int] = field(default_factory=list[int])
    materials: dict[str, Material] = field(default_factory=dict[str, Material])
    used: dict[str, int] = field(default_factory=dict[str, int])


def read_obj(path: Path, *, most_triangles: int = 150_000) -> Mesh:
    """The model, its polygons cut into fans of triangles. Raises Undrawable if it is damaged, too large or empty."""
    reading = _Reading()
    with path.open(encoding="utf-8", errors="replace") as lines:
        try:
            _read(reading, lines, path.parent, most_triangles)
        except (ValueError, IndexError) as error:
            raise Undrawable(f"{path.name}: {error}") from error
    if not reading.corners:
        raise Undrawable(f"{path.name} has no faces")
    return Mesh(
        points=np.array(reading.points, np.float32),
        texture_points=np.array(reading.texture_points or [[0.0, 0.0]], np.float32),
        corners=np.array(reading.corners, np.int32),
        texture_corners=np.array(reading.texture_corners, np.int32),
        material_of=np.array(reading.material_of, np.int32),
        materials=[reading.materials.get(name, Material()) for name in reading.used],
    )


def read_mtl(path: Path) -> dict[str, Material]:
    """The materials of a library by name; empty if the file is missing, as happens in the wild."""
    materials: dict[str, Material] = {}
    if not path.exists():
        return materials
    material = Material()
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        keyword, _, rest = line.strip().partition(" ")
        match keyword:
            case "newmtl":
                material = materials.setdefault(rest.strip(), Material())
            case "Kd":
                red, green, blue = (float(number) for number in rest.split()[:3])
                material.colour = (red, green, blue)
            case "d":
                material.opacity = float(rest.split()[-1])
            case "map_Kd":
                # Options may come first; the file name is last.
                texture = path.parent / rest.split()[-1].replace("\\", "/")
                if texture.exists():
                    material.texture = np.asarray(Image.open(texture).convert("RGB"), np.float32) / np.float32(255)
            case _:
                pass
    return materials


def _read(reading: _Reading, lines: Iterable[str], folder: Path, most_triangles: int) -> None:
    material = reading.used.setdefault("", 0)
    for line in lines:
        keyword, _, rest = line.partition(" ")
        match keyword:
            case "v":
                reading.points.append([float(number) for number in rest.split()[:3]])
            case "vt":
                reading.texture_points.append([float(number) for number in rest.split()[:2]])
            case "f":
                _add_polygon(reading, rest.split(), material)
                if len(reading.corners) > most_triangles:
                    raise Undrawable(f"more than {most_triangles} triangles")
            case "usemtl":
                material = reading.used.setdefault(rest.strip(), len(reading.used))
            case "mtllib":
                reading.materials.update(read_mtl(folder / rest.strip()))
            case _:
                pass


def _add_polygon(reading: _Reading, corners: list[str], material: int) -> None:
    points: list[int] = []
    texture_points: list[int] = []
    for corner in corners:
        parts = corner.split("/")
        points.append(_index(parts[0], len(reading.points)))
        has_texture = len(parts) > 1 and parts[1] != ""
        texture_points.append(_index(parts[1], len(reading.texture_points)) if has_texture else -1)
    for k in range(1, len(points) - 1):
        reading.corners.append((points[0], points[k], points[k + 1]))
        reading.texture_corners.append((texture_points[0], texture_points[k], texture_points[k + 1]))
        reading.material_of.append(material)


def _index(text: str, count: int) -> int:
    """OBJ counts from 1, and backwards from the newest when negative."""
    number = int(text)
    return number - 1 if number > 0 else count + number
