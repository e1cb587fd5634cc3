"""Figures of the books for Postgres' planner, where it should not wait until the server comes round to it."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

# Payloads are left out: nobody asks for them by content.
_TAKE = (
    "analyze delivery.outbox (row_id, run_id, account, pair, kind, object_id, vendor_key, state, code, closed_at)",
    "analyze delivery.ledger (account, object_id, pair, kind, vendor_key, row_id, gone)",
)


def take_figures(connection: Connection[Any]) -> None:
    """Give the planner figures of what was just delivered. Outside of a transaction."""
    for statement in _TAKE:
        connection.execute(statement)
