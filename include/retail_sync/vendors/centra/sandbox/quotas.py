"""The limits of the instance: token buckets of requests, of complexity and of mutations, shared by all tokens."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: The Growth plan: type of limit to what is allowed in ten seconds and in an hour.
GROWTH: dict[str, dict[str, int]] = {
    "REQUEST_COUNT": {"TEN_SECONDS": 60, "ONE_HOUR": 5_000},
    "QUERY_COMPLEXITY": {"TEN_SECONDS": 250_000, "ONE_HOUR": 30_000_000},
    "MUTATION_COUNT": {"TEN_SECONDS": 20, "ONE_HOUR": 1_800},
}
_SECONDS = {"TEN_SECONDS": 10, "ONE_HOUR": 3_600}


@dataclass(slots=True)
class Bucket:
    """A bucket that refills continuously.

    Attributes:
        quota: What it holds when it is full, and what flows in during its interval.
        seconds: The interval.
    """

    quota: int
    seconds: int
    filled_at: float
    left: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = float(self.quota)

    def refill(self, now: float) -> None:
        """Let in what has come since the last time."""
        self.left = min(float(self.quota), self.left + (now - self.filled_at) * self.quota / self.seconds)
        self.filled_at = now

    def wait(self, amount: int) -> float:
        """Seconds until that much is there."""
        return max(0.0, (amount - self.left) * self.seconds / self.quota)


class Quotas:
    """All buckets.

    Args:
        scale: Factor on the Growth plan.
        clock: Seconds that only grow. Refilling must go on while the sandbox's own clock stands still.
    """

    def __init__(self, scale: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets = {
            (kind, interval): Bucket(max(1, round(quota * scale)), _SECONDS[interval], clock())
            for kind, quotas in GROWTH.items()
            for interval, quota in quotas.items()
        }

    def most(self, kind: str) -> int:
        """The most of it that can be spent at once."""
        return min(bucket.quota for (of, _), bucket in self._buckets.items() if of == kind)

    def spend(self, kind: str, amount: int) -> float:
        """Spend from both buckets of a kind; where one has too little, nothing is spent.

        Returns:
            Seconds to wait until there is enough; 0.0 when it was spent.
        """
        buckets = [bucket for (of, _), bucket in self._buckets.items() if of == kind]
        now = self._clock()
        for bucket in buckets:
            bucket.refill(now)
        wait = max(bucket.wait(amount) for bucket in buckets)
        if wait == 0.0:
            for bucket in buckets:
                bucket.left -= amount
        return wait

    def drain(self, kind: str) -> None:
        """Spend all that is left of a kind, as another integration of the shop might."""
        now = self._clock()
        for (of, _), bucket in self._buckets.items():
            if of == kind:
                bucket.refill(now)
                bucket.left = 0.0

    def as_nodes(self) -> list[dict[str, Any]]:
        """The `RateLimit` nodes."""
        now, nodes = self._clock(), []
        for (kind, interval), bucket in self._buckets.items():
            bucket.refill(now)
            remaining = math.floor(bucket.left)
            nodes.append(
                {
                    "type": kind,
                    "intervalSeconds": interval,
                    "quota": bucket.quota,
                    "usedQuota": bucket.quota - remaining,
                    "remainingQuota": remaining,
                }
            )
        return nodes
