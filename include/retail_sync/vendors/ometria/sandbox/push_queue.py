"""The queue behind `/push`: what was accepted waits, is validated later, and fails where only `/push/_errors` tells."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from retail_sync.vendors.ometria.sandbox.pace import Stopwatch
from retail_sync.vendors.ometria.sandbox.refusals import Rejected, too_many
from retail_sync.vendors.ometria.sandbox.schema import Json
from retail_sync.vendors.ometria.sandbox.settings import Settings
from retail_sync.vendors.ometria.sandbox.traps import Traps


class Entry(NamedTuple):
    """A record that waits; entries sort by the time at which they are due."""

    due: float
    number: int
    request_id: str
    record: Json


class Taken(NamedTuple):
    """What a push came to at once."""

    request_id: str
    accepted: int
    rejected: int


class PushQueue:
    """Records on their way into the books.

    Args:
        settings: The account.
        traps: What may befall a record.
        watch: The time by which they wait.
        now: The clock.
        store: Validates a record and stores it.

    Attributes:
        errors: The last records that failed, oldest first.
        failed: How many have failed in all.
        lost: Records that a fault has lost, for the books.
    """

    def __init__(
        self,
        settings: Settings,
        traps: Traps,
        watch: Stopwatch,
        now: Callable[[], datetime],
        store: Callable[[Json], None],
    ) -> None:
        self._settings, self._traps = settings, traps
        self._watch, self._now, self._store = watch, now, store
        self._waiting: list[Entry] = []
        self._made = 0
        self._requests = 0
        self.errors: deque[Json] = deque(maxlen=settings.errors_kept)
        self.failed = 0
        self.lost: list[Json] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def request_id(self) -> str:
        """An id for a request, the same in every run."""
        self._requests += 1
        return str(uuid5(NAMESPACE_URL, f"request {self._requests}"))

    def push(self, records: Sequence[Json]) -> Taken:
        """Let records wait. What has no identity is rejected at once, and told among the errors as well (ASSUMED).

        Raises:
            Refusal: There are too many already.
        """
        limit = self._settings.queue_limit
        if limit is not None and len(self._waiting) + len(records) > limit:
            raise too_many()
        request_id = self.request_id()
        slow = self._traps.take("slow_queue", "POST /push")
        due = self._watch.read() + self._settings.validate_seconds + (slow.seconds if slow else 0.0)
        rejected = 0
        for record in records:
            if flaw := self._flaw_at_once(record):
                rejected += 1
                self._fail(request_id, record, flaw)
            else:
                self._made += 1
                heapq.heappush(self._waiting, Entry(due, self._made, request_id, record))
        return Taken(request_id, len(records) - rejected, rejected)

    def settle(self) -> None:
        """Work off what is due."""
        if not self._waiting:
            return
        now = self._watch.read()
        while self._waiting and self._waiting[0].due <= now:
            self._work(heapq.heappop(self._waiting))

    def fail_others(self, number: int) -> None:
        """Let records of another integration fail."""
        for place in range(number):
            record = {"@type": "contact", "@collection": "elsewhere", "id": f"other-{self.failed + place}"}
            self._fail(self.request_id(), record, Rejected("Not a valid email address", "email"))

    def _flaw_at_once(self, record: Json) -> Rejected | None:
        name = str(record.get("id") or "")
        if self._traps.take("rejected_at_once", name):
            return Rejected("Record was rejected")
        if not name:
            return Rejected("Required field is missing", "id")
        if record["@type"] == "contact" and not record.get("@collection"):
            return Rejected("Required field is missing", "@collection")
        return None

    def _work(self, entry: Entry) -> None:
        name = str(entry.record["id"])
        if self._traps.take("lost_queue_entry", name):
            self.lost.append(entry.record)
            return
        if late := self._traps.take("late_error", name):
            said = {word: str(late.options.get(word, "")) for word in ("message", "path")}
            self._fail(entry.request_id, entry.record, Rejected(said["message"] or "Record is invalid", said["path"]))
            return
        try:
            self._store(entry.record)
        except Rejected as flaw:
            self._fail(entry.request_id, entry.record, flaw)

    def _fail(self, request_id: str, record: Json, flaw: Rejected) -> None:
        self.failed += 1
        self.errors.append(
            {
                "request_id": request_id,
                "record_type": record["@type"],
                "record_id": record.get("id"),
                "record": record,
                "timestamp": self._now(),
                "message": {"error_message": flaw.message, "error_path": flaw.path},
            }
        )
