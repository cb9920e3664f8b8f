"""What is written as JSON and read back as attributes: one rule for parts, versions and what nobody measured.

A ``Part`` is a frozen dataclass that goes to plain data and back by its declared types. A ``Stored`` is one that
stands by itself, in a file or a column of a database: it writes the version of its form, reads older ones and refuses
newer ones with a sentence.
"""

import dataclasses
import types
from collections.abc import Callable, Mapping
from functools import cache
from math import isfinite
from typing import Any, ClassVar, Self, Union, get_args, get_origin, get_type_hints

import numpy as np

from experiments.errors import ArtifactError, gettext_noop
from experiments.sentence import Sentence

AS_IT_IS = frozenset({str, int, bool, type(None)})
VERSION = "schema_version"
NEWER = gettext_noop(
    "This was written by a newer version of Xiaoyu (%(what)s in format %(found)s; this version reads up to "
    "%(known)s). Update Xiaoyu to read it."
)
UNREADABLE = gettext_noop("This cannot be read as %(what)s: its version is written as %(found)s.")
INCOMPLETE = gettext_noop("This is incomplete and cannot be read as %(what)s: %(part)s is missing.")

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
Reviver = Callable[[Any], Any]


def unless_absent(default: Any = None) -> Any:
    """Return a field that is not written while nobody has measured it."""
    return dataclasses.field(default=default, metadata={"may_be_absent": True})


def plain(value: Any) -> Any:
    """Turn a value into JSON-ready data: numpy into Python's own, tuples into lists, what is undefined into ``None``.

    What says itself how it is written (``to_dict``) does; other dataclasses are written field by field.
    """
    kind = type(value)
    if kind in AS_IT_IS:  # nearly all there is: a model's evidence holds tens of thousands of numbers
        return value
    if kind is float:
        return value if isfinite(value) else None
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return plain_fields(value) if dataclasses.is_dataclass(value) else value


def plain_fields(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass as JSON-ready data."""
    return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


class Part:
    """A frozen dataclass that is a part of what is stored."""

    what: ClassVar[str] = ""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data; what is undefined becomes ``None``, what nobody measured is left out."""
        found = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if not (field.metadata.get("may_be_absent") and value == field.default):
                found[field.name] = plain(value)
        return found

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build it from what ``to_dict`` gave.

        Raises
        ------
        ArtifactError : a part that it cannot be without is missing.
        """
        declared: Any = cls
        values = {}
        for name, revive, has_default in _fields_of(declared):
            value = stored.get(name)
            if value is not None or (name in stored and not has_default):
                values[name] = revive(value)
            elif not has_default:
                raise ArtifactError(INCOMPLETE, what=_named(cls), part=name)
        return cls(**values)


class Stored(Part):
    """What stands by itself and says in which form it was written.

    Attributes
    ----------
    what : the word for it in a sentence. version : of the form that is written now, from 1.
    upgrades : by version, what turns data of that form into data of the next.
    """

    version: ClassVar[int] = 1
    upgrades: ClassVar[Mapping[int, Upgrade]] = {}

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready plain data with the version of its form."""
        return {VERSION: self.version, **super().to_dict()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build it from what ``to_dict`` gave, now or in an earlier form.

        Raises
        ------
        ArtifactError : it was written in a form that is not known yet, or a part is missing.
        """
        return super().from_dict(of_this_version(cls, stored))


def of_this_version(kind: type[Stored], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored data in the form of today; data that names no version is of the first.

    Examples
    --------
    >>> class Note(Stored):
    ...     what, version = "note", 2
    ...     upgrades = {1: lambda old: {"text": old["words"]}}
    >>> of_this_version(Note, {"words": "kept"})
    {'text': 'kept'}
    """
    values = dict(stored)
    found = values.pop(VERSION, 1)
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise ArtifactError(UNREADABLE, what=_named(kind), found=str(found))
    if found > kind.version:
        raise ArtifactError(NEWER, what=_named(kind), found=found, known=kind.version)
    for version in range(found, kind.version):
        values = kind.upgrades[version](values)
    return values


def _named(kind: type[Part]) -> dict[str, Any]:
    return Sentence(kind.what or kind.__name__).to_dict()


@cache
def _hints_of(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _fields_of(kind: Any) -> tuple[tuple[str, Reviver, bool], ...]:
    """Return of each field its name, what rebuilds its value, and whether it may be missing."""
    hints = _hints_of(kind)
    return tuple((field.name, _reviver(hints[field.name]), _has_default(field)) for field in dataclasses.fields(kind))


def _has_default(field: Any) -> bool:
    return any(one is not dataclasses.MISSING for one in (field.default, field.default_factory))


@cache
def _revivers_of(kind: Any) -> dict[str, Reviver]:
    return {name: _reviver(hint) for name, hint in _hints_of(kind).items()}


@cache
def _reviver(kind: Any) -> Reviver:
    """Return what rebuilds plain data by its declared type; found out once a type, since a page reads thousands."""
    nothing, rebuild = float("nan") if kind is float else None, _rebuilding(kind)
    if rebuild is None:
        return lambda value: nothing if value is None else value
    return lambda value: nothing if value is None else rebuild(value)


def _rebuilding(kind: Any) -> Reviver | None:
    """Return what rebuilds dataclasses, tuples and mappings; None for what stays as it is."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _reviver(next(one for one in inner if one is not type(None)))
    if hasattr(kind, "from_dict"):
        rebuild: Reviver = kind.from_dict
        return rebuild
    if dataclasses.is_dataclass(kind):
        declared: Any = kind
        return lambda value: declared(**{name: _revivers_of(declared)[name](item) for name, item in value.items()})
    if origin in (tuple, list):
        return lambda value: origin(map(_reviver(inner[0]), value))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return lambda value: dict(zip(value, map(_reviver(inner[1]), value.values()), strict=True))
    return None
