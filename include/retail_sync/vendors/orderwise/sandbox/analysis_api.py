"""`PUT` on customers and contacts: the analysis fields that an installation may take."""

from __future__ import annotations

from typing import Any

import msgspec

from retail_sync.sandbox.kit import Request, Response
from retail_sync.vendors.orderwise.sandbox.customers_api import CustomersApi
from retail_sync.vendors.orderwise.sandbox.newsletter import ANALYSIS, Owner, touch, write_newsletter
from retail_sync.vendors.orderwise.sandbox.replies import not_there, path_number, refused
from retail_sync.vendors.orderwise.sandbox.shop import Shop

_KINDS: dict[str, type | tuple[type, ...]] = {"c": str, "d": str, "l": bool, "m": str, "n": (int, float)}


class AnalysisApi:
    """Takes analysis fields, by analogy with those of variants. ASSUMED: off unless the settings say otherwise.

    Args:
        shop: The books.
        customers: Shows what was written.
    """

    def __init__(self, shop: Shop, customers: CustomersApi) -> None:
        self._shop, self._customers = shop, customers

    def put_customer(self, request: Request) -> Response:
        """Set fields of a customer."""
        shown = self._customers.customer(request)
        return self._put(request, "customer", "id", shown) or self._customers.customer(request)

    def put_contact(self, request: Request) -> Response:
        """Set fields of a contact."""
        shown = self._customers.contact(request)
        return self._put(request, "contact", "contact", shown) or self._customers.contact(request)

    def _put(self, request: Request, on: Owner, key: str, shown: Response) -> Response | None:
        """Write the fields of what is shown; gives the refusal, or None when they stand."""
        if not self._shop.settings.takes_analysis:
            return not_there(request, 405)
        if shown.status != 200:
            return shown
        try:
            body = msgspec.json.decode(request.body, type=dict[str, dict[str, Any]])
        except msgspec.DecodeError:
            return refused("The request is invalid.", 400)
        fields = body.pop("analysis", {})
        wrong = [*body, *(name for name, value in fields.items() if not _fits(name, value))]
        if wrong:
            return refused(f"The request is invalid: {wrong[0]}.", 400)
        self._write(on, path_number(request, key), fields)
        return None

    def _write(self, on: Owner, key: int, fields: dict[str, Any]) -> None:
        """The agreed flag is written with the time of its change, as by hand."""
        now = self._shop.now()
        flag = fields.pop("l_1", None) if on == self._shop.settings.consent_on else None
        if flag is not None:
            write_newsletter(self._shop, on, key, now, subscribed=flag)
        if fields:
            table, prefix, column = ANALYSIS[on]
            changes = {f"{prefix}_{name}": _stored(value) for name, value in fields.items()}
            self._shop.database.update(table, column, key, **changes)
            touch(self._shop, on, key, now)


def _fits(name: str, value: Any) -> bool:
    kind, _, place = name.partition("_")
    known = kind in _KINDS and place.isdecimal() and 1 <= int(place) <= 10
    return known and (value is None or (isinstance(value, _KINDS[kind]) and isinstance(value, bool) == (kind == "l")))


def _stored(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value
