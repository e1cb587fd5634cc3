"""Corrections: what a person sets on a record stands until the source says something else of that record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from retail_sync.errors import ConfigurationError
from retail_sync.model.records import RECORD_TYPES, Stream

from . import overlay, paths
from .canonical import encode, storable
from .merge import draw

_CURRENT = """
    select current.version_id, current.hash, version.doc
      from stage.current join stage.version using (version_id)
     where current.account = %s and current.stream = %s and current.key = %s
"""
_FIND = """
    select changes, before, who, because, at,
           version_id = (select version_id from stage.current
                          where current.account = correction.account and current.stream = correction.stream
                            and current.key = correction.key)
      from stage.correction
     where account = %s and stream = %s and key = %s
"""
_KEEP = """
    insert into stage.correction (account, stream, key, version_id, changes, before, owner, who, because, at)
    values (%(account)s, %(stream)s, %(key)s, %(version_id)s, %(changes)s, %(before)s, %(owner)s, %(who)s, %(because)s,
            %(at)s)
        on conflict (account, stream, key) do update
       set version_id = excluded.version_id, changes = excluded.changes, before = excluded.before,
           owner = excluded.owner, who = excluded.who, because = excluded.because, at = excluded.at
"""
_FORGET = "delete from stage.correction where account = %s and stream = %s and key = %s"


@dataclass(frozen=True, slots=True)
class Place:
    """A staged record. Pairs that share the account share it, with its correction."""

    account: str
    stream: Stream
    key: str


@dataclass(frozen=True, slots=True)
class By:
    """Who corrects, why, and when (aware UTC); `owner` is whose affair it is if the correction ends."""

    who: str
    because: str
    at: datetime
    owner: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person has set on a record.

    Attributes:
        changes: By path: what was set (`value`), and where Postgres finds it (`found_at`).
        before: By path, what the source says there.
        in_force: Whether it stands; it ends when the source says something else of the record.
    """

    changes: Mapping[str, Mapping[str, Any]]
    before: Mapping[str, Any]
    who: str
    because: str
    at: datetime
    in_force: bool


def find(connection: Connection[Any], place: Place) -> Correction | None:
    """The correction of a record, in force or ended; None where there is none."""
    row = connection.execute(_FIND, [place.account, place.stream, place.key]).fetchone()
    return Correction(*row) if row else None


def correct(connection: Connection[Any], place: Place, wanted: Mapping[str, str], by: By) -> None:
    """Set values on a record: a new version under the hash of what the source says, which stands until that changes.

    A correction that is in force already is added to.

    Args:
        connection: The transaction.
        place: The record.
        wanted: Values by path, as texts; an empty one takes the value away.
        by: Who does it.

    Raises:
        ConfigurationError: There is no such record or path, the record can't be with such a value, or it is so already.
    """
    values = {path: _value(place.stream, path, text) for path, text in wanted.items()}
    version_id, source_hash, doc = _current(connection, place)
    known = find(connection, place)
    standing = known if known and known.in_force else None
    edited, before = _edited(place.stream, doc, values, standing.before if standing else {})
    content = _encoded(place.stream, edited)
    made = msgspec.json.decode(content)
    if made == doc:
        raise ConfigurationError("it says that already", record=_name(place), fix="Nothing is to be corrected.")
    set_now = {path: _change(place.stream, made, path) for path in values}
    kept = {
        "version_id": _put(connection, place, version_id, source_hash, content),
        "changes": Jsonb({**(standing.changes if standing else {}), **set_now}),
        "before": Jsonb(before),
    }
    connection.execute(_KEEP, {**asdict(place), **asdict(by), **kept})


def _edited(
    stream: Stream, doc: Any, values: Mapping[str, str | None], noted: Mapping[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """The record with these values, and what the source says in their places; what is noted of that already stays."""
    edited, before = _copy(doc), dict(noted)
    for path, value in values.items():
        parts = paths.parts_of(stream, path)
        if not any(path == known or path.startswith(f"{known}.") for known in before):
            root = paths.standing(doc, parts)
            before[".".join(root)] = paths.find(doc, root)
        paths.put(edited, parts, value)
    return edited, before


def uncorrect(connection: Connection[Any], place: Place) -> Correction:
    """Take a correction back: the record says again what the source says. One that has ended is merely forgotten.

    Returns:
        The correction that was taken back.

    Raises:
        ConfigurationError: The record has none.
    """
    known = find(connection, place)
    if known is None:
        raise ConfigurationError("nothing of it was corrected", record=_name(place), fix="`quarantine show` shows it.")
    if known.in_force:
        version_id, source_hash, doc = _current(connection, place)
        restored = restore(place.stream, doc, known.before)
        _put(connection, place, version_id, source_hash, _encoded(place.stream, restored))
    connection.execute(_FORGET, [place.account, place.stream, place.key])
    return known


def restore(stream: Stream, doc: Any, before: Mapping[str, Any]) -> Any:
    """A record as the source says it, from one that was corrected."""
    restored = _copy(doc)
    for path, value in before.items():
        paths.put(restored, paths.split(stream, path), value)
    return restored


def _copy(doc: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(doc))


def _put(connection: Connection[Any], place: Place, version_id: int, source_hash: bytes, doc: bytes) -> int:
    content = overlay.Content(place.key, version_id, source_hash, doc)
    return overlay.put(connection, place.account, place.stream, [content])[place.key]


def _current(connection: Connection[Any], place: Place) -> tuple[int, bytes, Any]:
    """The current version, which nobody else changes before this transaction ends."""
    draw(connection, place.account, place.stream)
    row = connection.execute(_CURRENT, [place.account, place.stream, place.key]).fetchone()
    if row is None:
        raise ConfigurationError("there is no such record", record=_name(place), fix="Look at the stream and the key.")
    return row[0], row[1], row[2]


def _value(stream: Stream, path: str, text: str) -> str | None:
    paths.parts_of(stream, path)
    return paths.parsed(stream, path, storable(text))


def _change(stream: Stream, made: Any, path: str) -> dict[str, Any]:
    parts = paths.split(stream, path)
    return {"value": paths.find(made, parts), "found_at": paths.jsonpath(made, parts)}


def _encoded(stream: Stream, doc: Any) -> bytes:
    try:
        return encode(msgspec.convert(doc, RECORD_TYPES[stream], strict=False))
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"it can't be: {error}", fix="Give a value of that type.") from None


def _name(place: Place) -> str:
    return f"{place.stream[:-1]} {place.key}"
