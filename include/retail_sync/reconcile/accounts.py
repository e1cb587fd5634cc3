"""Accounting for a run's rows: every one of them has ended, or says what it waits for; and both sides' figures."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

_STATES = """
    select kind, state, count(*) from delivery.outbox where run_id = %s group by 1, 2 order by 1, 2
"""

_OURS = """
    select kind, count(*) from delivery.ledger
     where account = %s and pair = %s and not gone
     group by 1 order by 1
"""


def outbox_states(connection: Connection[Any], run_id: str) -> dict[str, dict[str, int]]:
    """How many of the rows that a run queued stand in each state, by kind."""
    states: dict[str, dict[str, int]] = {}
    for kind, state, count in connection.execute(_STATES, (run_id,)):
        states.setdefault(kind, {})[state] = count
    return states


def ledger_counts(connection: Connection[Any], account: str, pair: str) -> dict[str, int]:
    """How many objects of each kind the ledger says that the destination holds."""
    return dict(connection.execute(_OURS, (account, pair)).fetchall())
