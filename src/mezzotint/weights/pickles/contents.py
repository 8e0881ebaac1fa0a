"""The tensors in what a stream gave: by name, out of their wrappers, and the plain values beside them."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias, cast

from mezzotint.weights.faults import is_sane_name, refusal, shown
from mezzotint.weights.pickles.values import NumpyArray, TensorView

Found: TypeAlias = TensorView | NumpyArray

TENSORS_MAX = 50_000
_DEPTH_MAX = 64
_VISITS_MAX = 500_000


def contents(root: object) -> tuple[dict[str, Found], dict[str, object]]:
    """Tensors by dotted name, and the plain values (numbers, texts, lists of them) that lie among them.

    Raises ModelFileError if there is more in it than any model has, or no tensor.
    """
    _check_extent(root)
    table = _unwrapped(root)
    tensors, values = dict[str, Found](), dict[str, object]()
    if isinstance(table, Found):  # one bare tensor
        return {"": table}, values
    for name, thing in _leaves(table, ""):
        if isinstance(thing, Found):
            if not is_sane_name(name):
                raise refusal("tensor_invalid", f"has a tensor of the name {shown(name)}")
            if name in tensors:
                raise refusal("tensor_invalid", f"has two tensors of the name {shown(name)}")
            tensors[name] = thing
            if len(tensors) > TENSORS_MAX:
                raise refusal("limit_exceeded", f"has more than {TENSORS_MAX:,} tensors")
        else:
            values[name] = thing
    if not tensors:
        raise refusal("type_mismatch", "holds no tensors", hint="this is not a model file")
    return tensors, values


def _check_extent(root: object) -> None:
    """Walk all of it level by level as a tree, in which what is reached in two ways counts twice."""
    level, visits = [root], 0
    for _ in range(_DEPTH_MAX):
        inner = list[object]()
        for thing in level:
            if isinstance(thing, dict):
                inner.extend(cast(dict[object, object], thing).values())
            elif isinstance(thing, (list, tuple)):
                inner.extend(cast(list[object], thing))
            if visits + len(inner) > _VISITS_MAX:
                raise refusal("limit_exceeded", f"holds more than {_VISITS_MAX:,} things")
        visits += len(inner)
        level = inner
        if not level:
            return
    raise refusal("limit_exceeded", f"holds tables in tables, more than {_DEPTH_MAX} deep")


def _unwrapped(root: object) -> object:
    """The innermost table of weights: ``state_dict`` must be one, ``module`` and ``model`` are if they look so."""
    while isinstance(root, dict):
        table = cast(dict[object, object], root)
        if "state_dict" in table:
            root = table["state_dict"]
            if not isinstance(root, dict):
                raise refusal("type_mismatch", f"has a {type(root).__name__} where the table of weights should be")
            rows = cast(dict[object, object], root)
            strange = [key for key, value in rows.items() if _names_a_tensor(key) and not isinstance(value, Found)]
            if strange:
                raise refusal("type_mismatch", f"has no tensor at {shown(str(strange[0]))}")
            continue
        for wrapper in ("module", "model"):
            inner = table.get(wrapper)
            if isinstance(inner, dict) and _looks_like_weights(cast(dict[object, object], inner)):
                root = cast(object, inner)
                break
        else:
            return cast(object, root)
    if isinstance(root, Found):
        return root
    raise refusal(
        "type_mismatch", f"holds a {type(root).__name__}, not a table of weights", hint="this is not a model file"
    )


def _looks_like_weights(table: dict[object, object]) -> bool:
    return "state_dict" in table or any(isinstance(value, Found) for value in table.values())


def _leaves(table: object, prefix: str) -> Iterator[tuple[str, object]]:
    """Names and values of all that is no table. Lists of plain values stay whole."""
    rows: Iterator[tuple[object, object]]
    if isinstance(table, dict):
        rows = iter(cast(dict[object, object], table).items())
    else:
        rows = iter(enumerate(cast(Sequence[object], table)))
    for key, value in rows:
        if not isinstance(key, (str, int)):
            continue  # a class as a key: what a training tool remembers
        name = f"{prefix}{key}"
        if isinstance(value, dict) or (isinstance(value, (list, tuple)) and _has_more(cast(Sequence[object], value))):
            yield from _leaves(cast(object, value), f"{name}.")
        elif isinstance(value, Found) or _is_plain(cast(object, value)):
            if not isinstance(value, Found) and not prefix and _names_a_tensor(key):
                raise refusal("type_mismatch", f"has no tensor at {shown(name)}")
            yield name, value


def _names_a_tensor(key: object) -> bool:
    return isinstance(key, str) and key.count(".") > 1


def _has_more(items: Sequence[object]) -> bool:
    return any(isinstance(item, (dict, list, tuple, TensorView, NumpyArray)) for item in items)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (str, int, float, bool, list, tuple))
