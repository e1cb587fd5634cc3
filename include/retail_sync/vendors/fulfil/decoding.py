"""Values as Fulfil writes them: objects that name their class, in place of times, days and decimals (CONFIRMED).

A time or a day comes in three forms: with an ISO text, with its parts alone, or as bare text (SEEN). Times have no zone
and are in UTC.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from retail_sync.errors import IncompleteReadError
from retail_sync.http.messages import NO_JSON

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NUL = "\x00"
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


@dataclass(frozen=True, slots=True)
class Unknown:
    """An object of a class that nobody knows, or that is not as its class says. What it held is not kept."""

    name: str


def decoded(body: bytes, endpoint: str) -> Any:
    """The values of an answer.

    Args:
        body: The answer's body.
        endpoint: Who answered; named in an error.

    Raises:
        IncompleteReadError: The body is no JSON.
    """
    text = body.removeprefix(_BYTE_ORDER_MARK)
    try:
        return value(_decode(text))
    except NO_JSON:
        return value(_lenient(text, endpoint))


def _lenient(text: bytes, endpoint: str) -> Any:
    """Half a surrogate pair, which some shop's form has let in, is no reason to read nothing."""
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise IncompleteReadError(
            f"{endpoint} was answered with what is no JSON", fix="Run again; nothing was kept of this page."
        ) from None


def value(node: Any) -> Any:
    """A JSON value with everything that names a class read as what it is; texts hold nothing that no text may hold."""
    if isinstance(node, str):
        return node if node.isascii() and _NUL not in node else _storable(node)
    if isinstance(node, list):
        return [value(one) for one in node]
    if not isinstance(node, dict):
        return node
    name = node.get("__class__")
    if name is None:
        return {key: value(one) for key, one in node.items()}
    read = _CLASSES.get(name)
    try:
        return read(node) if read else Unknown(str(name))
    except (KeyError, TypeError, ValueError, InvalidOperation):
        return Unknown(str(name))


def utc(moment: datetime) -> datetime:
    """A time of Fulfil's, aware."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _storable(text: str) -> str:
    return text.replace(_NUL, "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _datetime(node: Mapping[str, Any]) -> datetime:
    if node.get("iso_string"):
        return utc(datetime.fromisoformat(node["iso_string"]))
    hour, minute, second, microsecond = (node.get(part, 0) for part in ("hour", "minute", "second", "microsecond"))
    return datetime(node["year"], node["month"], node["day"], hour, minute, second, microsecond, tzinfo=UTC)


def _date(node: Mapping[str, Any]) -> date:
    if node.get("iso_string"):
        return date.fromisoformat(node["iso_string"][:10])
    return date(node["year"], node["month"], node["day"])


_CLASSES: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "datetime": _datetime,
    "date": _date,
    "Decimal": lambda node: Decimal(node["decimal"]),
    "timedelta": lambda node: timedelta(seconds=float(node["seconds"])),
    "time": lambda node: str(node["iso_string"]),
    "bytes": lambda node: str(node["base64"]),
    "Model": lambda node: int(node["id"]),
}
