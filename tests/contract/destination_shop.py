"""A destination with what a core remembers of it, and the vendor's own books beside it."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from msgspec.structs import replace as changed

from retail_sync.errors import WaitError
from retail_sync.model.delivery import Contact, Delivery, Operation, Outcome, Sale, Wanted
from retail_sync.model.people import Person, SoldOrder
from retail_sync.model.ports import Destination, Services
from retail_sync.model.views import DestinationView
from retail_sync.sandbox.client import SandboxControl
from retail_sync.steps.connections import connection_from
from retail_sync.vendors.registry import vendor

from .destination_goods import product


class Allowance:
    """A budget of one process: so many calls at once; a pause is remembered, and hardly waited for."""

    def __init__(self, slots: int | None) -> None:
        self._free: AbstractContextManager[Any] = threading.BoundedSemaphore(slots) if slots else nullcontext()
        self.pauses: list[float] = []

    def acquire(self, *, cost: float = 1.0, deadline: float | None = None) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        time.sleep(min(seconds, 0.05))

    def slot(self) -> AbstractContextManager[Any]:
        return self._free


class DestinationShop(ABC):
    """A destination over a running sandbox, with the ledger of a core.

    Attributes:
        system: The system's name.
        view: The pair, unless another one is given.
        settings: Settings of the destination under which tests lose no time.
        ledger: By object, what was delivered last, under the key that the vendor has for it.
    """

    system: ClassVar[str]
    view: DestinationView
    settings: ClassVar[Mapping[str, Any]]

    def __init__(self, url: str, view: DestinationView | None = None, **settings: Any) -> None:
        self.url = url
        self.control = SandboxControl(url)
        self.budgets: dict[str, Allowance] = {}
        self.ledger: dict[str, Wanted] = {}
        self._settings = {**self.settings, **settings}
        self._row = 0
        self.view = view or type(self).view
        self.destination = self.connect()

    def connect(self, view: DestinationView | None = None, **changes: Any) -> Destination:
        """The destination of the sandbox's own connection, but for these changes to it."""
        health = self.control.health()
        connection = replace(connection_from(health["conn_id"], health["connection"]), **changes)
        services = Services(clock=lambda: datetime.now(UTC), budget=self._budget)
        return vendor(self.system).destination(self._settings, connection, services, view or self.view)

    def _budget(self, name: str, rate: float | None, burst: float | None, slots: int | None) -> Allowance:
        return self.budgets.setdefault(name, Allowance(slots))

    @property
    def pauses(self) -> list[float]:
        """What the destination's budgets were told to wait."""
        return [pause for budget in self.budgets.values() for pause in budget.pauses]

    # Sending.

    def rows(self, wanted: Iterable[Wanted], operation: Operation | None = None) -> list[Delivery]:
        """Outbox rows for objects: creates of those that the ledger does not know, updates of the others."""
        rows = []
        for one in wanted:
            self._row += 1
            before = self.ledger.get(one.object_id)
            sort = operation or ("update" if before else "create")
            rows.append(
                Delivery(
                    row_id=self._row,
                    kind=one.kind,
                    object_id=one.object_id,
                    vendor_key=one.vendor_key,
                    operation=sort,
                    # Whoever takes something away knows no more of it than the ledger does.
                    payload={} if sort == "delete" else one.payload,
                    birth=one.birth,
                    previous=before.payload if before else None,
                )
            )
        return rows

    def send(self, *wanted: Wanted, operation: Operation | None = None) -> list[Outcome]:
        """Deliver as a load does: kind by kind, operation by operation; remember what was delivered."""
        outcomes: list[Outcome] = []
        for kind in self.destination.capabilities.kinds:
            ours = [one for one in wanted if one.kind == kind]
            rows = self.rows(ours, operation)
            by_row = {row.row_id: (row, one) for row, one in zip(rows, ours, strict=True)}
            for sort in ("create", "update", "delete", "opt_out"):
                some = [row for row in rows if row.operation == sort]
                for outcome in self.destination.deliver(some) if some else ():
                    if isinstance(outcome, Outcome):
                        outcomes.append(outcome)
                        self._remember(*by_row[outcome.row_id], outcome)
        return outcomes

    def attempt(self, *wanted: Wanted, operation: Operation | None = None) -> list[Outcome]:
        """Deliver objects of one kind and one operation as far as the vendor lets us; of the rest nothing is said."""
        rows = self.rows(wanted, operation)
        by_row = {row.row_id: (row, one) for row, one in zip(rows, wanted, strict=True)}
        outcomes: list[Outcome] = []
        try:
            for outcome in self.destination.deliver(rows):
                if isinstance(outcome, Outcome):
                    outcomes.append(outcome)
                    self._remember(*by_row[outcome.row_id], outcome)
        except WaitError:
            pass
        return outcomes

    def _remember(self, row: Delivery, wanted: Wanted, outcome: Outcome) -> None:
        if outcome.verdict != "delivered":
            return
        if row.operation == "delete":
            self.ledger.pop(wanted.object_id, None)
        else:
            key = outcome.vendor_key or wanted.vendor_key
            self.ledger[wanted.object_id] = changed(wanted, vendor_key=key)

    def stand(self) -> None:
        """Deliver the structure, as far as it is not there."""
        outcomes = self.send(*self.destination.structure(live=True))
        assert verdicts(outcomes).keys() <= {"delivered", "exists"}

    def contact(self, person: Person) -> Wanted:
        """The contact of a person, without what hangs on it."""
        kind = self.destination.capabilities.contact_kind
        return next(one for one in self.destination.person(person) if one.kind == kind)

    # What came of it.

    def state(self) -> dict[str, Any]:
        """The vendor's own books."""
        return self.control.state()

    def found(self, email: str) -> Contact | None:
        """The contact of an address, as the destination tells."""
        return next(iter(self.destination.lookup([email])), None)

    def status(self, email: str) -> str | None:
        """What the destination tells of an address; None where it has no contact of it."""
        found = self.found(email)
        return found.status if found else None

    def reads_back(self, *kinds: str) -> dict[str, Any]:
        """What differs between the ledger and what the vendor gives back, by object; empty where nothing does."""
        differing: dict[str, Any] = {}
        for kind in kinds:
            ours = {one.vendor_key: one for one in self.ledger.values() if one.kind == kind}
            held = {one.vendor_key: one.payload for one in self.destination.read(kind, list(ours))}
            assert held.keys() == ours.keys()
            differing |= {
                one.object_id: (held[key], one.payload) for key, one in ours.items() if held[key] != one.payload
            }
        return differing

    @abstractmethod
    def gets_mail(self, email: str) -> bool:
        """Whether the vendor's own books let marketing write to an address."""

    @abstractmethod
    def worth(self, number: str) -> Sale:
        """What an order counts for in the vendor's own books."""

    @abstractmethod
    def told(self) -> Counter[str]:
        """By our id, how often the vendor's own books say that an event was set off."""


def verdicts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many rows ended in which way."""
    return dict(Counter(outcome.verdict for outcome in outcomes))


def everything(shop: DestinationShop, *people: Person, orders: Sequence[SoldOrder] = ()) -> list[Wanted]:
    """People with what hangs on them, a product, and orders."""
    wanted = [one for who in people for one in shop.destination.person(who)]
    wanted += shop.destination.listing(product())
    return wanted + [one for order in orders for one in shop.destination.order(order)]
