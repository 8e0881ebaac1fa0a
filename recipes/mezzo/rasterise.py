"""A small z-buffer renderer in NumPy: textured triangles, one key light and one fill light, a cut-out with alpha."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recipes.mezzo.obj import Floats, Ints, Mesh
from recipes.mezzo.sprite import Undrawable

_FIELD_OF_VIEW_DEG = 25
_FILLS = 0.92  # of the square, by the longer side of the drawing
_CLEAR = 0.35  # triangles of this opacity or less are not drawn (window panes)
_AMBIENT, _KEY, _FILL = 0.45, 0.5, 0.18
_KEY_LIGHT = np.array([0.5, 0.9, 0.8], np.float32) / np.float32(np.linalg.norm([0.5, 0.9, 0.8]))
_FILL_LIGHT = np.array([-0.7, 0.2, 0.6], np.float32)
_BATCH = 2_000_000  # pixel tests at once: about 150 MB


def render(mesh: Mesh, *, azimuth_deg: float, elevation_deg: float, size_px: int = 160) -> Image.Image:
    """The model in the middle of an RGBA square, seen from ``azimuth_deg`` round it and ``elevation_deg`` above.

    Corners of triangles are interpolated without perspective, which at this field of view nobody sees.
    Raises Undrawable if nothing of the model can be seen.
    """
    side = size_px * 2  # two samples a pixel each way smooth the edges
    turned = _centred(mesh.points) @ _rotation(azimuth_deg, elevation_deg).T
    screen = _projected(turned, side)
    opaque = np.array([material.opacity > _CLEAR for material in mesh.materials])[mesh.material_of]
    pixel, triangle, weights = _nearest_fragments(screen, mesh.corners, np.flatnonzero(opaque), side)
    if len(pixel) == 0:
        raise Undrawable("nothing of the model can be seen")
    colour = _colours(mesh, triangle, weights) * _shade(turned, mesh.corners, triangle)[:, None]
    canvas = np.zeros((side * side, 4), np.float32)
    canvas[pixel, :3] = colour.clip(0, 1)
    canvas[pixel, 3] = 1
    small = canvas.reshape(size_px, 2, size_px, 2, 4).mean((1, 3))
    small[..., :3] /= np.maximum(small[..., 3:], 1e-4)
    return Image.fromarray((small.clip(0, 1) * 255).round().astype(np.uint8), "RGBA")


def _centred(points: Floats) -> Floats:
    """Points moved into the unit ball."""
    low, high = points.min(0), points.max(0)
    return (points - (low + high) / 2) / max(float(np.linalg.norm(high - low)) / 2, 1e-6)


def _rotation(azimuth_deg: float, elevation_deg: float) -> Floats:
    a, e = np.radians(azimuth_deg), np.radians(elevation_deg)
    about_y = [[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]]
    about_x = [[1, 0, 0], [0, np.cos(e), -np.sin(e)], [0, np.sin(e), np.cos(e)]]
    return (np.array(about_x) @ np.array(about_y)).astype(np.float32)


def _projected(turned: Floats, side: int) -> Floats:
    """x, y in pixels (y down) and the distance from the camera."""
    focal = 1 / np.tan(np.radians(_FIELD_OF_VIEW_DEG / 2))
    distance = focal * 1.06 - turned[:, 2]
    flat = turned[:, :2] / distance[:, None]
    low, high = flat.min(0), flat.max(0)
    flat = (flat - (low + high) / 2) * (_FILLS * side / max(float((high - low).max()), 1e-9))
    return np.stack([side / 2 + flat[:, 0], side / 2 - flat[:, 1], distance], 1).astype(np.float32)


def _nearest_fragments(
    screen: Floats, corners: Ints, drawn: NDArray[np.intp], side: int
) -> tuple[NDArray[np.int64], NDArray[np.intp], Floats]:
    """For every pixel that a triangle covers: its number, the nearest triangle, and that one's three corner weights."""
    found: list[tuple[NDArray[np.int64], NDArray[np.intp], Floats, Floats]] = []
    low = np.floor(screen[corners[drawn], :2].min(1)).clip(0, side - 1).astype(np.int64)
    high = np.floor(screen[corners[drawn], :2].max(1)).clip(0, side - 1).astype(np.int64)
    # Triangles whose bounding boxes are alike (in powers of two) are tested together, pixel centre by pixel centre.
    exponents = np.ceil(np.log2(high - low + 1)).astype(np.int64)
    for wide, tall in sorted({(int(x), int(y)) for x, y in exponents}):
        members = np.flatnonzero((exponents == (wide, tall)).all(1))
        offsets = np.stack(np.divmod(np.arange(1 << (wide + tall)), 1 << wide)[::-1], 1)
        batch = max(1, _BATCH // len(offsets))
        for start in range(0, len(members), batch):
            some = members[start : start + batch]
            found.append(_covered(screen, corners, drawn[some], low[some], offsets, side))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.intp), np.zeros((0, 3), np.float32)
    pixel, triangle, weights, depth = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((depth, pixel))
    first = np.ones(len(order), bool)
    first[1:] = pixel[order][1:] != pixel[order][:-1]
    nearest = order[first]
    return pixel[nearest], triangle[nearest], weights[nearest]


