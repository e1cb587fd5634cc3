"""From outbox rows to the records of a push."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from retail_sync.model.delivery import Delivery
from retail_sync.vendors.ometria.facts import TYPES
from retail_sync.vendors.ometria.payloads import on_the_wire
from retail_sync.vendors.ometria.people import Names

#: Sent with what may have fields of others: without it Ometria may take what we send for all there is (ASSUMED).
_MERGED = {"@merge": True}
_POSSIBLE = frozenset({"create", "update", "delete"})


class Prepared(NamedTuple):
    """A row with what is sent for it.

    Attributes:
        key: The id that Ometria's errors name.
        first: What must stand before it is sent.
    """

    row: Delivery
    key: str
    record: dict[str, Any]
    first: tuple[Prepared, ...] = ()


class Records:
    """Makes the records of one pair.

    Args:
        names: How the pair's people are called.
        numbers: The contact properties that are numbers.
    """

    def __init__(self, names: Names, numbers: frozenset[str]) -> None:
        self._names = names
        self._numbers = numbers

    def of(self, row: Delivery) -> Prepared | None:
        """What is sent for a row; None where Ometria has no words for it."""
        if row.operation == "opt_out" and row.kind == "contact":
            return self.contact(row, row.vendor_key, row.payload)
        if row.operation not in _POSSIBLE or (row.kind == "event" and row.operation != "create"):
            return None
        if row.kind == "contact":
            return self.contact(row, row.vendor_key, self._contact_fields(row))
        fields = _taken_back(row) if row.operation == "delete" else row.payload | _cleared(row)
        merged = _MERGED if TYPES[row.kind] == "product" else {}
        record = {"@type": TYPES[row.kind], "id": row.vendor_key, **merged, **on_the_wire(fields)}
        return Prepared(row, row.vendor_key, record)

    def contact(self, row: Delivery, key: str, fields: Mapping[str, Any]) -> Prepared:
        """A contact of our collection with these fields, and no word on what is not among them."""
        head = {"@type": "contact", "@collection": self._names.collection, "id": key}
        return Prepared(row, key, {**head, **_MERGED, **self._on_the_wire(fields)})

    def _contact_fields(self, row: Delivery) -> dict[str, Any]:
        if row.operation == "delete":
            return _emptied(row)
        born = row.birth if row.operation == "create" else {}
        return row.payload | _cleared(row) | born

    def _on_the_wire(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Contact fields as they are sent: mapped numbers are numbers."""
        properties = fields.get("properties")
        if not properties:
            return dict(fields)
        sent = {
            name: Decimal(value) if name in self._numbers and isinstance(value, str) else value
            for name, value in properties.items()
        }
        return {**fields, "properties": sent}


def _cleared(row: Delivery) -> dict[str, Any]:
    """What Ometria holds and what is no longer wanted, as nulls: what is not sent stays.

    ASSUMED: null clears a field, and one among properties.
    """
    before = row.previous or {}
    nulls: dict[str, Any] = {name: None for name in before if name not in row.payload}
    inner = before.get("properties")
    if isinstance(inner, dict):
        given = row.payload.get("properties") or {}
        nulls["properties"] = {name: None for name in inner if name not in given} | given
    return nulls


def _emptied(row: Delivery) -> dict[str, Any]:
    """A contact that is nobody's any more: Ometria removes none, so that it loses what it could be reached by.

    Its `customer_id` stays or is given, since a contact must have some identity. Of consent nothing is said.
    """
    before = row.previous or {}
    nulls: dict[str, Any] = {name: None for name in before if name not in {"customer_id", "properties"}}
    gone = dict.fromkeys(before.get("properties") or {})
    named = {"email": None, "phone_number": None, "customer_id": row.vendor_key}
    return named | nulls | ({"properties": gone} if gone else {})


def _taken_back(row: Delivery) -> dict[str, Any]:
    """An order or a product that is not to be there: Ometria removes none, so that it counts no more."""
    before = dict(row.previous or {})
    marks = {"properties": {**(before.pop("properties", None) or {}), "source": None}}
    if row.kind == "order":
        return before | marks | {"is_valid": False, "status": "cancelled"}
    return before | marks | {"is_active": False}
