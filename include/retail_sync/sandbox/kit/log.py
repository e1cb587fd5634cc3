"""How many requests came, how many of them wrote: the figure that a sync is judged by, counted by the other side."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any


class RequestLog:
    """Counts by endpoint and status. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Start counting afresh."""
        with self._lock:
            self._requests: Counter[str] = Counter()
            self._writes: Counter[str] = Counter()
            self._statuses: Counter[int] = Counter()
            self._faults = 0
            self._peak = 0
            self._crashed: list[str] = []

    def __getstate__(self) -> dict[str, Any]:
        """The counts, for a copy: all but the lock."""
        with self._lock:
            return {name: value for name, value in vars(self).items() if name != "_lock"}

    def put_back(self, counts: Mapping[str, Any]) -> None:
        """Go on from counts of before."""
        with self._lock:
            vars(self).update(counts)

    def count(self, endpoint: str, *, write: bool, status: int | None = None) -> None:
        """Count one request, or one operation of a batch; a status of 0 means that no answer was given."""
        with self._lock:
            self._requests[endpoint] += 1
            if write:
                self._writes[endpoint] += 1
            if status is not None:
                self._statuses[status] += 1

    def fault(self) -> None:
        """Count a fault that fired."""
        with self._lock:
            self._faults += 1

    def saw_in_flight(self, number: int) -> None:
        """Remember the most requests that were answered at once."""
        self._peak = max(self._peak, number)

    def crash(self, what: str) -> None:
        """Note that the sandbox itself failed, so that nobody takes its 500 for the vendor's."""
        with self._lock:
            self._crashed.append(what)

    @property
    def requests(self) -> int:
        """All requests."""
        with self._lock:
            return self._requests.total()

    @property
    def writes(self) -> int:
        """All requests that wrote or tried to."""
        with self._lock:
            return self._writes.total()

    def as_dict(self) -> dict[str, Any]:
        """The log as `GET /_sandbox/log` shows it."""
        with self._lock:
            return {
                "requests": self._requests.total(),
                "writes": self._writes.total(),
                "by_endpoint": {
                    name: {"requests": number, "writes": self._writes[name]}
                    for name, number in sorted(self._requests.items())
                },
                "by_status": {str(status): number for status, number in sorted(self._statuses.items())},
                "faults": self._faults,
                "peak_in_flight": self._peak,
                "crashed": list(self._crashed),
            }
