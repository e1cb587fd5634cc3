"""Mailchimp stands what every destination must."""

from __future__ import annotations

from typing import ClassVar

from retail_sync.model.delivery import Wanted
from retail_sync.model.ports import Destination
from retail_sync.model.views import FieldMapping

from .destination_conformance import DestinationConformance
from .destination_shop import DestinationShop
from .mailchimp_shop import MAPPING, Shop, pair

_PROBLEM = {"type": "x", "title": "Forbidden", "status": 403, "detail": "Not yours.", "instance": "1"}
_AS_PROBLEM = {"content-type": "application/problem+json"}


class TestMailchimp(DestinationConformance):
    opens = Shop
    passing: ClassVar = frozenset({"last_changed", "history", "updated_at", "updated_at_foreign", "mails_not_sent"})
    writes: ClassVar = {
        "member": "POST /lists/{list_id}",
        "order": "POST *orders*",
        "event": "POST *events*",
    }
    lists = "GET *members"
    short: ClassVar = {"name": "status", "status": 200, "body": {"members": [], "total_items": 3}}
    bad_email = "who@example.com"
    limited: ClassVar = ({"name": "empty_429"}, {"name": "html_403"})
    expired: ClassVar = {
        "name": "status",
        "status": 401,
        "times": None,
        "body": _PROBLEM | {"status": 401, "title": "API Key Invalid"},
        "headers": _AS_PROBLEM,
    }
    forbidden: ClassVar = {"name": "status", "status": 403, "times": None, "body": _PROBLEM, "headers": _AS_PROBLEM}
    differs = "merge field LTV"

    def refuse(self, shop: DestinationShop, contact: Wanted) -> None:
        shop.control.fault("fake_address", endpoint=contact.payload["email_address"])

    def differing(self, shop: DestinationShop) -> Destination:
        return shop.connect(pair(mapping=MAPPING | {"LTV": FieldMapping("facts.lifetime_value", "text")}))
