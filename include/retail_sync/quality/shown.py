"""A staged record as a person looks at it who has to decide about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.pairs.config import Pair
from retail_sync.stage import corrections
from retail_sync.stage.corrections import Correction, Place

from .aside import Aside, name_of, set_aside
from .masking import masked

_DOC = """
    select version.doc, version.source_time, version.staged_at
      from stage.current join stage.version using (version_id)
     where current.account = %s and current.stream = %s and current.key = %s
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A record.

    Attributes:
        record: What people call it.
        source_time: When the source says it changed.
        staged_at: When it was staged so.
        doc: What it says; what is personal is masked unless asked for.
        aside: The rules that set it aside, those that were released too.
        correction: What was corrected by hand: paths, who, because, at, in_force; None where nothing was.
    """

    record: str
    source_time: datetime
    staged_at: datetime
    doc: Any
    aside: list[Aside]
    correction: dict[str, Any] | None

    def lines(self) -> Iterator[tuple[str, str]]:
        """The record line by line: each path with its value, by which it can be corrected."""
        return _lines(self.doc, "")


def show_record(connection: Connection[Any], pair: Pair, place: Place, *, unmask: bool = False) -> Shown:
    """A staged record with all that is known of its being set aside.

    Args:
        connection: The database.
        pair: On whose behalf.
        place: The record; it must be staged.
        unmask: Whether what is personal is shown. Whoever asks for that is noted by the caller.
    """
    row = connection.execute(_DOC, [place.account, place.stream, place.key]).fetchone()
    assert row is not None  # noqa: S101 - a place is one of a staged record
    doc, source_time, staged_at = row
    return Shown(
        record=name_of(connection, place),
        source_time=source_time,
        staged_at=staged_at,
        doc=doc if unmask else masked(doc),
        aside=set_aside(connection, pair=pair.pair, stream=place.stream, key=place.key, excluded=True),
        correction=_told(corrections.find(connection, place)),
    )


def _told(correction: Correction | None) -> dict[str, Any] | None:
    if correction is None:
        return None
    return {
        "paths": sorted(correction.changes),
        "who": correction.who,
        "because": correction.because,
        "at": correction.at,
        "in_force": correction.in_force,
    }


def _lines(part: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for name, value in part.items():
            yield from _lines(value, f"{path}.{name}" if path else name)
    elif isinstance(part, list):
        for position, value in enumerate(part):
            name = value.get("key", position) if isinstance(value, dict) else position
            yield from _lines(value, f"{path}.{name}")
    else:
        yield path, "" if part is None else str(part)
