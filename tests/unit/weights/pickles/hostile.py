"""Files made to do harm when opened, by the numbers of a list of such recipes. Each can only make an empty folder."""
# ruff: noqa: E501  # a table reads best with one recipe a line

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.unit.weights.pickles.writing import (
    GOOD,
    MAGIC,
    ORDERED,
    REBUILD,
    TWO_FLOATS,
    archive,
    called,
    group,
    legacy,
    listed,
    name,
    number,
    storage,
    stream,
    table,
    tensor,
    text,
)

HEAVY = frozenset({"B17b deep", "B17c deep", "D07", "C11b"})
"""Those that take seconds to refuse while every call is checked."""

Make = Callable[[str], bytes]


@dataclass(frozen=True)
class Recipe:
    """``make`` gives a file that would create the folder it is told; opening it must fail with one of ``faults``."""

    make: Make
    faults: frozenset[str]


def mkdir(mark: str) -> bytes:
    return called(name("os", "mkdir"), text(mark))


def touching(mark: str) -> str:
    """Python source that makes the folder."""
    return f"import os; os.mkdir({mark!r})"


def _zipped(stream_of: Make) -> Make:
    return lambda mark: archive(stream_of(mark))


def _whole(thing: Make) -> Make:
    """The thing as all there is."""
    return lambda mark: archive(stream(thing(mark)), {})


def _gadget(module: str, attribute: str, *arguments: bytes) -> Make:
    return _whole(lambda mark: called(name(module, attribute), *(arguments or (text(touching(mark)),))))


_ALIAS = tensor()  # one of many views of one storage
_WEIGHTS = table((text("a.b.weight"), tensor()))
EXECUTING: Mapping[str, Make] = {
    "A01": _whole(mkdir),
    "A02": _whole(lambda mark: called(name("posix", "mkdir"), text(mark))),
    "A03": _whole(lambda mark: called(name("builtins", "exec"), text(touching(mark)))),
    "A03b": _whole(lambda mark: called(name("builtins", "eval"), text(f"__import__('os').mkdir({mark!r})"))),
    "A03d": _whole(lambda mark: called(name("__builtin__", "exec"), text(touching(mark)))),
    "A04": _whole(lambda mark: called(name("subprocess", "Popen"), listed(text("mkdir"), text(mark)))),
    "A04b": _whole(lambda mark: called(name("subprocess", "check_output"), listed(text("mkdir"), text(mark)))),
    "A05": _zipped(lambda mark: stream(_WEIGHTS, mkdir(mark), b"0")),
    "A06": _zipped(lambda mark: stream(table((text("state_dict"), _WEIGHTS), (text("optimizer_states"), mkdir(mark))))),
    "A07": _zipped(lambda mark: stream(table((mkdir(mark), tensor())))),
    "A09": _whole(
        lambda mark: called(
            called(name("builtins", "getattr"), called(name("importlib", "import_module"), text("os")), text("mkdir")),
            text(mark),
        )
    ),
    "A09b": _whole(
        lambda mark: called(
            called(
                called(name("operator", "attrgetter"), text("mkdir")),
                called(name("importlib", "import_module"), text("os")),
            ),
            text(mark),
        )
    ),
    "A10": _whole(lambda mark: called(called(name("functools", "partial"), name("os", "mkdir"), text(mark)))),
    "A11": _whole(lambda mark: called(called(name("pkgutil", "resolve_name"), text("os:mkdir")), text(mark))),
    "A12": _whole(
        lambda mark: called(
            called(name("operator", "methodcaller"), text("mkdir")), called(name("pathlib", "Path"), text(mark))
        )
    ),
    "A14a": _whole(lambda mark: called(name("runpy", "_run_code"), text(touching(mark)), table())),
    "A14c": _whole(lambda mark: called(name("timeit", "timeit"), text(touching(mark)))),
    "A18": _whole(
        lambda mark: called(
            name("pickle", "loads"),
            called(name("_codecs", "encode"), text(stream(mkdir(mark)).decode("latin1")), text("latin1")),
        )
    ),
    "B04": _zipped(lambda mark: b"\x80\x02(" + text(mark) + b"ios\nmkdir\n."),
    "B04b": _zipped(lambda mark: b"\x80\x02(" + name("os", "mkdir") + text(mark) + b"o."),
    "B11": _zipped(lambda mark: b"\x80\x02" + mkdir(mark) + b"\xff"),
    "B13e": lambda mark: legacy(stream(table()), streams={4: stream(mkdir(mark))}),
    "B13d": lambda mark: legacy(stream(mkdir(mark))),
    "B13a": lambda mark: legacy(streams={0: stream(mkdir(mark))}),
    "C08": lambda mark: archive(stream(mkdir(mark)), {}, method=zipfile.ZIP_DEFLATED),
    "C01": lambda mark: legacy(stream(table((text("x"), mkdir(mark)))), rest=archive()),
}
"""Those that do run their payload when Python or torch opens them without care."""

