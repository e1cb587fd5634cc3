"""What happened to a contact as Emarsys takes it: an external event, which automation programs listen to.

Each carries our deterministic id as `trigger_id`, and Emarsys drops what comes twice under one (CONFIRMED). So it may
be sent again, though nothing can be read back of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from retail_sync.model.delivery import Wanted
from retail_sync.model.happenings import Happening
from retail_sync.model.moments import happened
from retail_sync.model.people import SoldOrder
from retail_sync.model.records import OrderLine
from retail_sync.model.texts import cut
from retail_sync.model.views import DestinationView
from retail_sync.vendors.emarsys.facts import EmarsysSettings
from retail_sync.vendors.emarsys.payloads import cents, contact_key, moment
from retail_sync.vendors.emarsys.people import contact_id
from retail_sync.vendors.emarsys.text import clean


def event_names(view: DestinationView) -> list[str]:
    """The external events that a pair tells, in the order of their names."""
    words = (word for said in view.triggers.values() for word in said)
    return sorted({*view.events.values(), *words})


class Events:
    """Renders happenings, and the states that orders come to, for one pair.

    Args:
        view: The pair: its triggers name an external event for each state that is told.
        settings: Its Emarsys settings.
    """

    def __init__(self, view: DestinationView, settings: EmarsysSettings) -> None:
        self._account = view.source_account
        self._names = view.events
        self._triggers = view.triggers
        self._useful_for = view.useful_for
        self._length = settings.text_length
        self._numbered = settings.event_ids

    def happening(self, happening: Happening) -> list[Wanted]:
        """The event; none where the pair has no name for such a thing."""
        name = self._names.get(happening.name)
        if name is None:
            return []
        lines = _products(happening.sold, happening.content) if happening.sold else []
        return [
            self._event(
                happening.event_id,
                name,
                person_id=happening.person_id,
                email=happening.email,
                at=happening.at,
                useful_until=happening.useful_until,
                data=self._data(happening.properties, lines),
            )
        ]

    def order(self, sold: SoldOrder) -> list[Wanted]:
        """The states that the order has come to and that the pair tells, each once."""
        return list(self._told(sold))

    def _told(self, sold: SoldOrder) -> Iterator[Wanted]:
        order = sold.order
        about = {
            "order": order.number,
            "total": f"{cents(order.total)}",
            "currency": order.currency,
            "placed_at": moment(order.placed_at),
            "refunded": f"{cents(sold.refunded)}" if sold.refunded else "",
        }
        for state, at in happened(sold):
            for place, name in enumerate(self._triggers.get(state, ())):
                step = state if place == 0 else f"{state}.{place + 1}"
                yield self._event(
                    f"order.{step}:{self._account}:{order.key}",
                    name,
                    person_id=sold.person_id,
                    email=sold.email,
                    at=at,
                    useful_until=at + self._useful_for,
                    data=self._data({**about, "state": state}, _products(sold, {})),
                )

    def _event(
        self,
        event_id: str,
        name: str,
        *,
        person_id: int,
        email: str,
        at: datetime,
        useful_until: datetime | None,
        data: dict[str, Any],
    ) -> Wanted:
        key = contact_key(self._account, person_id)
        made = () if name in self._numbered else (f"external_event:{name}",)
        return Wanted(
            kind="event",
            object_id=event_id,
            vendor_key=f"{key}/{event_id}",
            payload={
                "event": name,
                "contact": key,
                "email": email,
                "trigger_id": event_id,
                "event_time": moment(at),
                "data": data,
            },
            needs=(contact_id(person_id), *made),
            row="step",
            useful_until=useful_until,
        )

    def _data(self, told: Mapping[str, str], lines: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """What mails are filled with: `global`, and the lines as a group that a mail repeats a block for."""
        said = {name: text for name, value in told.items() if (text := cut(clean(value), self._length))}
        return {"global": said} | ({"products": [self._line(line) for line in lines]} if lines else {})

    def _line(self, line: Mapping[str, str]) -> dict[str, str]:
        return {name: cut(clean(text), self._length) for name, text in line.items() if text}


def _products(sold: SoldOrder, content: Mapping[str, int]) -> list[dict[str, str]]:
    """The lines of an order, or so many pieces of some of them, as a mail shows them."""
    lines = [(line, content.get(line.key, 0) if content else line.quantity) for line in sold.order.lines]
    return [_shown(line, quantity) for line, quantity in lines if quantity > 0]


def _shown(line: OrderLine, quantity: int) -> dict[str, str]:
    return {
        "sku": line.sku or "",
        "name": line.name,
        "variant": line.variant_name or "",
        "quantity": str(quantity),
        "price": f"{cents(line.unit_price)}",
    }
