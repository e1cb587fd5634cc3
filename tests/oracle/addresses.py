"""Whose an address is: accounts that have changed theirs take along what was bought under the old one until then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from .terms import Json, moment, normal


class Addresses:
    """Old addresses and the accounts that had them.

    An account's own orders go with it. So does what guests had bought under its old address before it left that, unless
    another account has the address now; what is bought under it later is somebody else's.

    Args:
        records: The shop's customer records.
        orders: The shop's orders.

    Attributes:
        erased: Addresses of people whom the shop has erased.
    """

    def __init__(self, records: Iterable[Json], orders: Iterable[Json]) -> None:
        self._records = {record["id"]: record for record in records}
        accounts = [record for record in self._records.values() if record["registered"] and not record["anonymised"]]
        self._held = {normal(record["email"]) for record in accounts}
        self._left: defaultdict[str | None, list[tuple[datetime, Json]]] = defaultdict(list)
        for record in accounts:
            for old, until in record["former_emails"].items():
                self._left[normal(old)].append((moment(until), record))
        self._bought: defaultdict[tuple[int, str | None], list[datetime]] = defaultdict(list)
        for order in orders:
            self._bought[order["customer_id"], normal(order["email"])].append(moment(order["created_at"]))
        self.erased = {
            normal(old)
            for record in self._records.values()
            for old in record["former_emails"]
            if record["anonymised"] and normal(old) not in self._held
        }

    def of_record(self, record: Json) -> str | None:
        """The address of the person of a record, in normal form; None where nobody can be written to."""
        own = normal(record["email"])
        if record["registered"]:
            return own
        last = max([moment(record["updated_at"]), *self._bought[record["id"], own]])
        return self._at(own, last)

    def of_order(self, order: Json) -> str | None:
        """The address of the person of an order: its account's, where the account has or had the order's own."""
        own = normal(order["email"])
        record = self._records.get(order["customer_id"])
        if record is not None and own in {normal(old) for old in record["former_emails"]} - {normal(record["email"])}:
            return self.of_record(record)
        if record is not None and record["registered"] and own == normal(record["email"]):
            return own
        return self._at(own, moment(order["created_at"]))

    def is_erased(self, order: Json) -> bool:
        """Whether the person of an order was erased."""
        record = self._records.get(order["customer_id"])
        return record is not None and bool(record["anonymised"])

    def led_to(self, email: str | None) -> set[str | None]:
        """Every address under which the person of this one may be found today."""
        return {email, *(normal(record["email"]) for _, record in self._left[email])}

    def _at(self, email: str | None, when: datetime) -> str | None:
        """Where what happened under an address at a time belongs today."""
        if email in self._held:
            return email
        later = [(until, record) for until, record in self._left[email] if until > when]
        return normal(min(later, key=lambda one: one[0])[1]["email"]) if later else email
