"""What people do about exceptions: close one that is none, or hear nothing of it for a while. Both are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.db.acts import Act, Object, What, note
from retail_sync.errors import ConfigurationError

_CLOSE = """
    update exceptions.entry set closed_at = %(now)s, closed_by = %(who)s
     where exception_id = %(exception_id)s and closed_at is null
 returning pair, record, subject
"""
_SNOOZE = """
    update exceptions.entry set snoozed_until = %(until)s
     where exception_id = %(exception_id)s and closed_at is null
 returning pair, record, subject
"""


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says of an exception.

    Attributes:
        exception_id: The exception.
        because: Why, in the person's words.
        who: Who says so.
    """

    exception_id: int
    because: str
    who: str


def close(connection: Connection[Any], word: Word, now: datetime) -> str:
    """Close an exception that a person has judged to be none.

    As long as its cause stays the same it is not opened again. Once the cause was gone, the next is a new exception.

    Args:
        connection: The transaction.
        word: The person's word.
        now: The time (aware UTC).

    Returns:
        The record that it is about, and the pair.

    Raises:
        ConfigurationError: There is no such open exception, or no reason was given.
    """
    return _do(connection, _CLOSE, "close", word, {"now": now})


def snooze(connection: Connection[Any], word: Word, until: datetime, now: datetime) -> str:
    """Let an exception rest: until then nobody is written to about it, and it is not escalated.

    Args:
        connection: The transaction.
        word: The person's word.
        until: Until when (aware UTC).
        now: The time (aware UTC).

    Returns:
        The record that it is about, and the pair.

    Raises:
        ConfigurationError: There is no such open exception, no reason was given, or the time is past.
    """
    if until <= now:
        raise ConfigurationError(f"{until:%Y-%m-%d %H:%M} UTC is past", fix="Name a time that is to come.")
    return _do(connection, _SNOOZE, "snooze", word, {"now": now, "until": until})


def _do(connection: Connection[Any], statement: str, what: What, word: Word, times: dict[str, datetime]) -> str:
    act = Act(what, word.who, word.because, times["now"])
    # Whatever a person is called, it must not be taken for our own mark.
    given = {"exception_id": word.exception_id, "who": f"{word.who} (by hand)", **times}
    found = connection.execute(statement, given).fetchone()
    if found is None:
        raise ConfigurationError(
            f"there is no open exception {word.exception_id}", fix="`retail-sync exceptions` lists those that are open."
        )
    pair, record, subject = found
    details = {"exception": word.exception_id, "subject": subject}
    if until := times.get("until"):
        details["until"] = until.isoformat()
    note(connection, act, Object(pair, record, details))
    return f"{record} of {pair}"
