"""Sending, rehearsed: in a transaction that is rolled back, all that a door would let out is taken as delivered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.model.delivery import Delivery, Outcome

from .acknowledge import acknowledge
from .again import expire
from .dependents import free_dependents
from .door import Door
from .moves import shared
from .workers import Phase, Worker, claim, phases

#: Nobody else ever sees these claims, so that their worker is in no register.
_TOKEN = -1
#: How many rows are claimed at once; a claim of many costs more than many claims.
_BULK = 500


def rehearse(connection: Connection[Any], database: Database, door: Door, now: datetime) -> list[int]:
    """Let out at a door what would go out there now, whoever queued it, and take all of it as delivered.

    Args:
        connection: The transaction, which its owner rolls back.
        database: Where that is.
        door: The door; its deliverer is asked for nothing, nor is its gate.
        now: The time of sending.

    Returns:
        The rows that would be sent, about in the order of their leaving.
    """
    worker = Worker(database, door.account, _TOKEN, door.lease)
    return _Rehearsal(connection, worker, door, now).run()


class _Rehearsal:
    """One call of `rehearse`."""

    def __init__(self, connection: Connection[Any], worker: Worker, door: Door, now: datetime) -> None:
        self._connection = connection
        self._worker = worker
        self._door = door
        self._now = now
        self._sent: list[int] = []

    def run(self) -> list[int]:
        account = self._door.account
        expire(self._connection, account, self._now)
        while self._run_phases():
            free_dependents(self._connection, account)
        return self._sent

    def _run_phases(self) -> int:
        """Let out whatever nothing stands in the way of; return how many rows that were."""
        waiting = phases(self._connection, self._door.account, self._now, self._door.kinds)
        return sum(self._run_phase(phase) for phase in waiting if self._door.takes(phase.priority, phase.kind))

    def _run_phase(self, phase: Phase) -> int:
        handled = last = 0
        while rows := claim(self._connection, self._worker, phase, self._now, _BULK, after=last):
            self._end(rows)
            handled, last = handled + len(rows), rows[-1].row_id
        return handled

    def _end(self, rows: Sequence[Delivery]) -> None:
        """End rows as delivered, and note those of them that would leave."""
        deletes = [row for row in rows if row.operation == "delete"]
        spared = shared(self._connection, deletes, self._door.contact_kind) if deletes else []
        stay = {outcome.row_id for outcome in spared}
        acknowledge(
            self._connection,
            self._worker,
            [Outcome(row_id=row.row_id, verdict="delivered") for row in rows],
            contact_kind=self._door.contact_kind,
            now=self._now,
            delete_is_final=self._door.delete_is_final,
        )
        self._sent += [row.row_id for row in rows if row.row_id not in stay]
