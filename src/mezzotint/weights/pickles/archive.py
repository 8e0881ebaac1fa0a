"""A strict reader of the ZIP archives that torch writes: every byte belongs to one plain member, or it is refused.

Programs disagree about archives that bend the rules, so that one may judge another content than the next one loads.
What this reader admits reads the same everywhere (.ZIP File Format Specification 6.3, sections 4.3 and 4.4).
"""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from mezzotint.weights.faults import refusal, shown
from mezzotint.weights.mapping import MappedFile

MEMBERS_MAX = 50_000
_DIRECTORY_MAX_BYTES = 32 * 2**20
_NAME_MAX_BYTES = 4096
_FOLDER_MAX_BYTES = 255
_TAIL_BYTES = 22 + 65_535  # an end record with the longest comment
_NOT_HERE = 0xFFFFFFFF  # the value stands in the ZIP64 field instead
_UTF8, _SIZES_FOLLOW = 0x0800, 0x0008
_ENCRYPTED, _ENCRYPTIONS = 99, 0x2041  # as a method; as flags: plain, strong, of the directory
_ZIP64 = 1  # id of the extra field
_SPECIAL = re.compile(
    r"data\.pkl|version|byteorder|data/[0-9]{1,9}|\.data/serialization_id|\.(?:format_version|storage_alignment)"
)


@dataclass(frozen=True)
class Member:
    """A run of bytes in a file, and their check sum if it is told."""

    begin: int
    end: int
    crc: int | None


@dataclass(frozen=True)
class _Record:
    """A member as the directory at the end tells of it."""

    name: str
    raw_name: bytes
    flags: int
    crc: int
    size: int
    header: int  # where its own header begins


def has_archive_at_its_end(file: MappedFile) -> bool:
    """Whether a program that looks for archives from the end would find one."""
    tail = file.read(max(0, file.size - _TAIL_BYTES), file.size)
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if len(tail) - at >= 22 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail):
            return True
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return False


def read_archive(file: MappedFile) -> Mapping[str, Member]:
    """The members by their names below the archive's one folder. Raises ModelFileError."""
    begin, end, count = _directory(file)
    records = _records(file.read(begin, end), count)
    if records and not any("/" in record.name for record in records):
        raise refusal(
            "not_a_model", "is a ZIP archive, but not a checkpoint", hint="unpack it, or choose the model file"
        )
    _check_names(records)
    members = dict[str, Member]()
    place = 0
    starts = [record.header for record in sorted(records, key=lambda record: record.header)]
    for record, follows in zip(sorted(records, key=lambda record: record.header), [*starts[1:], begin], strict=True):
        if record.header != place:
            fault = "zip_ambiguous" if place == 0 else "zip_malformed"
            raise refusal(fault, f"has bytes that belong to no part of it, before {shown(record.name)}")
        members[record.name.partition("/")[2]] = _member(file, record, follows)
        place = follows
    _check_contents(file, members)
    return members


def _directory(file: MappedFile) -> tuple[int, int, int]:
    """Where the directory begins and ends, and how many members it has."""
    at = file.size - 22
    record = file.read(max(at, 0), file.size)
    if at < 0 or record[:4] != b"PK\x05\x06" or record[20:] != b"\0\0":
        tail = file.read(max(0, file.size - _TAIL_BYTES), file.size)
        found = tail.rfind(b"PK\x05\x06")
        if 0 <= found <= len(tail) - 22:
            raise refusal("zip_ambiguous", "has more after the end of its archive")
        raise refusal("truncated", f"is cut short: a checkpoint without its end ({file.size:,} bytes)")
    disk, first_disk, here, count, size, begin = struct.unpack("<HHHHII", record[4:20])
    end = at
    if file.read(at - 20, at - 16) == b"PK\x06\x07":
        end, (count64, size64, begin64) = at - 76, _zip64_end(file, at)
        is_told_twice = all(
            short in (long, mask)
            for short, long, mask in ((count, count64, 0xFFFF), (size, size64, _NOT_HERE), (begin, begin64, _NOT_HERE))
        )
        if not is_told_twice:
            raise refusal("zip_malformed", "has two directories that disagree")
        here, count, size, begin = (here if here != 0xFFFF else count64), count64, size64, begin64
    if size > _DIRECTORY_MAX_BYTES or count > MEMBERS_MAX:
        raise refusal("limit_exceeded", f"has {count:,} members in a directory of {size:,} bytes")
    if (disk, first_disk) != (0, 0) or (here != count):
        raise refusal("zip_malformed", "is one of several volumes")
    if begin + size != end:
        raise refusal("zip_ambiguous", "has bytes that belong to no part of it, before its directory or after it")
    return begin, end, count


