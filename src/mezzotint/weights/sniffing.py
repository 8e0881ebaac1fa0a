"""What a file is that is no model file, as far as its first bytes tell, and what to do about it."""

from mezzotint.errors import FileFault, ModelFileError
from mezzotint.weights.faults import refusal
from mezzotint.weights.mapping import MappedFile
from mezzotint.weights.pickles.archive import has_archive_at_its_end

_LOG_IN = "the download link needs a log-in, or is that of the page about the model: download it from there"
_UNPACK = "unpack it, and use the model file in it"
_CHOOSE = "choose the model file itself"
_KINDS: tuple[tuple[bytes, str, FileFault, str], ...] = (
    (b"version https://git-lfs", "is a Git LFS pointer, not the model", "not_a_model", "fetch it with `git lfs pull`"),
    (
        b"GGUF",
        "is a GGUF file, which mezzotint does not read",
        "not_a_model",
        "use the .safetensors version of this model",
    ),
    (b"\x89PNG", "is a PNG picture", "not_a_model", _CHOOSE),
    (b"\xff\xd8\xff", "is a JPEG picture", "not_a_model", _CHOOSE),
    (b"GIF8", "is a GIF picture", "not_a_model", _CHOOSE),
    (b"RIFF", "is a WebP picture or a sound", "not_a_model", _CHOOSE),
    (b"%PDF", "is a PDF document", "not_a_model", _CHOOSE),
    (b"\x7fELF", "is a program", "not_a_model", "delete it"),
    (b"MZ", "is a program", "not_a_model", "delete it"),
    (b"#!", "is a script", "not_a_model", "delete it"),
    (
        b"\x89HDF\r\n",
        "is an HDF5 file, as Keras writes them",
        "not_a_model",
        "use the .safetensors version of this model",
    ),
    (b"\x93NUMPY", "is a numpy array", "not_a_model", _CHOOSE),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive", "container_refused", _UNPACK),
    (b"\x1f\x8b", "is a gzip archive", "container_refused", _UNPACK),
    (b"\xfd7zXZ\0", "is an xz archive", "container_refused", _UNPACK),
    (b"BZh", "is a bzip2 archive", "container_refused", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "is a zstd archive", "container_refused", _UNPACK),
    (b"Rar!", "is a RAR archive", "container_refused", _UNPACK),
    (b"PK\x05\x06", "is an empty ZIP archive", "container_refused", "download or copy it again"),
)
_TAR_AT = 257


def no_model(file: MappedFile) -> ModelFileError:
    """The error for a file that is neither safetensors nor pickled."""
    start = file.read(0, 512)
    text = start.lstrip().lower()
    if has_archive_at_its_end(file):
        return refusal("container_refused", "has a ZIP archive hidden at its end", hint="delete it")
    for magic, what, fault, hint in _KINDS:
        if start.startswith(magic):
            return refusal(fault, what, hint=hint)
    if start[_TAR_AT : _TAR_AT + 5] == b"ustar":
        return refusal("container_refused", "is a tar archive", hint=_UNPACK)
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml")):
        return refusal("not_a_model", "is a web page, not a model", hint=_LOG_IN)
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") > file.size - 8:
        return refusal("truncated", f"is cut short: a safetensors file without all of its header ({file.size:,} bytes)")
    if text.startswith((b"{", b"[")):
        return refusal("not_a_model", "is JSON text, not a model", hint=_LOG_IN)
    if file.path.suffix.lower() == ".msgpack":
        hint = "use the .safetensors version of this model"
        return refusal("not_a_model", "is a Flax file, which mezzotint does not read", hint=hint)
    fault: FileFault = "header_invalid" if file.path.suffix.lower() in (".safetensors", ".sft") else "not_a_model"
    return refusal(
        fault, f"is cut short or not a safetensors file, nor a checkpoint of another kind ({file.size:,} bytes)"
    )
