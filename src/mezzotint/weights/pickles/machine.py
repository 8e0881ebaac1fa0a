"""A machine for pickle streams that runs nothing: the opcodes torch writes, plain data, checks at each step.

The opcodes are those of Python's `pickletools`, protocols 2 and 3. Whatever would look a class up by text on the stack,
make objects by other roads than a call, or play with the stack is refused by name. One loop with its state in local
names: a checkpoint with all its optimizer's state takes some 100,000 operations.
"""

import mmap
import struct
from collections.abc import Callable, Mapping
from typing import TypeAlias, cast

from mezzotint.errors import ModelFileError
from mezzotint.weights.faults import refusal, shown
from mezzotint.weights.pickles.rebuilding import storage
from mezzotint.weights.pickles.values import Storage, checked_key
from mezzotint.weights.pickles.vocabulary import call, named, set_state

STREAM_MAX_BYTES = 64 * 2**20
_OPERATIONS_MAX = 500_000
_MEMO_MAX = 1_000_000
_NAME_MAX = 255
_WHOLE_MAX_BYTES = 16  # torch's own magic number has 10; long ones take quadratic time
_PROTOCOLS = range(6)

Bytes: TypeAlias = bytes | mmap.mmap


def run(data: Bytes, at: int, end: int, storages: dict[str, Storage]) -> tuple[object, int]:
    """The object that the stream in ``data`` from ``at`` describes, and where the stream ends, at most at ``end``.

    ``storages`` gathers the storages that it refers to. Raises ModelFileError for anything but a saved model.
    """
    stack, marks, memo = list[object](), list[int](), dict[int, object]()
    floor = 0  # what lies below the last mark is out of reach
    for _ in range(_OPERATIONS_MAX):
        if at >= end:
            raise _malformed("ends in the middle")
        code, at = data[at], at + 1
        if code not in _WIDTHS:
            raise _refused_opcode(code)
        argument, at = data[at : at + _WIDTHS[code]], at + _WIDTHS[code]
        if at > end:
            raise _malformed("ends in the middle")
        if len(stack) - floor < _NEEDS.get(code, 0):
            raise _malformed("takes more from the stack than lies there")

        if code in _VALUES:
            stack.append(_VALUES[code](argument))
        elif code in _LONG_VALUES:
            size = int.from_bytes(argument, "little")
            if size > end - at:
                raise _malformed("ends in the middle")
            stack.append(_LONG_VALUES[code](data[at : at + size]))
            at += size
        elif code in b"qr":  # BINPUT, LONG_BINPUT
            index = int.from_bytes(argument, "little")
            if index >= _MEMO_MAX:
                raise refusal("limit_exceeded", f"remembers an object under the number {index:,}")
            memo[index] = stack[-1]
        elif code in b"hj":  # BINGET, LONG_BINGET
            index = int.from_bytes(argument, "little")
            if index not in memo:
                raise _malformed("recalls an object that it did not remember")
            stack.append(memo[index])
        elif code == _MARK:
            floor = len(stack)
            marks.append(floor)
        elif code in b"teu":  # TUPLE, APPENDS, SETITEMS: of all since the mark
            if not marks:
                raise _malformed("goes back to a mark that was not set")
            height = marks.pop()
            things = stack[height:]
            del stack[height:]
            floor = marks[-1] if marks else 0
            if code == _TUPLE:
                stack.append(tuple(things))
            elif len(stack) == floor:
                raise _malformed("takes more from the stack than lies there")
            else:
                _extend(stack[-1], things, is_table=code == _SETITEMS)
        elif code in _TUPLES:
            count = _TUPLES[code]
            stack[-count:] = [tuple(stack[-count:])]
        elif code == _APPEND:
            _extend(stack[-2], [stack.pop()], is_table=False)
        elif code == _SETITEM:
            value, key = stack.pop(), stack.pop()
            _extend(stack[-1], [key, value], is_table=True)
        elif code in (_REDUCE, _NEWOBJ):  # the same, for what the vocabulary allows
            arguments = stack.pop()
            stack[-1] = call(stack[-1], arguments)
        elif code == _BUILD:
            state = stack.pop()
            set_state(stack[-1], state)
        elif code == _BINPERSID:
            stack[-1] = _known(storage(stack[-1]), storages)
        elif code == _GLOBAL:
            module, at = _line(data, at, end)
            name, at = _line(data, at, end)
            stack.append(named(module, name))
        elif code == _PROTO:
            if argument[0] not in _PROTOCOLS:
                raise refusal("protocol_refused", f"has the pickle protocol {argument[0]}, which there is not")
        elif code == _FRAME:
            if int.from_bytes(argument, "little") > end - at:
                raise _malformed("has a frame that is longer than the rest")
        elif len(stack) != 1 or marks:
            raise _malformed("stops with something else than one object")
        else:
            return stack[0], at
    raise refusal("limit_exceeded", f"has more than {_OPERATIONS_MAX:,} pickle operations")


def _extend(target: object, things: list[object], *, is_table: bool) -> None:
    """Append to a list, or set the items of a table, given as key, value, key, value, …"""
    if not isinstance(target, dict if is_table else list):
        raise refusal("type_mismatch", f"fills a {type(target).__name__} with items")
    if not is_table:
        cast(list[object], target).extend(things)
        return
    if len(things) % 2:
        raise _malformed("has a key without a value")
    keys = things[::2]
    if not all(type(key) is str for key in keys):  # the common case needs no closer look
        keys = [checked_key(key) for key in keys]
    cast(dict[object, object], target).update(zip(keys, things[1::2], strict=True))


