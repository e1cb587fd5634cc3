"""Rows whose answer never came, settled by the word of a person who has looked at the destination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row

from retail_sync.db.acts import Act, Object, note
from retail_sync.delivery.ending import end_rows
from retail_sync.delivery.workers import IN_FLIGHT
from retail_sync.errors import ConfigurationError
from retail_sync.model.delivery import Outcome
from retail_sync.pairs.config import Pair

Word = Literal["arrived", "lost"]
#: The code of what was settled here.
BY_HAND = "by_hand"

_UNANSWERED = """
    select row_id, pair, exceptions.record_name(pair, %(source)s, kind, object_id, person_id) as record, kind,
           operation, vendor_key, coalesce(words, code, '') as words, available_at - %(in_flight)s as since,
           available_at > %(now)s as under_way
      from delivery.outbox
     where pair = %(pair)s and state = 'unknown' and closed_at is null
     order by row_id
"""
_LOCKED = f"{_UNANSWERED} for update"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A row of which nobody knows whether it arrived.

    Attributes:
        row_id: Its number, by which a person names it.
        record: What people call it.
        kind: The destination's word for what was sent.
        vendor_key: How it is looked up there.
        words: What is known of how it came to that.
        since: Since when (aware UTC).
        under_way: Whether it may still be on its way there.
    """

    row_id: int
    pair: str
    record: str
    kind: str
    operation: str
    vendor_key: str
    words: str
    since: datetime
    under_way: bool


def unanswered(connection: Connection[Any], pair: Pair, now: datetime) -> list[Unanswered]:
    """The rows of a pair that wait for an answer, the oldest first."""
    return _rows(connection, _UNANSWERED, pair, now)


def settle(
    connection: Connection[Any], pair: Pair, rows: Sequence[int] | None, word: Word, act: Act
) -> list[Unanswered]:
    """Settle rows by a person's word, and keep who said so, and why.

    What has arrived is delivered, and the ledger takes it for what stands; what was lost goes again with the next run.
    A taking back goes again in any case: to do it twice does no harm.

    Args:
        connection: The transaction.
        pair: The pair.
        rows: The numbers of the rows; None stands for all that are unanswered and can't be under way any more.
        word: What the person has found.
        act: Who says so, when and why.

    Returns:
        The rows that were settled.

    Raises:
        ConfigurationError: One of these rows is not unanswered, or may still be on its way.
    """
    open_rows = {row.row_id: row for row in _rows(connection, _LOCKED, pair, act.at)}
    named = [row_id for row_id, row in open_rows.items() if not row.under_way] if rows is None else list(rows)
    chosen = [_chosen(open_rows, row_id, word) for row_id in dict.fromkeys(named)]
    outcomes = [_outcome(row, word, act) for row in chosen]
    end_rows(connection, outcomes, token=None, contact_kind=None, now=act.at)
    details = {"ended": word}
    note(connection, act, *(Object(row.pair, row.record, {"row": row.row_id, **details}) for row in chosen))
    return chosen


def _rows(connection: Connection[Any], statement: str, pair: Pair, now: datetime) -> list[Unanswered]:
    given = {"pair": pair.pair, "source": pair.source.account, "now": now, "in_flight": IN_FLIGHT}
    with connection.cursor(row_factory=class_row(Unanswered)) as cursor:
        return cursor.execute(statement, given).fetchall()


def _chosen(open_rows: dict[int, Unanswered], row_id: int, word: Word) -> Unanswered:
    row = open_rows.get(row_id)
    if row is None:
        raise ConfigurationError(
            "its answer is not missing, or not any more", record=f"row {row_id}", fix="See `retail-sync unknown list`."
        )
    if row.under_way and word == "lost":
        until = row.since + IN_FLIGHT
        raise ConfigurationError(
            "it may still be on its way", record=f"row {row_id}", fix=f"Look again after {until:%H:%M:%S} UTC."
        )
    return row


def _outcome(row: Unanswered, word: Word, act: Act) -> Outcome:
    if word == "arrived" and row.operation != "delete":
        return Outcome(row_id=row.row_id, verdict="delivered", code=BY_HAND, words=f"{act.who} found it there.")
    return Outcome(
        row_id=row.row_id, verdict="retry", code=BY_HAND, words=f"{act.who} did not find it.", retry_at=act.at
    )
