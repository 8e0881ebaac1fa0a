"""SVG and OBJ drawings of the sprite set, made from a few bytes here."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recipes.mezzo.obj import Mesh, read_obj
from recipes.mezzo.rasterise import render as render_mesh
from recipes.mezzo.sprite import SIZE_PX, Undrawable, fingerprint, fit
from recipes.mezzo.svg import render, with_view_box

RED_SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="red"/></svg>'
)

CUBE = """\
mtllib cube.mtl
v -1 -1 -1
v 1 -1 -1
v 1 1 -1
v -1 1 -1
v -1 -1 1
v 1 -1 1
v 1 1 1
v -1 1 1
usemtl front
f 5 6 7 8
usemtl rest
f 1 4 3 2
f 1 2 6 5
f 4 8 7 3
f 1 5 8 4
f -7 -6 -2 -3
"""
CUBE_MATERIALS = "newmtl front\nKd 1 0 0\nnewmtl rest\nKd 0 0 1\n"


@pytest.fixture
def cube(tmp_path: Path) -> Mesh:
    (tmp_path / "cube.obj").write_text(CUBE)
    (tmp_path / "cube.mtl").write_text(CUBE_MATERIALS)
    return read_obj(tmp_path / "cube.obj")


def test_svg_is_drawn_at_the_width_asked_for() -> None:
    picture = render(RED_SQUARE.replace("<svg", '<svg viewBox="0 0 40 40"'), width_px=64)

    assert picture.size == (64, 64)
    assert picture.getpixel((32, 32)) == (255, 0, 0, 255)


def test_damaged_svg_raises_what_the_builder_expects() -> None:
    with pytest.raises(Undrawable):
        render("<svg")


def test_a_drawing_without_view_box_gets_one_from_its_size_in_points() -> None:
    svg = '<svg id="a" width="80pt" height=\'40pt\'><rect/></svg>'

    sized = with_view_box(svg)

    assert sized == '<svg width="100" height="50" viewBox="0 0 100 50" id="a"><rect/></svg>'


@pytest.mark.parametrize("svg", ['<svg viewBox="0 0 1 1" width="2" height="2"/>', '<svg width="100%" height="9"/>'])
def test_a_drawing_with_view_box_or_relative_size_stays_as_it_is(svg: str) -> None:
    assert with_view_box(svg) == svg


def test_text_without_svg_tag_is_refused() -> None:
    with pytest.raises(Undrawable, match="no <svg> tag"):
        with_view_box("<html/>")


def test_fit_crops_to_what_is_visible_and_leaves_a_margin() -> None:
    drawing = Image.new("RGBA", (300, 300))
    drawing.paste((0, 0, 255, 255), (200, 250, 240, 270))

    sprite = fit(drawing)

    assert sprite is not None and sprite.size == (SIZE_PX, SIZE_PX)
    left, top, right, bottom = sprite.getchannel("A").getbbox() or (0, 0, 0, 0)
    assert (left, right) == (6, 121)  # 5 % margin of 128 px on the longer side
    assert abs((top + bottom) - SIZE_PX) <= 1


def test_fit_of_an_empty_drawing_is_nothing() -> None:
    assert fit(Image.new("RGBA", (10, 10))) is None


def test_fingerprints_tell_pictures_apart() -> None:
    red, blue = (Image.new("RGBA", (SIZE_PX, SIZE_PX), colour) for colour in ("red", "blue"))

    assert fingerprint(red) == fingerprint(red.copy())
    assert fingerprint(red) != fingerprint(blue)


def test_polygons_are_cut_into_triangles_with_their_materials(cube: Mesh) -> None:
    assert cube.corners.shape == (12, 3)
    assert cube.corners.min() == 0 and cube.corners.max() == 7
    assert [cube.materials[m].colour for m in cube.material_of[:3]] == [(1, 0, 0), (1, 0, 0), (0, 0, 1)]
    assert (cube.texture_corners == -1).all()


def test_negative_indices_count_from_the_newest_point(cube: Mesh) -> None:
    assert cube.corners[-2].tolist() == [1, 2, 6]


def test_a_model_that_is_too_large_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "cube.obj"
    path.write_text(CUBE)

    with pytest.raises(Undrawable, match="more than 5"):
        read_obj(path, most_triangles=5)


def test_a_model_without_faces_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "points.obj"
    path.write_text("v 0 0 0\n")

    with pytest.raises(Undrawable, match="no faces"):
        read_obj(path)


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.obj"
    path.write_text("v 0 0 0\nv 1 zero 0\n")

    with pytest.raises(Undrawable, match="zero"):
        read_obj(path)


def test_the_nearest_face_hides_the_ones_behind(cube: Mesh) -> None:
    front = np.asarray(render_mesh(cube, azimuth_deg=0, elevation_deg=0, size_px=32))
    back = np.asarray(render_mesh(cube, azimuth_deg=180, elevation_deg=0, size_px=32))

    assert front[16, 16, 0] > 100 and front[16, 16, 2] == 0
    assert back[16, 16, 2] > 100 and back[16, 16, 0] == 0


def test_a_face_is_covered_without_holes_and_the_ground_stays_clear(cube: Mesh) -> None:
    alpha = np.asarray(render_mesh(cube, azimuth_deg=0, elevation_deg=0, size_px=64))[..., 3]

    assert (alpha[4:-4, 4:-4] == 255).all()  # the face fills 92 % of the square
    assert (alpha[0] == 0).all() and (alpha[:, -1] == 0).all()


def test_seen_from_above_the_top_face_is_at_the_top(cube: Mesh) -> None:
    picture = np.asarray(render_mesh(cube, azimuth_deg=0, elevation_deg=30, size_px=64)).astype(int)
    blue, red = picture[..., 2] > picture[..., 0], picture[..., 0] > picture[..., 2]

    assert blue.any() and red.any()
    assert np.nonzero(blue)[0].mean() < np.nonzero(red)[0].mean()


def test_textures_are_laid_on_with_v_upwards(tmp_path: Path) -> None:
    colours = np.zeros((2, 2, 3), np.uint8)
    colours[0, :, 1] = 255  # the upper line is green, the lower one blue
    colours[1, :, 2] = 255
    Image.fromarray(colours).resize((16, 16), Image.Resampling.NEAREST).save(tmp_path / "paint.png")
    (tmp_path / "plane.mtl").write_text("newmtl paint\nmap_Kd paint.png\n")
    (tmp_path / "plane.obj").write_text(
        "mtllib plane.mtl\nv -1 -1 0\nv 1 -1 0\nv 1 1 0\nv -1 1 0\n"
        "vt 0.01 0.01\nvt 0.99 0.01\nvt 0.99 0.99\nvt 0.01 0.99\nusemtl paint\nf 1/1 2/2 3/3 4/4\n"
    )

    picture = np.asarray(render_mesh(read_obj(tmp_path / "plane.obj"), azimuth_deg=0, elevation_deg=0, size_px=32))

    assert picture[8, 16, 1] > 100 and picture[8, 16, 2] == 0
    assert picture[24, 16, 2] > 100 and picture[24, 16, 1] == 0


def test_a_model_of_glass_alone_cannot_be_seen(cube: Mesh) -> None:
    for material in cube.materials:
        material.opacity = 0.1

    with pytest.raises(Undrawable, match="nothing"):
        render_mesh(cube, azimuth_deg=20, elevation_deg=10, size_px=16)