def _known(found: Storage, storages: dict[str, Storage]) -> Storage:
    """The storage as it was told of first. Raises DamagedFile if that was something else."""
    first = storages.setdefault(found.key, found)
    if (first.dtype, first.count) != (found.dtype, found.count):
        raise refusal("tensor_invalid", f"describes the storage {found.key} in two ways")
    return first


def _line(data: Bytes, at: int, end: int) -> tuple[str, int]:
    """Text up to the end of the line, and where the next begins."""
    found = data.find(b"\n", at, min(end, at + _NAME_MAX + 1))
    if found < 0:
        raise _malformed("has a name without an end")
    return _text(data[at:found]), found + 1


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise _malformed("has text that is not UTF-8") from error


def _whole(raw: bytes) -> int:
    if len(raw) > _WHOLE_MAX_BYTES:
        raise refusal("limit_exceeded", f"has a whole number of {len(raw):,} bytes")
    return int.from_bytes(raw, "little", signed=True)


def _malformed(what: str) -> ModelFileError:
    return refusal("stream_malformed", f"is a damaged pickle: it {what}")


def _refused_opcode(code: int) -> ModelFileError:
    if code in _TEXT_OPCODES:
        return _malformed(f"has the opcode {shown(chr(code))} of a protocol in which torch never wrote")
    if code in _REFUSED:
        return refusal("opcode_refused", f"uses the pickle opcode {_REFUSED[code]}, which no saved model needs")
    return _malformed(f"has the unknown opcode {shown(chr(code))}")


_PROTO, _FRAME, _STOP, _MARK, _TUPLE = 0x80, 0x95, ord("."), ord("("), ord("t")
_APPEND, _APPENDS, _SETITEM, _SETITEMS = ord("a"), ord("e"), ord("s"), ord("u")
_REDUCE, _NEWOBJ, _BUILD, _BINPERSID, _GLOBAL = ord("R"), 0x81, ord("b"), ord("Q"), ord("c")
_TUPLES = {0x85: 1, 0x86: 2, 0x87: 3}
_VALUES: Mapping[int, Callable[[bytes], object]] = {
    ord("N"): lambda raw: None,
    0x88: lambda raw: True,
    0x89: lambda raw: False,
    ord("J"): lambda raw: int.from_bytes(raw, "little", signed=True),
    ord("K"): lambda raw: raw[0],
    ord("M"): lambda raw: int.from_bytes(raw, "little"),
    ord("G"): lambda raw: struct.unpack(">d", raw)[0],
    ord(")"): lambda raw: (),
    ord("]"): lambda raw: [],
    ord("}"): lambda raw: {},
}
_LONG_VALUES: Mapping[int, Callable[[bytes], object]] = {
    ord("X"): _text,  # BINUNICODE
    0x8C: _text,
    0x8D: _text,
    ord("U"): lambda raw: raw.decode("ascii") if raw.isascii() else raw,  # Python 2 wrote text and bytes alike
    ord("T"): lambda raw: raw.decode("ascii") if raw.isascii() else raw,
    ord("C"): lambda raw: raw,  # SHORT_BINBYTES
    ord("B"): lambda raw: raw,
    0x8E: lambda raw: raw,
    0x8A: _whole,  # LONG1
    0x8B: _whole,
}
_WIDTHS: Mapping[int, int] = {  # bytes of the argument, or of its length
    **dict.fromkeys([_STOP, _MARK, _TUPLE, *_TUPLES, _APPEND, _APPENDS, _SETITEM, _SETITEMS], 0),
    **dict.fromkeys([_REDUCE, _NEWOBJ, _BUILD, _BINPERSID, _GLOBAL, *b"N\x88\x89)]}"], 0),
    **dict.fromkeys([_PROTO, *b"KqhUC\x8c\x8a"], 1),
    **dict.fromkeys(b"M", 2),
    **dict.fromkeys(b"JrjXTB\x8b", 4),
    **dict.fromkeys([_FRAME, *b"G\x8d\x8e"], 8),
}
_NEEDS: Mapping[int, int] = {
    **_TUPLES,
    **dict.fromkeys([_APPEND, _REDUCE, _NEWOBJ, _BUILD], 2),
    **dict.fromkeys([_BINPERSID, *b"qr"], 1),
    _SETITEM: 3,
}
_TEXT_OPCODES = b"ILSVFgpPld"
_REFUSED: Mapping[int, str] = {
    0x93: "STACK_GLOBAL",
    0x92: "NEWOBJ_EX",
    0x94: "MEMOIZE",
    0x8F: "EMPTY_SET",
    0x90: "ADDITEMS",
    0x91: "FROZENSET",
    0x96: "BYTEARRAY8",
    0x97: "NEXT_BUFFER",
    0x98: "READONLY_BUFFER",
    0x82: "EXT1",
    0x83: "EXT2",
    0x84: "EXT4",
    ord("i"): "INST",
    ord("o"): "OBJ",
    ord("0"): "POP",
    ord("1"): "POP_MARK",
    ord("2"): "DUP",
}
