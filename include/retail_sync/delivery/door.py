"""A door: where rows go out, what the vendor takes, and who stands at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock

from retail_sync.consent.strays import Sort
from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.ports import Deliverer

#: Looks at claimed rows right before they leave: answers those that must not be sent, and gives back the others.
Gate = Callable[[Sequence[Delivery]], tuple[list[Outcome], list[Delivery]]]


@dataclass(frozen=True, slots=True)
class Door:
    """Where the rows of one account go out.

    Attributes:
        account: The account whose rows are sent.
        kinds: Its kinds in building order; rows of other kinds are left alone.
        bulk: How many rows of a kind one delivery is given at most.
        connections: How many deliveries may run at once.
        safe: Kinds that may be sent twice.
        contact_kind: The kind that the consent gate watches, if any.
        lease: How long a claim lasts without being renewed.
        last_priority: Rows that are less urgent than this are left to another worker; None leaves none.
        delete_is_final: Whether the vendor forgets a contact that is taken back.
        sort: Tells contacts that stray from those that were taken away, where the vendor does not find them.
    """

    deliverer: Deliverer
    account: str
    kinds: Sequence[str]
    bulk: Mapping[str, int]
    connections: int
    safe: frozenset[str]
    contact_kind: str | None
    gate: Gate | None
    lease: timedelta
    last_priority: int | None = None
    delete_is_final: bool = False
    sort: Sort | None = None

    def takes(self, priority: int, kind: str) -> bool:
        """Whether rows of this priority and kind go out here."""
        in_time = self.last_priority is None or priority <= self.last_priority
        return kind in self.kinds and in_time


@dataclass(slots=True)
class Tally:
    """How rows ended, by kind and verdict; safe to add to from several threads."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def add(self, kind: str, verdicts: Counter[str]) -> None:
        """Add what one batch brought."""
        with self.lock:
            self.counts.setdefault(kind, Counter()).update(verdicts)

    def plain(self) -> dict[str, dict[str, int]]:
        """The counts as plain dictionaries."""
        return {kind: dict(verdicts) for kind, verdicts in self.counts.items()}
