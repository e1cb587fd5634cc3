"""Watermarks: up to when a stream of an account has been read completely."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from .merge import Target
from .windows import Plan, advanced

# An absent row can't be locked: it is made, at the window's beginning, before anything is decided.
_MAKE = """
    insert into stage.watermark (account, stream, until, run_id)
    values (%(account)s, %(stream)s, %(since)s, %(run_id)s)
        on conflict (account, stream) do nothing
"""
_LOCK = "select until from stage.watermark where account = %(account)s and stream = %(stream)s for update"
_READER = """
    select run.pair
      from stage.watermark
      join road.run using (run_id)
     where watermark.account = %s and watermark.stream = %s
"""
_WHOLE = """
    update stage.watermark
       set whole_at = greatest(whole_at, %(whole_at)s)
     where account = %(account)s and stream = %(stream)s
"""
_MOVE = """
    update stage.watermark
       set until = %(until)s, followed_seq = greatest(followed_seq, %(followed_seq)s), run_id = %(run_id)s,
           updated_at = now()
     where account = %(account)s and stream = %(stream)s
"""


def read(connection: Connection[Any], account: str, stream: str) -> datetime | None:
    """The watermark, or None where the stream was never read to an end."""
    row = connection.execute(
        "select until from stage.watermark where account = %s and stream = %s", [account, stream]
    ).fetchone()
    return row[0] if row else None


def reader(connection: Connection[Any], account: str, stream: str) -> str | None:
    """The pair whose run has moved the watermark last, or None where nobody has."""
    row = connection.execute(_READER, [account, stream]).fetchone()
    return row[0] if row else None


def whole_at(connection: Connection[Any], account: str, stream: str) -> datetime | None:
    """Up to when all of the stream was last read (aware UTC), or None where it never was."""
    row = connection.execute(
        "select whole_at from stage.watermark where account = %s and stream = %s", [account, stream]
    ).fetchone()
    return row[0] if row else None


def advance(connection: Connection[Any], target: Target, plan: Plan, asked_at: datetime | None) -> bool:
    """Move the watermark to where a complete read has reached; never back, and never over a gap.

    Args:
        connection: The transaction of the read's last merge.
        target: The stream, on behalf of the run.
        plan: What was read.
        asked_at: When the first of its pages was asked for; see `Plan.reached`.

    Returns:
        Whether it moved.
    """
    window = plan.reached(asked_at)
    parameters = target.parameters(since=window.since, followed_seq=plan.followed_seq)
    connection.execute(_MAKE, parameters)
    row = connection.execute(_LOCK, parameters).fetchone()
    until = advanced(row[0], window) if row else None
    if until is not None:
        connection.execute(_MOVE, {**parameters, "until": until})
    if plan.whole:
        connection.execute(_WHOLE, {**parameters, "whole_at": window.until})
    return until is not None