_EXECUTING_FAULTS = {"B04": "opcode_refused", "C08": "container_refused", "C01": "container_refused"}


def _bits(mark: str) -> bytes:
    """A payload's stream in protocol 4: names come from the stack."""
    return b"\x80\x04" + text("os") + text("mkdir") + b"\x93" + text(mark) + b"\x85R."


def _by_memo(mark: str) -> bytes:
    """The same by way of the memo, with decoys between."""
    return (
        b"\x80\x02" + text("os") + b"q\x00" + text("collections") + b"q\x01" + text("mkdir") + b"q\x02"
        + text("OrderedDict") + b"h\x00h\x02\x93" + text(mark) + b"\x85R."
    )  # fmt: skip


def _nested(opening: bytes, closing: bytes, depth: int) -> Make:
    return lambda mark: archive(stream(opening * depth + closing * depth), {})


def _ordered_in_ordered(depth: int) -> Make:
    return lambda mark: archive(stream((ORDERED + text("x")) * depth + ORDERED + b"s" * depth), {})


def _doubling(first: bytes, again: Callable[[bytes], bytes]) -> Make:
    def make(mark: str) -> bytes:
        parts = [first + b"q\x00"]
        for level in range(40):
            recall = b"h" + bytes([level])
            parts.append(again(recall) + b"q" + bytes([level + 1]))
        return archive(stream(group(*parts)))

    return make


def _laughing_beside(mark: str) -> bytes:
    """A good table of weights, and beside it lists of twice the list before."""
    lists = [b"]q\x00", *(b"](h" + bytes([n]) + b"h" + bytes([n]) + b"eq" + bytes([n + 1]) for n in range(40))]
    return archive(stream(table((text("state_dict"), _WEIGHTS), (text("callbacks"), group(*lists)))))


def _of_weights(*items: tuple[bytes, bytes], data: Mapping[str, bytes] | None = None) -> Make:
    return lambda mark: archive(stream(table(*items)), data)


def _one(thing: bytes, data: Mapping[str, bytes] | None = None) -> Make:
    """One tensor that is not what it says."""
    return _of_weights((text("a.b.weight"), thing), data=data)


def _patched(old: bytes, new: bytes, whole: bytes | None = None, *, last: bool = False) -> Make:
    def make(mark: str) -> bytes:
        content = archive() if whole is None else whole
        assert old in content and len(old) == len(new)
        at = content.rfind(old) if last else content.find(old)
        return content[:at] + new + content[at + len(old) :]

    return make


def _at_both(offsets: tuple[int, int], value: bytes, *, where: str = "both") -> Make:
    """An archive with a field of its first member changed in its own header, in the directory, or in both."""

    def make(mark: str) -> bytes:
        content = bytearray(archive(stream(mkdir(mark))))
        local, central = content.find(b"PK\x03\x04"), content.find(b"PK\x01\x02")
        for place, offset, which in ((local, offsets[0], "local"), (central, offsets[1], "central")):
            if where in ("both", which):
                content[place + offset : place + offset + len(value)] = value
        return bytes(content)

    return make


