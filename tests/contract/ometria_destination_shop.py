"""The Ometria destination as tests use it, and what its own books say."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

import requests

from retail_sync.model.delivery import Sale
from retail_sync.model.views import DestinationView, FieldMapping

from .destination_shop import DestinationShop

MAPPING = {
    "firstname": FieldMapping("first_name"),
    "phone_number": FieldMapping("phone"),
    "country_id": FieldMapping("address.country"),
    "date_of_birth": FieldMapping("birthdate"),
    "lifetime_value": FieldMapping("facts.lifetime_value", "number"),
    "last_order_at": FieldMapping("facts.last_order_at", "date"),
    "awaiting_refund": FieldMapping("facts.awaiting_refund", "boolean"),
    "markets": FieldMapping("facts.markets", "list"),
    "loyalty": FieldMapping("attributes.loyalty"),
}
VIEW = DestinationView(
    pair="centra_to_ometria",
    source_account="centra_main",
    mapping=MAPPING,
    tags=(),
    currency="SEK",
    events={"order_shipped": "order_shipped", "back_in_stock": "back_in_stock"},
)
#: A sandbox that neither keeps anybody waiting nor runs out.
BRISK = {"push_per_second": 1000.0, "data_per_second": 1000.0, "validate_seconds": 0.005}


class Shop(DestinationShop):
    """One account."""

    system = "ometria"
    view = VIEW
    settings: ClassVar = {"poll_from": 0.01, "poll_to": 0.05, "settle_for": 0.05, "settle_deadline": 10.0, "few": 5}

    def push(self, *records: dict[str, Any]) -> None:
        """What another program of the account pushes, until it has been worked off."""
        key = self.control.health()["connection"]["password"]
        answer = requests.post(f"{self.url}/v2/push", json=list(records), headers={"X-Ometria-Auth": key}, timeout=10)
        assert answer.ok, answer.text
        self.state()

    def state(self) -> dict[str, Any]:
        """The vendor's own books once nothing waits in the queue any more."""
        while (books := self.control.state())["queue"]["waiting"]:
            time.sleep(0.01)
        return books

    def gets_mail(self, email: str) -> bool:
        profiles = self.state()["profiles"].values()
        return any(one["email"] == email and one["marketing_optin"] is True for one in profiles)

    def worth(self, number: str) -> Sale:
        order = self.state()["orders"][number]
        return Sale(total=Decimal(order["net_value"]), currency=order["currency"])

    def told(self) -> Counter[str]:
        return Counter({str(key): int(one["times"]) for key, one in self.state()["custom_events"].items()})


def pair(**changes: Any) -> DestinationView:
    """The pair, but for these changes."""
    return replace(VIEW, **changes)
