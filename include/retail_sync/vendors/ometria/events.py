"""What happened to a person as Ometria takes it: a custom event, whose id is ours and never changes.

A type of event must be registered by Ometria's staff before it is taken. No call reads events back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from retail_sync.errors import ConfigurationError
from retail_sync.model.delivery import Wanted
from retail_sync.model.happenings import Happening
from retail_sync.model.moments import happened
from retail_sync.model.people import SoldOrder
from retail_sync.model.texts import cut
from retail_sync.model.views import DestinationView
from retail_sync.vendors.ometria.facts import EVENT_NAME_LENGTH, OmetriaSettings
from retail_sync.vendors.ometria.orders import order_id, rounded
from retail_sync.vendors.ometria.payloads import filled, moment, money
from retail_sync.vendors.ometria.people import Names, contact_id

#: Under this property stand the products that an event is about: Ometria fills in what it knows of them.
_PRODUCTS = "products"


class Events:
    """Renders happenings, and what is told of an order's states, for one pair.

    Raises:
        ConfigurationError: An event's name is longer than Ometria keeps.
    """

    def __init__(self, view: DestinationView, settings: OmetriaSettings, names: Names) -> None:
        self._events = view.events
        self._triggers = view.triggers
        self._useful_for = view.useful_for
        self._settings = settings
        self._names = names
        for name in event_types(view):
            if len(name) > EVENT_NAME_LENGTH:
                raise ConfigurationError(
                    f"the event {name!r} has more than {EVENT_NAME_LENGTH} characters",
                    record=f"pair {view.pair}",
                    fix="Give it a shorter name and have that registered by Ometria.",
                )

    def render(self, happening: Happening) -> list[Wanted]:
        """The event; none where the pair has no name for such a thing."""
        name = self._events.get(happening.name)
        if name is None:
            return []
        payload = self._payload(name, happening.at, happening.person_id, happening.email)
        payload["properties"] = self._texts(happening.properties) | _products(happening)
        return [self._wanted(happening.event_id, payload, happening.useful_until, contact_id(happening.person_id))]

    def of_order(self, sold: SoldOrder) -> Iterator[Wanted]:
        """What the pair tells of each state that an order came to, once and in the pair's own words."""
        order, account = sold.order, self._names.account
        for come_to in happened(sold):
            for place, name in enumerate(self._triggers.get(come_to.state, ())):
                said = come_to.state if place == 0 else f"{come_to.state}.{place + 1}"
                payload = self._payload(name, come_to.at, sold.person_id, sold.email)
                payload["properties"] = self._texts(
                    {
                        "order": order.number,
                        "state": come_to.state,
                        "total": money(rounded(order.total, order.total)),
                        "currency": order.currency,
                    }
                ) | _ids([line.product_key for line in order.lines])
                needs = (contact_id(sold.person_id), order_id(account, order.key))
                yield self._wanted(f"{said}:{account}:{order.key}", payload, come_to.at + self._useful_for, *needs)

    def _payload(self, name: str, at: datetime, person_id: int, email: str) -> dict[str, Any]:
        by_account = self._names.named and self._settings.event_identity == "account"
        whose = {"identity_account_id": self._names.contact(person_id)} if by_account else {"identity_email": email}
        return {"event_type": name, "timestamp": moment(at), **whose}

    def _texts(self, properties: Mapping[str, str]) -> dict[str, Any]:
        return {key: cut(text, self._settings.text_length) for key, text in filled(properties).items()}

    def _wanted(self, event_id: str, payload: dict[str, Any], useful_until: datetime | None, *needs: str) -> Wanted:
        return Wanted(
            kind="event",
            object_id=event_id,
            vendor_key=event_id,
            payload=payload,
            needs=needs,
            row="step",
            useful_until=useful_until,
        )


def event_types(view: DestinationView) -> list[str]:
    """Every type of event that a pair sends, which Ometria's staff must have registered."""
    told = [name for words in view.triggers.values() for name in words]
    return sorted({*view.events.values(), *told})


def _products(happening: Happening) -> dict[str, list[str]]:
    """The products of which something is told."""
    if happening.sold is None:
        return {}
    content = happening.content
    return _ids([line.product_key for line in happening.sold.order.lines if not content or line.key in content])


def _ids(keys: list[str | None]) -> dict[str, list[str]]:
    found = sorted({key for key in keys if key})
    return {_PRODUCTS: found} if found else {}
