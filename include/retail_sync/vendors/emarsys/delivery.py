"""Taking outbox rows to Emarsys, each kind by its own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.vendors.emarsys.access import Access
from retail_sync.vendors.emarsys.contact_writes import ContactWrites
from retail_sync.vendors.emarsys.event_delivery import EventDelivery, EventIds
from retail_sync.vendors.emarsys.structure import StructureWrites


class SalesDoor(Protocol):
    """Somebody who takes orders to Emarsys."""

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """Take them, and yield an outcome for each."""
        ...


class EmarsysDelivery:
    """Delivers rows of one kind and one operation; safe to call from several threads at once.

    Args:
        access: The way to the account.
        sales: Takes orders; None where the pair sends none.
    """

    def __init__(self, access: Access, sales: SalesDoor | None) -> None:
        self._access = access
        self._contacts = ContactWrites(access)
        events = EventIds(access.send)
        self._events = EventDelivery(access, events)
        self._structure = StructureWrites(access, events)
        self._sales = sales

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """Send rows and yield an outcome for every one of them.

        Raises:
            WaitError: Emarsys is not to be had; rows without an outcome may be sent again.
            ConfigurationError: No row can be sent until a person acts.
        """
        kind = rows[0].kind if rows else ""
        if kind == "contact":
            yield from self._write_contacts(rows)
        elif kind == "event":
            yield from self._events.deliver(rows)
        elif kind == "sale" and self._sales is not None:
            yield from self._sales.deliver(rows)
        elif kind in {"field", "external_event"}:
            yield from self._structure.deliver(rows)
        else:
            words = "The pair sends nothing of this kind any more."
            yield from (Outcome(row_id=row.row_id, verdict="rejected", code="not_sent", words=words) for row in rows)

    def _write_contacts(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        for call in self._contacts.calls(rows):
            outcomes = self._contacts.write(call)
            if any(ended.code == "field_missing" for ended in outcomes):
                # It may have been made anew by now, under another id.
                self._access.ids.forget()
            yield from outcomes
