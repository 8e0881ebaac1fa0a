"""Pickle streams and archives put together byte by byte, as an attacker or another torch would write them."""

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence

MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
PROTOCOL = b"\x80\x02M\xe9\x03."
STOP = b"."


def stream(*parts: bytes, protocol: int = 2) -> bytes:
    """A whole stream that leaves one object."""
    return b"\x80" + bytes([protocol]) + b"".join(parts) + STOP


def text(value: str) -> bytes:
    raw = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(raw)) + raw


def number(value: int) -> bytes:
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


def name(module: str, attribute: str) -> bytes:
    return b"c" + module.encode() + b"\n" + attribute.encode() + b"\n"


def group(*parts: bytes) -> bytes:
    """A tuple."""
    return b"(" + b"".join(parts) + b"t"


def listed(*parts: bytes) -> bytes:
    return b"](" + b"".join(parts) + b"e"


def table(*pairs: tuple[bytes, bytes]) -> bytes:
    return b"}(" + b"".join(key + value for key, value in pairs) + b"u"


def called(callee: bytes, *arguments: bytes) -> bytes:
    return callee + group(*arguments) + b"R"


def storage(
    key: bytes,
    count: bytes,
    kind: bytes = name("torch", "FloatStorage"),
    where: bytes = text("cpu"),
    view: bytes = b"",
) -> bytes:
    """The reference to one; before archives ``view`` was None."""
    return group(text("storage"), kind, key, where, count, view) + b"Q"


ORDERED = name("collections", "OrderedDict") + b")R"
REBUILD = name("torch._utils", "_rebuild_tensor_v2")


def tensor(
    size: Sequence[int] = (2,),
    strides: Sequence[int] = (1,),
    *,
    offset: int = 0,
    key: str = "0",
    count: int = 2,
    source: bytes | None = None,
    gradient: bytes = b"\x89",
    hooks: bytes = ORDERED,
) -> bytes:
    """Two floats of storage 0, or whatever is asked for."""
    return called(
        REBUILD,
        storage(text(key), number(count)) if source is None else source,
        number(offset),
        group(*map(number, size)),
        group(*map(number, strides)),
        gradient,
        hooks,
    )


TWO_FLOATS = struct.pack("<ff", 1.0, 2.0)
GOOD = stream(table((text("a.b.weight"), tensor())))


def archive(
    data_pkl: bytes = GOOD,
    data: Mapping[str, bytes] | None = None,
    *,
    folder: str = "archive",
    method: int = zipfile.ZIP_STORED,
    more: Iterable[tuple[str, bytes]] = (),
    version: bytes = b"3\n",
) -> bytes:
    """A checkpoint in an archive; ``more`` are members beside those that belong there."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as target:
        target.writestr(f"{folder}/data.pkl", data_pkl)
        for key, content in ({"0": TWO_FLOATS} if data is None else data).items():
            target.writestr(f"{folder}/data/{key}", content)
        target.writestr(f"{folder}/version", version)
        for member, content in more:
            target.writestr(member, content)
    return file.getvalue()


OLD = stream(table((text("a.b.weight"), tensor(source=storage(text("0"), number(2), view=b"N")))))


def legacy(root: bytes = OLD, *, streams: Mapping[int, bytes] | None = None, rest: bytes | None = None) -> bytes:
    """A checkpoint as before archives; ``streams`` replaces some of its five, counted from 0."""
    facts = table((text("protocol_version"), number(1001)), (text("little_endian"), b"\x88"))
    parts = [MAGIC, PROTOCOL, stream(facts), root, stream(listed(text("0")))]
    for index, other in (streams or {}).items():
        parts[index] = other
    return b"".join(parts) + (struct.pack("<q", 2) + TWO_FLOATS if rest is None else rest)
