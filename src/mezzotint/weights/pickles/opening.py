"""Pickled checkpoints as named tensors: ZIP archives, as torch writes them since 1.6, or the stream of before."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from torch import Tensor

from mezzotint.weights.faults import naming, refusal, shown
from mezzotint.weights.mapping import MappedFile
from mezzotint.weights.pickles.archive import (
    Member,
    check_sum,
    has_archive_at_its_end,
    read_archive,
    read_member,
)
from mezzotint.weights.pickles.contents import Found, contents
from mezzotint.weights.pickles.machine import STREAM_MAX_BYTES, run
from mezzotint.weights.pickles.values import NumpyArray, Storage
from mezzotint.weights.tensors import Entry, Header, Tensors

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001


class PickledTensors(Tensors):
    """Views of one mapped file. ``beside`` are the plain values that lie among the tensors, by dotted name."""

    def __init__(
        self, file: MappedFile, found: Mapping[str, Found], members: Mapping[str, Member], values: Mapping[str, object]
    ) -> None:
        super().__init__(Header({name: _entry(thing, members) for name, thing in found.items()}))
        self.beside = values
        self._file = file
        self._found = found
        self._members = members
        self._unchecked = {key for key, member in members.items() if member.crc is not None}

    def __getitem__(self, name: str) -> Tensor:
        """Raises DamagedFile if the bytes are not those that were written, which only archives can tell."""
        thing = self._found[name]
        if isinstance(thing, NumpyArray):
            return thing.tensor()
        member = self._members[thing.storage.key]
        if thing.storage.key in self._unchecked:
            with naming(self._file.path):
                check_sum(self._file, member, name)
            self._unchecked.discard(thing.storage.key)
        numbers = self._file.tensor(member.begin + thing.begin, member.begin + thing.end, thing.dtype)
        return numbers.as_strided(thing.shape, thing.strides)


def _entry(thing: Found, members: Mapping[str, Member]) -> Entry:
    if isinstance(thing, NumpyArray):
        return Entry(thing.dtype, thing.shape)
    begin = members[thing.storage.key].begin
    return Entry(thing.dtype, thing.shape, begin + thing.begin, begin + thing.end)


def open_pickled(path: Path) -> PickledTensors:
    """The tensors of a .ckpt, .pt, .pth or .bin file, whatever its name says. Nothing in it is run.

    Raises UnsafeFile for what no saved model holds, DamagedFile for what is cut short or does not fit together;
    ``fault`` tells which. Raises ModelFileError if it cannot be opened.
    """
    with naming(path):
        file = MappedFile(path)
        is_archive = file.read(0, 4) == b"PK\x03\x04"
        root, storages, members = _from_archive(file) if is_archive else _from_stream(file)
        found, values = contents(root)
        for key, storage in storages.items():
            if key not in members or members[key].end - members[key].begin != storage.size:
                raise refusal("tensor_invalid", f"does not hold the {storage.size:,} bytes of its storage {key}")
        if strange := sorted(set(members) - set(storages)):
            raise refusal("zip_malformed", f"has data/{strange[0]}, which is part of no tensor")
        return PickledTensors(file, found, members, values)


def _from_archive(file: MappedFile) -> tuple[object, dict[str, Storage], dict[str, Member]]:
    members = read_archive(file)
    stream = read_member(file, members, "data.pkl", at_most=STREAM_MAX_BYTES)
    storages = dict[str, Storage]()
    root, end = run(stream, 0, len(stream), storages)
    if end != len(stream):
        raise refusal("stream_malformed", f"has {len(stream) - end:,} bytes after its pickle")
    data = {name.removeprefix("data/"): member for name, member in members.items() if name.startswith("data/")}
    return root, storages, data


def _from_stream(file: MappedFile) -> tuple[object, dict[str, Storage], dict[str, Member]]:
    """Five pickles (a number that says what this is, a version, facts on the machine, the object, the order of the
    storages), then each storage with its length before it."""
    if has_archive_at_its_end(file):
        raise refusal("container_refused", "is a pickle with an archive behind it, so that it can be read in two ways")
    storages = dict[str, Storage]()
    at, streams = 0, list[object]()
    limit = min(file.size, STREAM_MAX_BYTES)
    for number in range(5):
        thing, at = run(file.map, at, limit, storages)
        if number == 0 and thing != _MAGIC:
            raise refusal("type_mismatch", "is a pickle, but not one that torch wrote", hint="this is not a model file")
        streams.append(thing)
    _, protocol, machine, root, order = streams
    match machine:
        case {"little_endian": True} if protocol == _PROTOCOL:
            pass
        case _:
            raise refusal("stream_malformed", "was written by an unknown kind of torch or machine")
    keys = cast(list[object], order) if isinstance(order, list) else []
    if len(keys) != len(storages) or set(map(str, keys)) != set(storages):
        raise refusal("tensor_invalid", "names other storages than its tensors do")
    members = dict[str, Member]()
    for key in map(str, keys):
        count = file.read(at, at + 8)
        begin, end = at + 8, at + 8 + storages[key].size
        if end > file.size:
            raise refusal("truncated", f"is cut short: {file.size:,} bytes of at least {end:,}")
        if struct.unpack("<q", count)[0] != storages[key].count:
            raise refusal("tensor_invalid", f"tells two sizes of its storage {shown(key)}")
        members[key] = Member(begin, end, None)
        at = end
    if at != file.size:
        raise refusal("stream_malformed", f"is {file.size - at:,} bytes too long")
    return root, storages, members


def looks_pickled(start: bytes) -> bool:
    """Whether a file that starts so is for `open_pickled`."""
    return start.startswith(b"PK\x03\x04") or (
        start[:1] == b"\x80" and start[1:2] in (b"\1", b"\2", b"\3", b"\4", b"\5")
    )
