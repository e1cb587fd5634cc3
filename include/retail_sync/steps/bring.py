"""Bringing in what no source is asked for: carts and browse events, from a file or from whoever is told of them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from retail_sync.errors import ConfigurationError
from retail_sync.model.records import BROUGHT, RECORD_TYPES, Record, Stream
from retail_sync.stage.bring import bring as stage

from .context import Road

_AT_ONCE = 5_000


def bring(road: Road, stream: Stream, lines: Iterable[bytes]) -> int:
    """Stage records that are given as JSON, one a line; the next live run takes them up.

    Args:
        road: The pair, of whose source account they are.
        stream: `carts` or `browses`.
        lines: The records, in the fields of `model.records`. One that is older than what stands changes nothing.

    Returns:
        How many of them are new or have changed.

    Raises:
        ConfigurationError: The pair does not have that stream, nobody brings it, or a line is no such record; none of
            those behind it has been staged.
    """
    if stream not in BROUGHT or stream not in road.pair.streams:
        known = ", ".join(sorted(BROUGHT & road.pair.streams.keys()))
        raise ConfigurationError(f"{stream} are not brought to {road.pair.pair}", fix=f"It takes: {known or 'none'}.")
    decoder = msgspec.json.Decoder(RECORD_TYPES[stream], strict=False)
    waiting: list[Record] = []
    changed = 0
    for number, line in enumerate(lines, 1):
        if line.strip():
            waiting.append(_record(decoder, line, number))
        if len(waiting) == _AT_ONCE:
            changed += _stage(road, stream, waiting)
            waiting = []
    return changed + _stage(road, stream, waiting)


def _record(decoder: msgspec.json.Decoder[Record], line: bytes, number: int) -> Record:
    try:
        record = decoder.decode(line)
    except msgspec.DecodeError as error:
        raise ConfigurationError(str(error), record=f"line {number}", fix="Correct the line and load again.") from None
    if record.updated_at.tzinfo is None:
        raise ConfigurationError(
            "updated_at has no offset", record=f"line {number}", fix="Write it as 2026-05-01T12:00:00Z."
        )
    return record


def _stage(road: Road, stream: Stream, records: list[Record]) -> int:
    return stage(road.database, road.pair.source.account, stream, records, road.clock())
