"""Start pictures and masks kept under the hash of their pixels, by which infotext names them."""

from pathlib import Path

from PIL import Image

from mezzotint.contract.infotext import Infotext, Restored
from mezzotint.contract.requests import PictureSource
from mezzotint.errors import MissingPicture
from mezzotint.imaging.files import pixel_hash, write_picture


def keep_picture(folder: Path, image: Image.Image) -> str:
    """Keep a picture in ``folder`` under the hash of its pixels, which comes back. Raises ResourceError."""
    digest = pixel_hash(image)
    path = folder / f"{digest}.png"
    if not path.is_file():
        write_picture(path, image)
    return digest


def kept_picture(folder: Path, digest: str) -> Path | None:
    """The picture that infotext names by this hash, None if it is not kept here."""
    path = folder / f"{digest}.png"
    return path if digest.isalnum() and path.is_file() else None


def restored_with_kept(
    infotext: Infotext, folder: Path, *, init: PictureSource | None = None, mask: PictureSource | None = None
) -> Restored:
    """The request of infotext with the pictures that it names: those given here, or else those kept in ``folder``.

    Raises MissingPicture for one that is neither, RequestError if a value is out of range.
    """
    named = infotext.made_with
    if init is None and named.init_hash:
        init = _found(folder, named.init_hash, "start picture", "--init")
    if mask is None and named.mask_hash:
        mask = _found(folder, named.mask_hash, "mask", "--mask")
    return infotext.restore(init, mask)


def _found(folder: Path, digest: str, what: str, flag: str) -> Path:
    path = kept_picture(folder, digest)
    if path is None:
        raise MissingPicture(
            f"no {what} with the hash {digest} in {folder}", hint=f"give it with {flag} FILE, or put it back there"
        )
    return path