def _zip64_end(file: MappedFile, at: int) -> tuple[int, int, int]:
    """Number of members, size and place of the directory, in 64 bits."""
    disk, place, disks = struct.unpack("<IQI", file.read(at - 16, at))
    record = file.read(at - 76, at - 20)
    if (
        len(record) != 56
        or place != at - 76
        or disk != 0
        or disks > 1
        or record[:12] != b"PK\x06\x06" + struct.pack("<Q", 44)
    ):
        raise refusal("zip_malformed", "has a damaged end record")
    number, first, here, count, size, begin = struct.unpack("<IIQQQQ", record[16:])
    if number or first or here != count:
        raise refusal("zip_malformed", "is one of several volumes")
    return count, size, begin


def _records(raw: bytes, count: int) -> list[_Record]:
    found = list[_Record]()
    at = 0
    while at < len(raw):
        if len(found) >= MEMBERS_MAX:
            raise refusal("limit_exceeded", f"has more than {MEMBERS_MAX:,} members")
        fixed = raw[at : at + 46]
        if len(fixed) < 46 or fixed[:4] != b"PK\x01\x02":
            raise refusal("zip_malformed", "has a damaged directory")
        flags, method, _, _, crc, packed, size, name, extra, comment, disk, _, attributes, header = struct.unpack(
            "<HHHHIIIHHHHHII", fixed[8:]
        )
        if name > _NAME_MAX_BYTES:
            raise refusal("limit_exceeded", f"has a member with a name of {name:,} bytes")
        raw_name = raw[at + 46 : at + 46 + name]
        fields = raw[at + 46 + name : at + 46 + name + extra]
        at += 46 + name + extra + comment
        if at > len(raw) or comment or disk:
            raise refusal("zip_malformed", "has a damaged directory")
        _check_kind(raw_name, flags, method, attributes)
        long = _zip64_values(fields)
        size, packed, header = (
            long.pop(0) if value == _NOT_HERE and long else value for value in (size, packed, header)
        )
        if size != packed or long:
            raise refusal("zip_malformed", f"tells two sizes of {shown(_text(raw_name))}")
        found.append(_Record(_text(raw_name), raw_name, flags, crc, size, header))
    if len(found) != count:
        raise refusal("zip_malformed", f"has {len(found)} members and says {count}")
    return found


def _check_kind(raw_name: bytes, flags: int, method: int, attributes: int) -> None:
    name = shown(_text(raw_name))
    if method == _ENCRYPTED or flags & _ENCRYPTIONS:
        raise refusal("zip_malformed", f"says that {name} is encrypted")
    if method:
        raise refusal("container_refused", f"has {name} compressed, which torch never does")
    if flags & ~(_UTF8 | _SIZES_FOLLOW):
        raise refusal("zip_malformed", f"has {name} in some unusual way")
    if attributes >> 16 & 0o170000 not in (0, 0o100000):
        raise refusal("zip_malformed", f"has {name} as something else than a file")


def _check_names(records: list[_Record]) -> None:
    seen = set[str]()
    for record in records:
        plain = "/".join(
            part.strip()
            for part in record.name.casefold().replace("\\", "/").split("\0")[0].split("/")
            if part.strip() not in ("", ".")
        )
        if plain in seen:
            raise refusal("zip_ambiguous", f"has {shown(record.name)} twice")
        seen.add(plain)
    folders = {record.name.partition("/")[0] for record in records}
    (folder, *others) = folders or {""}
    is_plain = folder.isprintable() and folder.strip() not in ("", ".", "..") and "\\" not in folder
    if others or not is_plain or len(folder.encode()) > _FOLDER_MAX_BYTES:
        raise refusal("zip_malformed", "does not have its parts in one folder, as torch puts them")
    for record in records:
        if not _SPECIAL.fullmatch(record.name.partition("/")[2]):
            raise refusal("zip_malformed", f"has {shown(record.name)}, which is no part of a checkpoint")


