"""What is true of a pair since its first load is over: that its destination may mail people, and what it is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.model.people import LIFETIME_FACTS

_LIVE = "select live_at from road.live_pair where pair = %s"
_PUBLISHED = "select 1 from road.live_pair where pair = %s and published_at is not null"


def is_live(connection: Connection[Any], pair: str) -> bool:
    """Whether the first load of this pair is over."""
    return live_since(connection, pair) is not None


def live_since(connection: Connection[Any], pair: str) -> datetime | None:
    """When the first load of this pair was over (aware UTC), or None where it is not."""
    row = connection.execute(_LIVE, (pair,)).fetchone()
    return row[0] if row else None


def withheld_facts(connection: Connection[Any], pair: str) -> frozenset[str]:
    """The facts that this pair does not tell as yet, since its history has not reconciled."""
    return frozenset() if connection.execute(_PUBLISHED, (pair,)).fetchone() else LIFETIME_FACTS
