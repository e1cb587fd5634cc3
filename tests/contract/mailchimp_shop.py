"""The Mailchimp destination as tests use it, and what its own books say."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from retail_sync.model.delivery import Sale
from retail_sync.model.views import DestinationView, FieldMapping

from .destination_shop import DestinationShop

AUDIENCE = "5a3d0c9b1e"
MAPPING = {
    "FNAME": FieldMapping("first_name", label="First name"),
    "PHONE": FieldMapping("phone", "phone", "Phone"),
    "ADDRESS": FieldMapping("address", "address", "Address"),
    "LTV": FieldMapping("facts.lifetime_value", "number", "Net lifetime value"),
    "LASTORD": FieldMapping("facts.last_order_at", "date", "Last order"),
    "BORN": FieldMapping("birthdate", "birthday", "Birthday"),
    "MARKETS": FieldMapping("facts.markets", label="Markets"),
}
VIEW = DestinationView(
    pair="centra_to_mailchimp",
    source_account="centra_main",
    mapping=MAPPING,
    tags=("collections", "buyer_state", "awaiting_refund"),
    currency="SEK",
    events={"order_shipped": "order_shipped"},
)


class Shop(DestinationShop):
    """One audience with its store."""

    system = "mailchimp"
    view = VIEW
    settings: ClassVar = {"audience": AUDIENCE, "store": "main", "store_name": "Shop", "poll_from": 0.01}

    def gets_mail(self, email: str) -> bool:
        return any(one["email_address"] == email and one["status"] == "subscribed" for one in self._members())

    def worth(self, number: str) -> Sale:
        order = self.state()["stores"]["main"]["orders"].get(number, {})
        return Sale(total=Decimal(str(order.get("order_total", 0))), currency=order.get("currency_code", VIEW.currency))

    def told(self) -> Counter[str]:
        events = (event for member in self._members() for event in member["events"])
        return Counter(str(event["properties"]["event_id"]) for event in events)

    def _members(self) -> list[dict[str, Any]]:
        return list(self.state()["lists"][AUDIENCE]["members"])


def pair(**changes: Any) -> DestinationView:
    """The pair, but for these changes."""
    return replace(VIEW, **changes)
