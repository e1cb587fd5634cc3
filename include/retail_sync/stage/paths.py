"""Paths into a record, such as `address.city` or `lines.101-1.quantity`: looked up, checked against its type, set."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from msgspec import inspect

from retail_sync.errors import ConfigurationError
from retail_sync.model.records import RECORD_TYPES, Stream

Parts = tuple[str, ...]


def parts_of(stream: Stream, path: str) -> Parts:
    """The parts of a path that a record of the stream may have and a person may change.

    Raises:
        ConfigurationError: There is nothing at such a path, or it must not be changed.
    """
    parts, kind = _split(stream, path)
    if kind is None or isinstance(kind, (inspect.StructType, inspect.VarTupleType, inspect.DictType)):
        raise ConfigurationError(f"{path} is nothing that can be set", fix=_known(stream))
    if parts[-1] == "key":
        raise ConfigurationError(f"{path} can't be changed: it is known by that", fix="Correct what it says instead.")
    return parts


def split(stream: Stream, path: str) -> Parts:
    """The parts of a path; what follows an open set of names, such as attributes, is one name."""
    return _split(stream, path)[0]


def _split(stream: Stream, path: str) -> tuple[Parts, inspect.Type | None]:
    kind: inspect.Type | None = _type_of(stream)
    parts: list[str] = []
    rest = path
    while rest:
        part, _, rest = (rest, "", "") if isinstance(kind, inspect.DictType) else rest.partition(".")
        parts.append(part)
        kind = _inside(kind, part)
    return tuple(parts), kind


def parsed(stream: Stream, path: str, text: str) -> str | None:
    """A value as JSON holds it; an empty text takes the value away.

    Raises:
        ConfigurationError: It is no number, or a time that may be of any zone. What else is wrong shows when the record
            is made of it.
    """
    if not text:
        return None
    _, kind = _split(stream, path)
    if isinstance(kind, inspect.DecimalType) and not _is_amount(text):
        raise ConfigurationError(f"{path} must be a number", fix="Write it as 249.00.")
    if isinstance(kind, inspect.DateTimeType) and not _is_moment(text):
        raise ConfigurationError(f"{path} must be a time", fix="Write it as 2026-05-01T08:00:00Z.")
    return text


def find(doc: Any, parts: Sequence[str]) -> Any:
    """What stands there, or None."""
    for part in parts:
        doc = _step(doc, part)
    return doc


def put(doc: dict[str, Any], parts: Parts, value: Any) -> None:
    """Set what stands there, with what must stand around it; None takes it away.

    Raises:
        ConfigurationError: The list that it is in has no such element.
    """
    at: Any = doc
    for part in parts[:-1]:
        inside = _step(at, part)
        if inside is None and isinstance(at, list):
            raise ConfigurationError(
                f"there is no {part!r} in {'.'.join(parts)}",
                fix="Name an element by its key, or by its place from 0 on.",
            )
        if inside is None:
            if value is None:
                return
            inside = at[part] = {}
        at = inside
    if value is None:
        at.pop(parts[-1], None)
    else:
        at[parts[-1]] = value


def standing(doc: dict[str, Any], parts: Parts) -> Parts:
    """The beginning of a path up to the first thing that does not stand there yet; all of it if everything does."""
    for length in range(1, len(parts)):
        if find(doc, parts[:length]) is None:
            return parts[:length]
    return parts


def jsonpath(doc: dict[str, Any], parts: Parts) -> str:
    """The same path for Postgres; elements of lists are found by their key wherever they stand."""
    at: Any = doc
    steps = ["$"]
    for part in parts:
        inside = _step(at, part)
        if not isinstance(at, list):
            steps.append(f".{json.dumps(part)}")
        elif isinstance(inside, dict) and "key" in inside:
            steps.append(f"[*] ? (@.key == {json.dumps(inside['key'])})")
        else:
            steps.append(f"[{part}]")
        at = inside
    return "".join(steps)


def _step(doc: Any, part: str) -> Any:
    if isinstance(doc, dict):
        return doc.get(part)
    if not isinstance(doc, list):
        return None
    by_key = next((one for one in doc if isinstance(one, dict) and one.get("key") == part), None)
    if by_key is not None:
        return by_key
    return doc[int(part)] if part.isdecimal() and int(part) < len(doc) else None


@cache
def _type_of(stream: Stream) -> inspect.Type:
    return inspect.type_info(RECORD_TYPES[stream])


def _inside(kind: inspect.Type | None, part: str) -> inspect.Type | None:
    """The type of what lies under a part, without its None."""
    if isinstance(kind, inspect.StructType):
        found = next((field.type for field in kind.fields if field.name == part), None)
    elif isinstance(kind, inspect.DictType):
        found = kind.value_type
    elif isinstance(kind, inspect.VarTupleType):
        found = kind.item_type
    else:
        return None
    if isinstance(found, inspect.UnionType):
        return next(one for one in found.types if not isinstance(one, inspect.NoneType))
    return found


def _known(stream: Stream) -> str:
    kind = _type_of(stream)
    names = [field.name for field in kind.fields] if isinstance(kind, inspect.StructType) else []
    return f"One of the {stream} has {', '.join(name for name in names if name != 'key')}."


def _is_amount(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
