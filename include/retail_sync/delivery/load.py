"""Emptying the outbox: phase by phase, as many connections as the vendor grants, each batch its own transaction."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime
from itertools import groupby

from retail_sync.consent.strays import Sorted
from retail_sync.db.crash import crash_point
from retail_sync.db.database import Database
from retail_sync.errors import FencedError, LeaseTakenError, RetailSyncError, WaitError
from retail_sync.model.delivery import PRIORITY, Delivery, Errand, Outcome
from retail_sync.model.ports import Clock

from . import acknowledge, again, dependents, moves, workers
from .door import Door, Tally
from .feed import Feed
from .figures import take_figures
from .heartbeat import Heartbeat

#: How many rows of a kind are sent at once where the destination does not say.
_BULK = 100
#: From so many rows on the planner is given figures at once, instead of when the server comes round to it.
_MANY = 5_000


def empty(database: Database, door: Door, clock: Clock) -> dict[str, dict[str, int]]:
    """Send everything that is due and that nothing stands in the way of.

    Returns:
        By kind, how many rows ended with each verdict; `waiting` counts those held behind a failed one.

    Raises:
        WaitError: The vendor asked for a pause, or another worker still holds rows; what was done is written down.
        ConfigurationError: Nothing can be sent until a person acts.
    """
    loading = _Loading(database, door, clock)
    patience = time.monotonic() + 2 * door.lease.total_seconds()
    while True:
        loading.take_over()
        loading.run_phases()
        if loading.free_dependents():
            continue
        if not (until := loading.others_until()):
            return loading.finish()
        if time.monotonic() > patience:
            raise LeaseTakenError(f"another worker is sending rows of {door.account}", retry_at=until)
        time.sleep(1)


class _Loading:
    """One call of `empty`."""

    def __init__(self, database: Database, door: Door, clock: Clock) -> None:
        self._database = database
        self._door = door
        self._clock = clock
        self._tally = Tally()
        self._stop = threading.Event()
        self._gave_way = False
        self._newest = 0

    def take_over(self) -> None:
        """Free what dead workers hold, and end what has waited too long to be of use."""
        with self._database.connection() as connection:
            workers.bury(connection, self._door.account)
            workers.take_over(connection, self._door.account, sorted(self._door.safe), self._clock())
            if late := again.expire(connection, self._door.account, self._clock()):
                self._tally.add("late", Counter(expired=late))

    def free_dependents(self) -> int:
        """Free what waited for something that stands by now; return how many rows that were."""
        with self._database.connection() as connection:
            return dependents.free_dependents(connection, self._door.account)

    def run_phases(self) -> None:
        """Run phase after phase until none has a row that can be claimed."""
        done: set[workers.Phase] = set()
        while phase := self._next_phase(done):
            self._gave_way = False
            if not self._run_phase(phase):
                done.add(phase)
            if self._gave_way:
                done.clear()

    def others_until(self) -> datetime | None:
        """When the first claim of another living worker ends, or None where there is no such claim."""
        with self._database.connection() as connection:
            return workers.busy_until(connection, self._door.account, self._door.last_priority)

    def finish(self) -> dict[str, dict[str, int]]:
        """Hold what waits for a failed row, and return the counts."""
        with self._database.connection() as connection:
            held = dependents.hold_dependents(connection, self._door.account)
        if held:
            self._tally.add("waiting", Counter(held=held))
        counts = self._tally.plain()
        if sum(sum(verdicts.values()) for verdicts in counts.values()) >= _MANY:
            with self._database.connection(autocommit=True) as connection:
                take_figures(connection)
        return counts

    def _next_phase(self, done: set[workers.Phase]) -> workers.Phase | None:
        with self._database.connection() as connection:
            waiting = workers.phases(connection, self._door.account, self._clock(), self._door.kinds)
        takes = self._door.takes
        return next((phase for phase in waiting if phase not in done and takes(phase.priority, phase.kind)), None)

    def _run_phase(self, phase: workers.Phase) -> int:
        limit = self._door.bulk.get(phase.kind, _BULK)
        lanes = min(self._door.connections, -(-phase.waiting // limit))
        with self._database.connection() as connection:
            self._newest = workers.newest_row(connection)
        feed = Feed(self._database, phase, limit, safe=phase.kind in self._door.safe, clock=self._clock)
        with ThreadPoolExecutor(lanes, thread_name_prefix="load") as pool:
            running = [pool.submit(self._run_lane, phase, feed) for _ in range(lanes)]
            wait(running)
        return sum(lane.result() for lane in running)

    def _run_lane(self, phase: workers.Phase, feed: Feed) -> int:
        worker = workers.register(self._database, self._door.account, self._door.lease)
        handled = 0
        rows: list[Delivery] = []
        try:
            while not self._stop.is_set() and (rows := feed.claim(worker)):
                handled += len(rows)
                self._send_all(worker, phase, rows)
                if self._gives_way(phase):
                    break
        except BaseException as error:
            self._stop.set()
            told = isinstance(error, RetailSyncError) and not isinstance(error, FencedError)
            if phase.kind not in self._door.safe and not told:
                # Nobody can tell which of them had left.
                rows = []
            raise
        finally:
            self._go(worker, rows)
        return handled

    def _gives_way(self, phase: workers.Phase) -> bool:
        """Whether a history stops here: something that is more urgent has come while it was sent."""
        if phase.priority != PRIORITY["history"]:
            return False
        with self._database.connection() as connection:
            overtaken = workers.is_overtaken(
                connection, self._door.account, phase.priority, self._newest, self._clock()
            )
        self._gave_way = self._gave_way or overtaken
        return self._gave_way

    def _go(self, worker: workers.Worker, rows: list[Delivery]) -> None:
        if rows:
            with self._database.connection() as connection:
                acknowledge.release(connection, worker, rows)
        worker.retire()

    def _send_all(self, worker: workers.Worker, phase: workers.Phase, rows: list[Delivery]) -> None:
        """Send what was claimed together, operation by operation."""
        rows.sort(key=lambda row: row.operation)
        for _, same in groupby(rows, key=lambda row: row.operation):
            self._send(worker, phase, list(same))

    def _send(self, worker: workers.Worker, phase: workers.Phase, rows: list[Delivery]) -> None:
        answered: list[Outcome] = []
        try:
            with Heartbeat(worker) as heartbeat:
                if rows[0].operation == "delete":
                    answered, rows = self._spare(rows)
                elif self._door.gate and phase.kind == self._door.contact_kind and rows[0].operation == "create":
                    answered, rows = self._door.gate(rows)
                for answer in self._door.deliverer.deliver(rows) if rows else ():
                    if isinstance(answer, Errand):
                        self._note(worker, answer)
                    else:
                        answered.append(answer)
                    heartbeat.check()
            crash_point("load.sent")
        finally:
            if answered:
                self._tally.add(phase.kind, self._acknowledge(worker, phase, answered))

    def _spare(self, rows: list[Delivery]) -> tuple[list[Outcome], list[Delivery]]:
        """Take out the deletes of what somebody else stands on; answer those, and give back the others."""
        with self._database.connection() as connection:
            spared = moves.shared(connection, rows, self._door.contact_kind)
        taken = {outcome.row_id for outcome in spared}
        return spared, [row for row in rows if row.row_id not in taken]

    def _note(self, worker: workers.Worker, errand: Errand) -> None:
        with self._database.connection() as connection:
            acknowledge.note_errand(connection, worker, errand)
        crash_point("load.errand")

    def _acknowledge(self, worker: workers.Worker, phase: workers.Phase, answered: list[Outcome]) -> Counter[str]:
        missing, answered = self._sort(phase, answered)
        with self._database.connection() as connection:
            verdicts = acknowledge.acknowledge(
                connection,
                worker,
                answered,
                contact_kind=self._door.contact_kind,
                now=self._clock(),
                delete_is_final=self._door.delete_is_final,
                missing=missing,
            )
            crash_point("load.before_commit")
        crash_point("load.acknowledged")
        return verdicts

    def _sort(self, phase: workers.Phase, answered: list[Outcome]) -> tuple[Sorted | None, list[Outcome]]:
        """What became of contacts that are gone; where the vendor does not tell, it is asked another time."""
        gone = [outcome.row_id for outcome in answered if outcome.verdict == "gone"]
        if self._door.sort is None or phase.kind != self._door.contact_kind or not gone:
            return None, answered
        try:
            return self._door.sort(gone), answered
        except WaitError:
            words = "Whether its address is still there was not told."
            again = [Outcome(row_id=row_id, verdict="retry", code="gone", words=words) for row_id in gone]
            return None, [outcome for outcome in answered if outcome.verdict != "gone"] + again
