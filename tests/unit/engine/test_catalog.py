"""Models are found by name, file name or path, wherever they lie below the folder."""

import os
from pathlib import Path

import pytest

from mezzotint.engine.catalog import Catalog
from mezzotint.errors import DamagedFile, ModelFileError, UnknownName
from mezzotint.upscalers import UPSCALERS
from tests.unit.upscalers.saved import write_upscaler


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    folder = tmp_path / "models" / "Stable-diffusion"
    for name in ("beta.safetensors", "Anime/beta.safetensors", "Anime/gamma v1.5.SafeTensors", ".hidden.safetensors"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "notes.txt").touch()
    (folder / "folder.safetensors").mkdir()
    assets = tmp_path / "assets"
    assets.mkdir()
    (assets / "mezzo-s.safetensors").touch()
    return Catalog(tmp_path, assets=assets)


def test_embedded_models_come_first_and_others_by_name(catalog: Catalog) -> None:
    entries = catalog.entries()

    assert [entry.name for entry in entries] == ["mezzo-s", "Anime/beta", "Anime/gamma v1.5", "beta"]
    assert [entry.is_embedded for entry in entries] == [True, False, False, False]


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("", "mezzo-s"),
        ("mezzo-s", "mezzo-s"),
        ("beta", "beta"),
        ("Anime/beta", "Anime/beta"),
        ("anime/BETA.safetensors", "Anime/beta"),
        ("gamma v1.5", "Anime/gamma v1.5"),
        ("GAMMA V1.5", "Anime/gamma v1.5"),
    ],
)
def test_a_model_is_found_by_its_name(catalog: Catalog, ref: str, name: str) -> None:
    entry = catalog.find(ref)

    assert entry.name == name
    assert catalog.find(entry.ref) == entry


def test_a_name_wins_over_another_models_file_name(catalog: Catalog) -> None:
    assert catalog.find("beta").path == catalog.folder / "beta.safetensors"


def test_a_path_elsewhere_is_a_model_too(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "delta.safetensors"
    path.parent.mkdir()
    path.touch()

    entry = catalog.find(str(path))

    assert (entry.name, entry.path, entry.is_listed) == ("delta", path, False)
    assert catalog.find(entry.ref) == entry


def test_an_unknown_name_suggests_the_nearest(catalog: Catalog) -> None:
    with pytest.raises(UnknownName) as caught:
        catalog.find("betta")

    assert "'beta'" in caught.value.hint


def test_a_package_without_its_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="mezzo-s is not in this installation") as caught:
        Catalog(tmp_path, assets=tmp_path).find()

    assert str(Catalog(tmp_path).folder) in caught.value.hint


def test_no_folder_is_no_models(tmp_path: Path) -> None:
    assert Catalog(tmp_path / "absent", assets=tmp_path).entries() == []


def test_linked_folders_are_searched_once_also_when_they_go_in_circles(catalog: Catalog, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "linked.safetensors").touch()
    (catalog.folder / "link").symlink_to(other, target_is_directory=True)
    (other / "round").symlink_to(catalog.folder, target_is_directory=True)

    names = [entry.name for entry in catalog.entries()]

    assert names.count("link/linked") == 1
    assert len(names) == 5


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_a_model(catalog: Catalog) -> None:
    os.mkfifo(catalog.folder / "pipe.safetensors")

    assert "pipe" not in [entry.name for entry in catalog.entries()]


@pytest.fixture
def enlarging(tmp_path: Path) -> Catalog:
    """A catalog with upscalers in two folders, one of them damaged, one named as a registered one is also called."""
    models = tmp_path / "models"
    write_upscaler(models / "ESRGAN" / "old.pth")
    write_upscaler(models / "ESRGAN" / "more" / "plain.safetensors")
    write_upscaler(models / "RealESRGAN" / "RealESRGAN_x2.pth")
    write_upscaler(models / "RealESRGAN" / "compact.pth")
    (models / "RealESRGAN" / "compact.pth").rename(models / "RealESRGAN" / "realesr-animevideov3.pth")
    (models / "ESRGAN" / "bad.pth").write_bytes(b"nothing")
    return Catalog(tmp_path)


def test_upscalers_in_files_are_listed_whatever_they_hold(enlarging: Catalog) -> None:
    stems = [entry.stem for entry in enlarging.upscalers()]

    assert stems == ["bad", "plain", "old", "realesr-animevideov3", "RealESRGAN_x2"]


@pytest.mark.parametrize(
    ("ref", "name", "scale"),
    [
        ("old", "old", 4),
        ("OLD.pth", "old", 4),
        ("plain", "plain", 2),
        ("more/plain", "plain", 2),
        ("realesrgan_x2", "RealESRGAN_x2", 2),
        ("realesr-animevideov3", "realesr-animevideov3", 3),  # not the registered one, which has this name besides
    ],
)
def test_an_upscaler_is_found_by_its_files_name(enlarging: Catalog, ref: str, name: str, scale: int) -> None:
    found = enlarging.find_upscaler(ref)

    assert (found.name, found.scale) == (name, scale)
    assert found.weights is not None and found.weights.is_file()


def test_an_upscaler_elsewhere_is_found_by_its_path(tmp_path: Path) -> None:
    write_upscaler(tmp_path / "elsewhere" / "old.pth")

    assert Catalog(tmp_path).find_upscaler(str(tmp_path / "elsewhere" / "old.pth")).scale == 4


def test_a_registered_upscaler_wins_over_a_file_of_its_name(enlarging: Catalog, tmp_path: Path) -> None:
    (tmp_path / "models" / "ESRGAN" / "Lanczos.pth").write_bytes(b"nothing")

    assert enlarging.find_upscaler("Lanczos") is UPSCALERS["Lanczos"]
    assert enlarging.find_upscaler("r-esrgan animevideo") is UPSCALERS["R-ESRGAN AnimeVideo"]
    with pytest.raises(DamagedFile, match=r"Lanczos\.pth"):
        enlarging.find_upscaler("Lanczos.pth")


def test_a_damaged_upscaler_is_told_when_it_is_asked_for(enlarging: Catalog) -> None:
    with pytest.raises(ModelFileError, match=r"^bad\.pth: "):
        enlarging.find_upscaler("bad")


def test_an_unknown_upscaler_suggests_the_nearest_file(enlarging: Catalog) -> None:
    with pytest.raises(UnknownName, match="no upscaler 'RealESRGAN_x3'") as caught:
        enlarging.find_upscaler("RealESRGAN_x3", besides=["Latent"])

    assert caught.value.hint == "did you mean 'RealESRGAN_x2'?"
    assert caught.value.choices[:2] == ("Latent", "None")
