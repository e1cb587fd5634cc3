"""Time that only grows, and the buckets that it fills."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple


class Stopwatch:
    """Seconds that run with the real time even where the sandbox's clock stands still, and ahead with that clock.

    Args:
        now: The sandbox's clock.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._seconds = 0.0
        self._real, self._told = time.monotonic(), now()

    def read(self) -> float:
        """Seconds since it was started."""
        real, told = time.monotonic(), self._now()
        self._seconds += max(real - self._real, (told - self._told).total_seconds())
        self._real, self._told = real, told
        return self._seconds


class Allowance(NamedTuple):
    """So many requests in so many seconds."""

    requests: float
    seconds: float = 1.0


class Buckets:
    """What the account may ask of each kind: a bucket that refills continuously.

    Args:
        allowances: What each kind's bucket holds when it is full, and the time in which that flows in.
        watch: The time by which they refill.
    """

    def __init__(self, allowances: Mapping[str, Allowance], watch: Stopwatch) -> None:
        self._allowances = allowances
        self._watch = watch
        self._left = {kind: max(one.requests, 1.0) for kind, one in allowances.items()}
        self._filled = dict.fromkeys(allowances, watch.read())

    def spend(self, kind: str) -> bool:
        """Take one request out; tells whether there was one."""
        self._refill(kind)
        enough = self._left[kind] >= 1.0
        if enough:
            self._left[kind] -= 1.0
        return enough

    def drain(self, kind: str) -> None:
        """Spend all that is left, as another integration of the account might."""
        self._refill(kind)
        self._left[kind] = 0.0

    def _refill(self, kind: str) -> None:
        now, allowed = self._watch.read(), self._allowances[kind]
        flowed = (now - self._filled[kind]) * allowed.requests / allowed.seconds
        self._left[kind] = min(max(allowed.requests, 1.0), self._left[kind] + flowed)
        self._filled[kind] = now