def _member(file: MappedFile, record: _Record, follows: int) -> Member:
    """The member, if its own header and what follows its bytes say the same as the directory."""
    damaged = refusal("zip_malformed", f"tells two stories of {shown(record.name)}")
    fixed = file.read(record.header, record.header + 30)
    if len(fixed) < 30 or fixed[:4] != b"PK\x03\x04":
        raise damaged
    flags, method, _, _, crc, packed, size, name, extra = struct.unpack("<HHHHIIIHH", fixed[6:])
    begin = record.header + 30 + name + extra
    end = begin + record.size
    long = _zip64_values(file.read(begin - extra, begin))
    has_same_name = file.read(record.header + 30, record.header + 30 + name) == record.raw_name
    true, may_follow = record.size, flags & _SIZES_FOLLOW
    sizes_agree = all(
        told == true or (told == 0 and may_follow) or (told == _NOT_HERE and long) for told in (packed, size)
    )
    if (flags, method) != (record.flags, 0) or not has_same_name or not sizes_agree:
        raise damaged
    if any(value not in (true, 0, record.header) for value in long) or not (
        crc == record.crc or (crc == 0 and may_follow)
    ):
        raise damaged
    rest = file.read(end, follows) if 0 <= follows - end <= 24 else b"?"
    sums = struct.pack("<I", record.crc)
    forms = {sums + struct.pack("<QQ", true, true)}
    if true <= _NOT_HERE:
        forms.add(sums + struct.pack("<II", true, true))
    allowed = {b"PK\x07\x08" + form for form in forms} | forms if may_follow else {b""}
    if rest not in allowed:
        raise damaged
    return Member(begin, end, record.crc)


def _zip64_values(fields: bytes) -> list[int]:
    """The numbers of a ZIP64 extra field; none if there is no such field."""
    at = 0
    while len(fields) - at >= 4:
        kind, size = struct.unpack("<HH", fields[at : at + 4])
        if kind == _ZIP64:
            values = fields[at + 4 : at + 4 + size]
            if len(values) != size or size % 8:
                raise refusal("zip_malformed", "has a damaged ZIP64 field")
            return list(struct.unpack(f"<{size // 8}Q", values))
        at += 4 + size
    return []


def _check_contents(file: MappedFile, members: Mapping[str, Member]) -> None:
    """What torch writes about the archive must be what torch writes."""
    small = {
        name: read_member(file, members, name, at_most=100) for name in ("version", "byteorder") if name in members
    }
    if not re.fullmatch(rb"(?:[1-9]|10)\n?", small.get("version", b"")) or "data.pkl" not in members:
        raise refusal("zip_malformed", "is an archive, but not one of the kinds that torch writes")
    if small.get("byteorder", b"little") != b"little":
        raise refusal(
            "zip_malformed", f"has its numbers in the byte order {shown(small['byteorder'].decode('latin1'))}"
        )


def read_member(file: MappedFile, members: Mapping[str, Member], name: str, *, at_most: int) -> bytes:
    """A member's bytes. Raises ModelFileError if there are too many, or they are not those that were written."""
    member = members[name]
    if member.end - member.begin > at_most:
        fault = "limit_exceeded" if name == "data.pkl" else "zip_malformed"
        raise refusal(fault, f"has {member.end - member.begin:,} bytes of {name}")
    check_sum(file, member, name)
    return file.read(member.begin, member.end)


def check_sum(file: MappedFile, member: Member, name: str) -> None:
    """Raises DamagedFile if the bytes are not those that were written."""
    if file.crc32(member.begin, member.end) != member.crc:
        raise refusal("zip_malformed", f"is damaged: the bytes of {shown(name)} do not match their check sum")


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
