"""The Emarsys destination as tests use it, and what its own books say."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from retail_sync.model.delivery import Sale, Wanted
from retail_sync.model.people import SoldOrder
from retail_sync.model.views import DestinationView, FieldMapping

from .destination_shop import DestinationShop

MAPPING = {
    "first_name": FieldMapping("first_name"),
    "phone": FieldMapping("phone"),
    "birth_date": FieldMapping("birthdate", "date"),
    "shop_country": FieldMapping("address.country", "shorttext", "Shop country"),
    "shop_ltv": FieldMapping("facts.lifetime_value", "number", "Net lifetime value"),
    "shop_last_order": FieldMapping("facts.last_order_at", "date", "Last order"),
    "shop_markets": FieldMapping("facts.markets", label="Markets"),
}
VIEW = DestinationView(
    pair="centra_to_emarsys",
    source_account="centra_main",
    mapping=MAPPING,
    tags=(),
    currency="SEK",
    events={"order_shipped": "order_shipped"},
    triggers={"financial.confirmed": ["order_confirmed"], "financial.captured": ["payment_captured"]},
)


class Shop(DestinationShop):
    """One account."""

    system = "emarsys"
    view = VIEW
    settings: ClassVar = {"merchant": "1A2B3C4D", "poll_from": 0.005, "poll_to": 0.05, "export_deadline": 5}

    def person_at(self, email: str) -> dict[str, Any]:
        """The one contact of an address, as the account has it."""
        (found,) = [one for one in self.state()["contacts"] if one["email"] == email]
        return dict(found)

    def sale(self, order: str) -> dict[str, Any]:
        """What the account's rows of an order add up to."""
        return dict(self.state()["sales"]["orders"].get(order, {}))

    def gets_mail(self, email: str) -> bool:
        return any(one["email"] == email and one["opt_in"] == "1" for one in self.state()["contacts"])

    def worth(self, number: str) -> Sale:
        return Sale(total=Decimal(self.sale(number).get("price", 0)), currency=VIEW.currency)

    def told(self) -> Counter[str]:
        return Counter(str(one["trigger_id"]) for one in self.state()["triggers"])


def pair(**changes: Any) -> DestinationView:
    """The pair, but for these changes."""
    return replace(VIEW, **changes)


def sales(shop: Shop, what: SoldOrder) -> list[Wanted]:
    """The order's rows of sales data, without what is told of it."""
    return [one for one in shop.destination.order(what) if one.kind == "sale"]


def told(shop: Shop, what: SoldOrder) -> list[Wanted]:
    """What is told of an order, without its rows of sales data."""
    return [one for one in shop.destination.order(what) if one.kind == "event"]
