"""Handing rows out to the lanes of one process."""

from __future__ import annotations

from threading import Lock

from retail_sync.db.crash import crash_point
from retail_sync.db.database import Database
from retail_sync.model.delivery import Delivery
from retail_sync.model.ports import Clock

from . import workers

#: A power cut may then take the claim with it, and the rows wait again, as those of a dead worker do. What may not be
#: sent twice is claimed on the disk before it leaves.
_NOT_ON_DISK = "set local synchronous_commit = off"


class Feed:
    """Claims the rows of a phase in their order, one claim at a time, and looks at none of them twice.

    Lanes that claimed at the same time would step over each other's rows, all from the oldest on. What is passed over,
    since it has to wait or comes back, is for the next run of the phase.

    Args:
        database: Where the outbox is.
        phase: Which rows.
        limit: How many are handed out at once.
        safe: Whether they may be sent twice.
        clock: The time.
    """

    def __init__(self, database: Database, phase: workers.Phase, limit: int, *, safe: bool, clock: Clock) -> None:
        self._database = database
        self._phase = phase
        self._limit = limit
        self._safe = safe
        self._clock = clock
        self._claiming = Lock()
        self._last = 0

    def claim(self, worker: workers.Worker) -> list[Delivery]:
        """The next rows, claimed by this worker; empty where there are none."""
        with self._claiming:
            with self._database.connection() as connection:
                if self._safe:
                    connection.execute(_NOT_ON_DISK)
                rows = workers.claim(connection, worker, self._phase, self._clock(), self._limit, after=self._last)
            if rows:
                self._last = rows[-1].row_id
        crash_point("load.claimed")
        return rows