def _tar(mark: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as target:
        for member in ("storages", "tensors", "pickle"):
            content = stream(mkdir(mark))
            info = tarfile.TarInfo(member)
            info.size = len(content)
            target.addfile(info, io.BytesIO(content))
    return file.getvalue()


def _overlapping(mark: str) -> bytes:
    """Two members of one run of bytes."""
    content = archive(GOOD, {"0": TWO_FLOATS, "1": TWO_FLOATS})
    entries = [at for at in range(len(content)) if content[at : at + 4] == b"PK\x01\x02"]
    first = content[entries[1] + 42 : entries[1] + 46]
    return content[: entries[2] + 42] + first + content[entries[2] + 46 :]


def _many_members(count: int) -> Make:
    def make(mark: str) -> bytes:
        record = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", *[0] * 9, 3, *[0] * 6) + b"a/x"
        directory = record * count
        end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count % 65536, count % 65536, len(directory), 4, 0)
        return b"PK\x03\x04" + directory + end

    return make


def _set(*faults: str) -> frozenset[str]:
    return frozenset(faults)


def _refused() -> dict[str, Recipe]:
    """All recipes but those above, row by row: identifier, file, what it is refused for."""
    odd_os = ["os ", " os", "os\r", "ｏs", "commands", "httplib", "copy_reg", "o\0s"]
    meta = [("torch._utils", "_rebuild_meta_tensor_no_storage"), ("torch._utils", "_rebuild_sparse_tensor")]
    meta += [("torch._utils", "_rebuild_qtensor"), ("torch._utils", "_rebuild_nested_tensor")]
    meta += [("torch._utils", "_rebuild_wrapper_subclass"), ("torch._tensor", "_rebuild_from_type_v2")]
    within = [("torch.utils.collect_env", "run"), ("torch._inductor.codecache", "compile_file")]
    within += [("torch.jit.unsupported_tensor_ops", "execWrapper"), ("torch.serialization", "load"), ("torch", "load")]
    within += [("torch.hub", "load"), ("numpy.testing._private.utils", "runstring"), ("numpy", "load")]
    running = [("cProfile", "run"), ("code", "InteractiveInterpreter"), ("pdb", "run"), ("doctest", "debug_script")]
    tools = [("pip", "main"), ("ensurepip", "_run_pip"), ("venv", "create"), ("webbrowser", "open")]
    tools += [("pydoc", "pipepager"), ("uuid", "_get_command_stdout"), ("imaplib", "IMAP4_stream")]
    nets = [("urllib.request", "urlopen"), ("socket", "create_connection"), ("ssl", "get_server_certificate")]
    nets += [("requests", "get"), ("asyncio", "run"), ("pandas", "read_csv")]
    hands = [("builtins", "open"), ("io", "FileIO"), ("_io", "FileIO"), ("logging", "FileHandler")]
    other = [("transformers", "AutoModel"), ("types", "FunctionType"), ("cloudpickle.cloudpickle", "_make_function")]
    other += [("sys", "modules"), ("copyreg", "_reconstructor"), ("builtins", "bytearray"), ("builtins", "bytes")]
    other += [("torch", "Tensor"), ("torch", "ComplexFloatStorage"), ("trace", "Trace"), ("builtins", "compile")]
    gadgets = [*meta, *within, *running, *tools, *nets, *hands, *other]
    rows: list[tuple[str, Make, frozenset[str]]] = [
        *((f"global {module}.{attribute}", _gadget(module, attribute), _set("global_refused")) for module, attribute in gadgets),
        *((f"B09 {odd!a}", _gadget(odd, "mkdir"), _set("global_refused")) for odd in odd_os),
        ("A07b", _one(called(REBUILD, storage(text("0"), number(2)), number(0), group(mkdir("x")))), _set("global_refused")),
        ("A08", _one(tensor(source=storage(text("0"), number(2), kind=mkdir("x")))), _set("global_refused")),
        ("B01", lambda mark: archive(_bits(mark)), _set("opcode_refused", "protocol_refused")),
        ("B02", lambda mark: archive(_by_memo(mark)), _set("opcode_refused")),
        ("B03", _gadget("collections", "OrderedDict.__init__.__globals__"), _set("global_refused")),
        ("B03b", _gadget("builtins", "print.__class__.__base__.__subclasses__"), _set("global_refused")),
        ("B03 protocol 9", lambda mark: archive(stream(mkdir(mark), protocol=9)), _set("protocol_refused")),
        ("B04c", lambda mark: archive(stream(name("os", "mkdir"), group(text(mark)), b"\x81")), _set("global_refused")),
        ("B04d", lambda mark: archive(stream(ORDERED, group(), table(), b"\x92")), _set("opcode_refused")),
        ("B05", _of_weights((text("x"), ORDERED + table((text("__class__"), number(1))) + b"b")), _set("type_mismatch")),
        ("B05b", _of_weights((text("x"), name("collections", "OrderedDict") + table() + b"b")), _set("type_mismatch")),
        ("B05c", _of_weights((text("x"), ORDERED + group(b"N", table()) + b"b")), _set("type_mismatch")),
        ("B06", _of_weights((text("x"), ORDERED + table((text("items"), number(1))) + b"b")), _set("type_mismatch")),
        ("B06b", _of_weights((text("x"), name("torch.nn.modules.container", "ParameterDict") + b")\x81"
                              + table((text("_parameters"), number(1))) + b"b")), _set("type_mismatch")),
        *((f"B07 {code}", lambda mark, code=code: archive(stream(code)), _set("opcode_refused"))
          for code in (b"\x82\x01", b"\x83\x01\x01", b"\x84\x01\x01\x01\x01")),
        ("B08", lambda mark: archive(b"\x80\x02Pabc\n."), _set("stream_malformed")),
        *((f"B08 {index}", _one(tensor(source=pid + b"Q")), _set("stream_malformed", "tensor_invalid"))
          for index, pid in enumerate((text("storage"), group(text("storage")), group(text("module"), text("0"), text("cpu")),
                                       group(text("other"), name("torch", "FloatStorage"), text("0"), text("cpu"), number(2))))),
        ("B12", lambda mark: archive(b"\x80\x02L1_0L\n0" + mkdir(mark) + b"."), _set("stream_malformed")),
        ("B12b", lambda mark: archive(b"\x80\x02c\xff\xfe\nx\n" + mkdir(mark) + b"."), _set("stream_malformed")),
        ("B13b", lambda mark: legacy(streams={1: stream(mkdir(mark))}), _set("global_refused")),
        ("B13c", lambda mark: legacy(streams={2: stream(mkdir(mark))}), _set("global_refused")),
        ("B14", lambda mark: archive(GOOD + stream(mkdir(mark))), _set("stream_malformed")),
        ("B16 encode", _whole(lambda mark: called(name("_codecs", "encode"), text("x"), text("rot13"))), _set("type_mismatch")),
        ("B16 dtype", _whole(lambda mark: called(name("numpy", "dtype"), text("O8"), b"\x89", b"\x88")), _set("type_mismatch")),
        ("B16 fields", _whole(lambda mark: called(name("numpy", "dtype"), text("V8"), b"\x89", b"\x88")), _set("type_mismatch")),
        ("B16 array", _whole(lambda mark: called(name("numpy.core.multiarray", "_reconstruct"),
                                                 name("collections", "OrderedDict"), group(number(0)), text("b"))),
         _set("type_mismatch")),
        ("B16 scalar", _whole(lambda mark: called(name("numpy.core.multiarray", "scalar"), text("O"), text("x"))),
         _set("type_mismatch")),
        ("B16 set", _whole(lambda mark: called(name("builtins", "set"), listed(listed(number(1))))), _set("type_mismatch")),
        ("B17", lambda mark: archive(b"\x80\x02}q\x00" + text("x") + b"h\x00s."), _set("limit_exceeded")),
        ("B17b", _nested(b"", b")" + b"\x85" * 5000, 1), _set("limit_exceeded")),
        ("B17b deep", _nested(b"", b")" + b"\x85" * 2_000_000, 1), _set("limit_exceeded")),
        ("B17c", _ordered_in_ordered(1000), _set("limit_exceeded")),
        ("B17c deep", _ordered_in_ordered(100_000), _set("limit_exceeded")),
        ("B18", _doubling(b"]", lambda recall: b"](" + recall + recall + b"e"), _set("limit_exceeded", "type_mismatch")),
        ("B18b", _doubling(b"}", lambda recall: b"}(" + text("a") + recall + text("b") + recall + b"u"),
         _set("limit_exceeded", "type_mismatch")),
        ("B18c", _doubling(tensor(), lambda recall: b"](" + recall + recall + b"e"), _set("limit_exceeded", "type_mismatch")),
        ("B18 beside weights", _laughing_beside, _set("limit_exceeded")),
        ("B19", lambda mark: archive(stream(b"]r\xff\xff\xff\x7f")), _set("limit_exceeded")),
        ("B19b", lambda mark: archive(stream(b"]" + b"q\x00" * 3_000_000), {}), _set("limit_exceeded")),
        ("B19c", lambda mark: archive(stream(b"h\x05")), _set("stream_malformed")),
        ("B19d", lambda mark: archive(stream(b"q\x00")), _set("stream_malformed")),
        ("B20", lambda mark: archive(stream(b"X\xff\xff\xff\x7f0123456789")), _set("stream_malformed")),
        ("B20b", lambda mark: archive(stream(b"\x8d" + struct.pack("<Q", 2**63) + b"0123456789")), _set("stream_malformed")),
        ("B20c", lambda mark: archive(stream(b"\x8b" + struct.pack("<I", 512 * 2**20) + b"1")), _set("stream_malformed")),
        ("B20c there", lambda mark: archive(stream(b"\x8b" + struct.pack("<I", 2**20) + bytes(2**20))), _set("limit_exceeded")),
        ("B20d", lambda mark: archive(stream(b"\x95" + struct.pack("<Q", 2**62), _WEIGHTS)), _set("stream_malformed")),
        ("B21", _gadget("builtins", "bytearray", number(6 * 10**9)), _set("global_refused")),
        ("B21c", lambda mark: archive(stream(b"](" + b"N" * 1_500_000 + b"e"), {}), _set("limit_exceeded")),
        *((f"B22 {content}", lambda mark, content=content: archive(content), _set("stream_malformed"))
          for content in (b"", b"\x80", b"\x80\x02", b"\x80\x02R.", b"\x80\x02e.", b"\x80\x02.", b"\x80\x02NN.", b"\x80\x02(.")),
        ("B22 raw", lambda mark: b"\x80\x02", _set("stream_malformed")),
        ("B23 keys", _of_weights((group(text("a")), tensor())), _set("type_mismatch")),
        ("C02", lambda mark: archive() + legacy(stream(mkdir(mark))), _set("zip_ambiguous")),
        ("C02b", lambda mark: archive() + archive(stream(mkdir(mark))), _set("zip_ambiguous")),
        ("C02c", _patched(b"\0\0", b"\x16\0", archive(), last=True), _set("zip_ambiguous", "truncated")),
        ("C03", lambda mark: archive(stream(mkdir(mark)), more=[("archive/Data.pkl", GOOD)]), _set("zip_ambiguous")),
        ("C03b", lambda mark: archive(GOOD, more=[("archive/DATA.PKL", stream(mkdir(mark)))]), _set("zip_ambiguous")),
        *((f"C03d {odd!r}", lambda mark, odd=odd: archive(GOOD, more=[(odd, stream(mkdir(mark)))]), _set("zip_ambiguous"))
          for odd in ("archive/./data.pkl", "archive//data.pkl", "archive\\data.pkl", "archive/data.pkl ")),
        ("C03e", _patched(b"archive/data.pkx", b"archive/data.pkl", archive(more=[("archive/data.pkx", GOOD)]), last=True),
         _set("zip_ambiguous")),
        ("C04", lambda mark: archive(more=[("second/data.pkl", stream(mkdir(mark)))]), _set("zip_malformed")),
        *((f"C04b {folder[:5]!r}", lambda mark, folder=folder: archive(folder=folder), _set("zip_malformed"))
          for folder in ("", "..", "x" * 300, ".")),
        ("C05", _patched(b"archive/data.pkl", b"archive/data.txt"), _set("zip_malformed")),
        ("C06", _at_both((14, 16), b"\1\2\3\4"), _set("zip_malformed")),
        ("C06b", _at_both((18, 20), b"\1\2\0\0\1\2\0\0"), _set("zip_malformed")),
        ("C06c", _at_both((6, 8), b"\x08\x00"), _set("zip_malformed")),
        ("C06d", _at_both((18, 20), b"\xff\xff\xff\xff", where="local"), _set("zip_malformed")),
        ("C07", _at_both((6, 8), b"\x01\x00", where="central"), _set("zip_malformed")),
        ("C07b", _at_both((6, 8), b"\x01\x00", where="local"), _set("zip_malformed")),
        ("C07c", _at_both((6, 8), b"\x01\x00"), _set("zip_malformed")),
        ("C07d", _at_both((6, 8), b"\x41\x00"), _set("zip_malformed")),
        ("C07e", _at_both((8, 10), b"\x63\x00"), _set("zip_malformed")),
        *((f"C08 {method}", lambda mark, method=method: archive(stream(mkdir(mark)), method=method), _set("container_refused"))
          for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)),
        ("C09", lambda mark: archive(stream(table((text("a.b.weight"), tensor((2**24,), count=2**24)))), {"0": bytes(2**26)},
                                     method=zipfile.ZIP_DEFLATED), _set("container_refused")),
        ("C10", _overlapping, _set("zip_malformed")),
        ("C11", _many_members(60_000), _set("limit_exceeded")),
        ("C11b", _many_members(65_540), _set("limit_exceeded")),
        ("C11c", lambda mark: archive(more=[("archive/" + "x" * 60_000, b"")]), _set("limit_exceeded")),
        ("C11d", lambda mark: archive()[:-10] + struct.pack("<IIH", 300 * 2**20, 0, 0), _set("limit_exceeded")),
        *((f"C12 {extra}", lambda mark, extra=extra: archive(more=[(extra, stream(mkdir(mark)))]), _set("zip_malformed"))
          for extra in ("archive/data/7", "archive/extra.pkl", "archive/code/__torch__.py", "archive/constants.pkl")),
        *((f"C13 {kind!r}", lambda mark, kind=kind: kind + archive(stream(mkdir(mark))), _set("container_refused"))
          for kind in (b"\x89PNG\r\n\x1a\n", b"%PDF-1.4\n", b"\x7fELF", b"#!/bin/sh\n", b"GIF89a", b"junk")),
        *((f"C14 {kind!r}", lambda mark, kind=kind: kind + bytes(300), _set("container_refused"))
          for kind in (b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"\xfd7zXZ\0", b"Rar!\x1a\x07")),
        ("C15", _tar, _set("container_refused")),
        *((f"C16 {odd}", lambda mark, odd=odd: archive(more=[(odd, b"x")]), _set("zip_malformed"))
          for odd in ("../x", "/abs", "archive/../../x")),
        ("C16 link", _at_both((0, 38), struct.pack("<I", 0o120777 << 16), where="central"), _set("zip_malformed")),
        *((f"C17 {order!r}", lambda mark, order=order: archive(more=[("archive/byteorder", order)]), _set("zip_malformed"))
          for order in (b"big", b"", b"middle")),
        *((f"C17 {version[:5]!r}", lambda mark, version=version: archive(version=version), _set("zip_malformed"))
          for version in (b"999", b"", b"x", b"3" * 10_000_000)),
        ("C18 npz", lambda mark: _npz(), _set("not_a_model")),
        ("C18 npy", lambda mark: b"\x93NUMPY\x01\x00v\x00{'descr': '|O', __import__('os').mkdir('x')}" + bytes(200), _set("not_a_model")),
        ("C18 h5", lambda mark: b"\x89HDF\r\n\x1a\n" + bytes(200), _set("not_a_model")),
        ("D01", _one(tensor((3,))), _set("tensor_invalid")),
        ("D01b", _one(tensor(offset=1)), _set("tensor_invalid")),
        ("D01c size", _one(tensor((-1,))), _set("tensor_invalid")),
        ("D01c stride", _one(tensor(strides=(-1,))), _set("tensor_invalid")),
        ("D01c offset", _one(tensor(offset=-1)), _set("tensor_invalid")),
        ("D01d", _one(tensor((2**40, 2**40), (2**40, 1))), _set("tensor_invalid")),
        ("D01e", _one(tensor((0, 2**62), (1, 1))), _set("tensor_invalid")),
        ("D01f", _one(tensor((2,), (1, 1))), _set("tensor_invalid")),
        ("D01g", _one(tensor((1,) * 1000, (1,) * 1000)), _set("tensor_invalid")),
        ("D02", _one(tensor((10**6, 10**6), (0, 0))), _set("tensor_invalid")),
        *((f"D03 {count}", _one(tensor(count=count)), _set("tensor_invalid")) for count in (1, 3, 0, 2**62, -1)),
        *((f"D03 {count!r}", _one(tensor(source=storage(text("0"), count))), _set("tensor_invalid"))
          for count in (b"G" + struct.pack(">d", 2.0), b"\x88", text("2"))),
        *((f"D04 {key[:5]!r}", _one(tensor(source=storage(text(key), number(2)))), _set("tensor_invalid"))
          for key in ("../../x", "/etc/passwd", "9" * 10_000_000, "٣", "")),
        ("D04 number", _one(tensor(source=storage(number(0), number(2)))), _set("tensor_invalid")),
        ("D04 twice", _of_weights((text("a.b.c"), tensor()), (text("a.b.d"), tensor(source=storage(
            text("0"), number(4), kind=name("torch", "HalfStorage"))))), _set("tensor_invalid")),
        ("D05 long", _one(tensor(source=storage(text("0"), number(2), where=text("x" * 2**20)))), _set("tensor_invalid")),
        ("D05 tuple", _one(tensor(source=storage(text("0"), number(2), where=group(text("cpu"))))), _set("tensor_invalid")),
        ("D07", lambda mark: archive(stream(b"}(", *(text(f"a.b.{n}") + _ALIAS for n in range(60_000)), b"u")),
         _set("limit_exceeded")),
        ("D08 hooks", _one(tensor(hooks=table((text("x"), number(1))))), _set("tensor_invalid")),
        ("D08 gradient", _one(tensor(gradient=text("yes"))), _set("tensor_invalid")),
        *((f"D10 {odd[:12]!r}", _of_weights((text(odd), tensor())), _set("tensor_invalid"))
          for odd in ("x" * 2**20, "a\0b", "a\nb", "\x1b[31mred", "__class__", "weight.data.__setattr__", "." * 200, "a\u202eb", "\ud800")),
        *((f"D12 {index}", _of_weights((text("state_dict"), table((text("a.b.c"), thing)))), _set("type_mismatch"))
          for index, thing in enumerate((number(1), text("x"), listed(number(1)), table()))),
        *((f"D12 root {index}", _of_weights((text("state_dict"), thing)), _set("type_mismatch"))
          for index, thing in enumerate((number(1), text("x"), listed(number(1)), b"N"))),
        ("D12 none", lambda mark: archive(stream(b"N"), {}), _set("type_mismatch")),
        ("legacy no torch", lambda mark: stream(table((text("x"), number(1)))), _set("type_mismatch")),
        ("legacy cut", lambda mark: legacy()[:-1], _set("truncated")),
        ("legacy long", lambda mark: legacy() + b"x", _set("stream_malformed")),
        ("legacy sizes", lambda mark: legacy(rest=struct.pack("<q", 3) + TWO_FLOATS), _set("tensor_invalid")),
        ("legacy order", lambda mark: legacy(streams={4: stream(listed(text("1")))}), _set("tensor_invalid")),
        ("legacy magic only", lambda mark: MAGIC, _set("stream_malformed")),
    ]  # fmt: skip
    return {identifier: Recipe(make, faults) for identifier, make, faults in rows}


def _npz() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("x.npy", b"\x93NUMPY")
    return file.getvalue()


RECIPES: Mapping[str, Recipe] = {
    **{
        identifier: Recipe(make, _set(_EXECUTING_FAULTS.get(identifier, "global_refused")))
        for identifier, make in EXECUTING.items()
    },
    **_refused(),
}
"""All of them by identifier."""