def _covered(
    screen: Floats,
    corners: Ints,
    triangles: NDArray[np.intp],
    low: NDArray[np.int64],
    offsets: NDArray[np.int64],
    side: int,
) -> tuple[NDArray[np.int64], NDArray[np.intp], Floats, Floats]:
    """The pixel centres inside the given triangles: pixel, triangle, corner weights, distance."""
    places = low[:, None, :] + offsets[None]
    centres = places.astype(np.float32) + 0.5
    a, b, c = (screen[corners[triangles, k]][:, None, :] for k in range(3))
    area = _cross(a, b, c)
    with np.errstate(divide="ignore", invalid="ignore"):  # triangles seen edge on have no area: no centre is inside
        wb, wc = _cross(a, centres, c) / area, _cross(a, b, centres) / area
        wa = 1 - wb - wc
        inside = (wa >= 0) & (wb >= 0) & (wc >= 0) & (places < side).all(2)
    row, column = np.nonzero(inside)
    weights = np.stack([wa[row, column], wb[row, column], wc[row, column]], 1).astype(np.float32)
    depth = (screen[corners[triangles[row]], 2] * weights).sum(1)
    at = places[row, column]
    return at[:, 1] * side + at[:, 0], triangles[row], weights, depth


def _cross(a: Floats, b: Floats, c: Floats) -> Floats:
    """Twice the signed area of triangles in the picture's plane."""
    to_b, to_c = b[..., :2] - a[..., :2], c[..., :2] - a[..., :2]
    return (to_b[..., 0] * to_c[..., 1] - to_c[..., 0] * to_b[..., 1]).astype(np.float32, copy=False)


def _colours(mesh: Mesh, triangle: NDArray[np.intp], weights: Floats) -> Floats:
    material_of = mesh.material_of[triangle]
    colours = np.array([material.colour for material in mesh.materials], np.float32)[material_of]
    has_coordinates = mesh.texture_corners[triangle].min(1) >= 0
    for number, material in enumerate(mesh.materials):
        mine = np.flatnonzero((material_of == number) & has_coordinates)
        if material.texture is None or len(mine) == 0:
            continue
        uv = (mesh.texture_points[mesh.texture_corners[triangle[mine]]] * weights[mine, :, None]).sum(1) % 1
        height, width = material.texture.shape[:2]
        line, column = ((1 - uv[:, 1]) * (height - 1)).astype(int), (uv[:, 0] * (width - 1)).astype(int)
        colours[mine] = material.texture[line, column]
    return colours


def _shade(turned: Floats, corners: Ints, triangle: NDArray[np.intp]) -> Floats:
    """Brightness of flat faces, which are all taken to face the camera: many models have inside-out parts."""
    a, b, c = (turned[corners[triangle, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    normal[normal[:, 2] < 0] *= -1
    key, fill = (normal @ _KEY_LIGHT).clip(0, 1), (normal @ _FILL_LIGHT).clip(0, 1)
    return (_AMBIENT + _KEY * key + _FILL * fill).astype(np.float32)
