"""Registry: name to thing, built in or from other packages, imported on first use; options read from signatures."""

import inspect
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any, Generic, TypeVar, cast, get_args, get_origin, get_type_hints

from mezzotint.errors import PluginError, UnknownName, require

log = logging.getLogger(__name__)
T = TypeVar("T")


class Registry(Generic[T]):
    """Things of one kind by name.

    ``places`` maps a name to ``"package.module:ATTRIBUTE"``; ``aliases`` maps other spellings to such a name.
    Names are found in any letter case. Other packages add to ``group`` by entry points; a built-in name wins.
    """

    def __init__(
        self, kind: str, places: Mapping[str, str], *, group: str = "", aliases: Mapping[str, str] | None = None
    ) -> None:
        self.kind = kind
        self.group = group
        self.aliases = dict(aliases or {})
        self._places = dict(places)
        self._loaded: dict[str, T] = {}
        for alias, name in self.aliases.items():
            if name not in self._places:
                raise ValueError(f"{kind} alias {alias!r} points to {name!r}, which is not registered")

    def __getitem__(self, name: str) -> T:
        """The thing itself. Raises UnknownName, or PluginError if another package's thing does not load."""
        known = self.resolve(name)
        if known not in self._loaded:
            self._loaded[known] = self._load(known)
        return self._loaded[known]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def names(self) -> list[str]:
        """Registered names without aliases: built-in ones in the order given, then other packages' sorted."""
        return [*self._places, *sorted(self._plugins)]

    def resolve(self, name: str) -> str:
        """The registered spelling of a name or alias given in any letter case. Raises UnknownName."""
        found = self._find(name)
        if found is None:
            raise UnknownName(self.kind, name, self.names())
        return found

    def problems(self) -> dict[str, str]:
        """Other packages' names that do not load, each with the reason."""
        found: dict[str, str] = {}
        for name in self._plugins:
            try:
                self[name]
            except PluginError as error:
                found[name] = error.message
        return found

    @cached_property
    def _plugins(self) -> dict[str, EntryPoint]:
        points = entry_points(group=self.group) if self.group else ()
        return {point.name: point for point in points if point.name not in self._places}

    def _find(self, name: str) -> str | None:
        if name in self._places:  # the common case, without looking for plugins
            return name
        if name in self._plugins:
            return name
        spellings = {**{alias.casefold(): of for alias, of in self.aliases.items()}, **{n.casefold(): n for n in self}}
        return self.aliases.get(name) or spellings.get(name.casefold())

    def _load(self, name: str) -> T:
        if name in self._places:
            module, _, attribute = self._places[name].partition(":")
            return cast(T, getattr(import_module(module), attribute))  # the table's word for it; contract tests check
        point = self._plugins[name]
        try:
            return cast(T, point.load())
        except Exception as error:  # a broken plugin must not take the rest down
            log.exception("%s %r from %s does not load", self.kind, name, point.value)
            raise PluginError(
                f"{self.kind} {name!r} from {point.value} does not load: {error}",
                hint="update or uninstall the package that brings it",
            ) from error


@dataclass(frozen=True)
class Limits:
    """Range of a numeric option, both ends included, and the step a slider moves by."""

    low: float
    high: float
    step: float | None = None

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def check(self, name: str, value: float) -> None:
        """Raise RequestError if ``value`` is out of range (or not a number)."""
        require(value in self, f"{name} must be {self.low:g} to {self.high:g}, got {value:g}")


@dataclass(frozen=True)
class Option:
    """One keyword-only argument as the doors present it."""

    type: Any  # whatever was annotated: a class, a Literal, a union
    default: Any  # of that type
    limits: Limits | None = None


def options(function: Callable[..., object]) -> dict[str, Option]:
    """The keyword-only arguments of ``function`` by name, with type, default and ``Annotated`` limits."""
    hints = get_type_hints(function, include_extras=True)
    return {
        name: _option(hints[name], parameter.default)
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def _option(hint: Any, default: Any) -> Option:  # Any: annotations are arbitrary objects
    if get_origin(hint) is not Annotated:
        return Option(hint, default)
    kind, *extras = get_args(hint)
    return Option(kind, default, next((extra for extra in extras if isinstance(extra, Limits)), None))
