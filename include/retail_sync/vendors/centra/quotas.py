"""Centra's token buckets, shared with every other integration of the environment (CONFIRMED).

Quotas are read at run time, once per process and environment, since plans differ and change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from retail_sync.model.ports import Budget, Services
from retail_sync.vendors.centra.facts import INTERVALS, PLAN


class RateLimit(Struct, rename="camel", frozen=True):
    """One row of the query `rateLimits`: so many units in an interval."""

    type: str
    interval_seconds: str
    quota: float


#: What environments have answered, by host. A quota is no secret and the same for every token.
_KNOWN: dict[str, tuple[RateLimit, ...]] = {}
_PLAN = tuple(
    RateLimit(type=sort, interval_seconds=interval, quota=quota)
    for sort, quotas in PLAN.items()
    for interval, quota in zip(INTERVALS, quotas, strict=True)
)


class Quotas:
    """A budget over all of an environment's buckets: a call costs one request and so many points of complexity.

    Args:
        services: Gives the shared budgets, each already cut to the part that this installation may use.
        host: The environment; budgets are named by it.
    """

    def __init__(self, services: Services, host: str) -> None:
        self._services = services
        self._host = host
        # Carries pauses and slots, and is all there is until the quotas are known.
        self._door = services.budget(f"centra {host}", None, None, None)
        self._buckets: dict[str, list[Budget]] = {}
        if host in _KNOWN:
            self._fill(_KNOWN[host])

    @property
    def known(self) -> bool:
        """Whether the environment's quotas have been read."""
        return bool(self._buckets)

    def learn(self, limits: Sequence[RateLimit]) -> None:
        """Take over what `rateLimits` has answered; an empty answer stands for the smallest plan."""
        _KNOWN[self._host] = tuple(limits) or _PLAN
        self._fill(_KNOWN[self._host])
        self._take("REQUEST_COUNT", 1, None)  # The request that asked.

    def acquire(self, *, cost: float = 1.0, deadline: float | None = None) -> float:
        """Wait until a request of so many points may go; returns the seconds waited."""
        waited = self._door.acquire(deadline=deadline)
        waited += self._take("REQUEST_COUNT", 1, deadline)
        return waited + self._take("QUERY_COMPLEXITY", cost, deadline)

    def mutate(self, count: int, deadline: float | None = None) -> float:
        """Wait until so many mutations may go, besides the request that carries them."""
        return self._take("MUTATION_COUNT", count, deadline)

    def settle(self, points: float) -> None:
        """Account for points that a request cost above what was acquired for it."""
        if points > 0:
            self._take("QUERY_COMPLEXITY", points, None)

    def pause(self, seconds: float) -> None:
        """Centra asked everybody to wait."""
        self._door.pause(seconds)

    def slot(self) -> Any:
        """One of the environment's connections."""
        return self._door.slot()

    def _take(self, sort: str, cost: float, deadline: float | None) -> float:
        return sum(bucket.acquire(cost=cost, deadline=deadline) for bucket in self._buckets.get(sort, ()))

    def _fill(self, limits: Iterable[RateLimit]) -> None:
        self._buckets = {}
        for limit in limits:
            seconds = INTERVALS.get(limit.interval_seconds)
            if seconds and limit.quota > 0:
                name = f"centra {self._host} {limit.type} {limit.interval_seconds}".lower()
                bucket = self._services.budget(name, limit.quota / seconds, limit.quota, None)
                self._buckets.setdefault(limit.type, []).append(bucket)
