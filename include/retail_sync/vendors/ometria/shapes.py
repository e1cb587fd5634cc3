"""What Ometria holds, in the shape of what we wanted: the fields we own, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from retail_sync.model.texts import numeral
from retail_sync.vendors.ometria.facts import OmetriaSettings
from retail_sync.vendors.ometria.fields import ContactField, numbers
from retail_sync.vendors.ometria.payloads import moment, off_the_wire, read_moment
from retail_sync.vendors.ometria.people import Names

_ORDER = frozenset(
    {
        "timestamp", "status", "is_valid", "customer", "currency", "grand_total", "subtotal", "discount", "shipping",
        "tax", "lineitems", "store", "properties", "shipping_address", "billing_address", "coupon_code", "totals",
    }
)  # fmt: skip
_PRODUCT = frozenset(
    {
        "title", "sku", "price", "url", "image_url", "is_active", "is_in_stock", "is_variant", "attributes", "listings",
        "properties",
    }
)  # fmt: skip


class Shapes:
    """Reads what one pair owns of an account.

    Args:
        settings: The pair's settings.
        names: How its people are called.
        fields: Its mapped contact fields.
    """

    def __init__(self, settings: OmetriaSettings, names: Names, fields: tuple[ContactField, ...]) -> None:
        self._account = names.account
        self._customer = {"customer_id"} if names.named else set[str]()
        self._fields = fields
        self._numbers = numbers(fields)
        parent = {settings.variant_parent} if settings.variant_parent else set[str]()
        self._variant = _PRODUCT | parent

    def payload(self, kind: str, held: Mapping[str, Any]) -> dict[str, Any] | None:
        """An object in the shape of its payload; None for what is none of ours, or was taken back."""
        if kind == "contact":
            return self._contact(held) if held.get("email") else None
        if (held.get("properties") or {}).get("source") != self._account:
            return None
        if kind == "order":
            return _order(held)
        if bool(held.get("is_variant")) is not (kind == "variant"):
            return None
        return _picked(held, self._variant if kind == "variant" else _PRODUCT)

    def _contact(self, held: Mapping[str, Any]) -> dict[str, Any]:
        own = {field.name for field in self._fields if not field.is_property}
        shape = _picked(held, {"email", *self._customer, *own})
        shape["email"] = held["email"].lower()
        given = held.get("properties") or {}
        mapped = {field.name: given.get(field.name) for field in self._fields if field.is_property}
        properties = {name: self._property(name, value) for name, value in mapped.items() if value is not None}
        return shape | ({"properties": properties} if properties else {})

    def _property(self, name: str, value: Any) -> Any:
        return numeral(Decimal(value)) if name in self._numbers else value


def _order(held: Mapping[str, Any]) -> dict[str, Any]:
    shape = _picked(held, _ORDER)
    if "timestamp" in shape:
        shape["timestamp"] = moment(read_moment(shape["timestamp"]))
    return shape


def _picked(held: Mapping[str, Any], names: set[str] | frozenset[str]) -> dict[str, Any]:
    read: dict[str, Any] = off_the_wire({name: value for name, value in held.items() if name in names})
    return read
