"""Ometria stands what every destination must."""

from __future__ import annotations

from typing import ClassVar

from retail_sync.model.delivery import Wanted
from retail_sync.model.ports import Destination

from .destination_conformance import DestinationConformance
from .destination_shop import DestinationShop
from .ometria_destination_shop import BRISK, Shop


class TestOmetria(DestinationConformance):
    opens = Shop
    sandbox: ClassVar = BRISK
    passing: ClassVar = frozenset({"updated_at", "times", "statuses", "history"})
    writes: ClassVar = {"contact": "POST /push", "event": "POST /push"}
    lists = "GET /contacts/{collection}"
    many = 300
    short: ClassVar = {"name": "empty_page", "skip": 1}
    limited: ClassVar = ({"name": "quota_spent"}, {"name": "empty_429"})
    forbidden: ClassVar = {"name": "token_expired", "times": None}
    differs = "customer ids"

    def refuse(self, shop: DestinationShop, contact: Wanted) -> None:
        message = f"Not allowed for {contact.payload['email']}"
        shop.control.fault("late_error", endpoint=contact.vendor_key, options={"message": message, "path": "email"})

    def differing(self, shop: DestinationShop) -> Destination:
        other = {"@type": "contact", "@collection": "till", "id": "7", "email": "p9@mail.test", "customer_id": "4711"}
        assert isinstance(shop, Shop)
        shop.push(other)
        return shop.connect()
