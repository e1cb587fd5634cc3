"""Emarsys stands what every destination must."""

from __future__ import annotations

from typing import ClassVar

from retail_sync.model.delivery import Wanted
from retail_sync.model.ports import Destination
from retail_sync.model.views import FieldMapping

from .destination_conformance import DestinationConformance
from .destination_shop import DestinationShop
from .emarsys_destination_shop import MAPPING, Shop, pair


class TestEmarsys(DestinationConformance):
    opens = Shop
    passing: ClassVar = frozenset({"changes", "changed_at", "history", "times", "at", "repeated_triggers"})
    writes: ClassVar = {"contact": "POST /contact", "sale": "POST sales-data", "event": "POST *trigger"}
    lists = "GET /contact/query"
    short: ClassVar = {"name": "status", "status": 200, "body": {"replyCode": 0, "replyText": "OK", "data": {}}}
    limited: ClassVar = ({"name": "quota_spent", "seconds": 0}, {"name": "empty_429"})
    differs = "contact field shop_ltv"

    def refuse(self, shop: DestinationShop, contact: Wanted) -> None:
        text = f"Invalid value of {contact.payload['email']}"
        shop.control.fault("contact_refused", endpoint=contact.payload["email"], options={"code": 2007, "text": text})

    def differing(self, shop: DestinationShop) -> Destination:
        return shop.connect(pair(mapping=MAPPING | {"shop_ltv": FieldMapping("facts.lifetime_value", "date")}))
