"""OrderWise's accounts as the customers of a shop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from tests.oracle.books.orderwise_tables import Tables, plain
from tests.oracle.terms import Json


class Customers:
    """Reads accounts, but for the one on which everybody is booked who has none.

    Args:
        tables: The tables.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._accounts = tables.one("customer_detail", "cd_id")
        self._on_contact = tables.state["consent_on"] == "contact"

    def all(self) -> list[Json]:
        """Every account."""
        return [self._customer(row) for row in self._own()]

    def subscriptions(self) -> Iterable[Json]:
        """An address is subscribed where an account of it says so; trade accounts are not asked."""
        for row in self._own():
            known = self._customer(row)
            if known["email"] and known["registered"] and not row["cd_account_customer"]:
                yield {"id": row["cd_id"], "email": known["email"], "active": known["newsletter"]}

    def _own(self) -> Iterable[Json]:
        return (row for key, row in self._accounts.items() if key != self._tables.state["web_customer"])

    def _customer(self, row: Json) -> Json:
        """An account. One that was merged speaks for nobody any more: it is at the address of the one that was kept."""
        kept = self._accounts.get(row.get("cd_merged_into_id", 0))
        email = _address(kept or row)
        contact = next(iter(self._tables.many("customer_contact", "cc_cd_id")[row["cd_id"]]), {})
        first, _, last = plain(contact.get("cc_name") or row["cd_statement_name"]).partition(" ")
        changed = max(row["cd_last_amended_datetime"], contact.get("cc_last_amended_datetime", ""))
        return {
            "id": row["cd_id"],
            "email": email,
            "first_name": first,
            "last_name": last,
            "registered": kept is None,
            "newsletter": self._newsletter(row, contact),
            "anonymised": bool(row["cd_closed"]) and not email,
            "former_emails": self._former.get(row["cd_id"], {}),
            "market": row.get("cd_statement_country"),
            "country": row.get("cd_statement_country_code"),
            "city": row.get("cd_statement_town"),
            "phone": row.get("cd_statement_telephone") or contact.get("cc_telephone"),
            "created_at": self._tables.at(row["cd_input_datetime"]),
            "updated_at": self._tables.at(changed),
        }

    @cached_property
    def _former(self) -> dict[int, dict[str, str]]:
        """Until when an account had which other address."""
        former: defaultdict[int, dict[str, str]] = defaultdict(dict)
        for change in self._tables.state["address_changes"]:
            former[change["customer_id"]][change["former"]] = change["at"]
        for row in self._accounts.values():
            if "cd_merged_into_id" in row:
                until = self._tables.at(row["cd_last_amended_datetime"])
                former[row["cd_id"]][_address(row)] = str(until)
        return former

    def _newsletter(self, row: Json, contact: Json) -> bool:
        if self._on_contact:
            flags = self._tables.one("customer_contact_analysis", "cca_cc_id")
            return bool(flags.get(contact.get("cc_id", 0), {}).get("cca_l_1"))
        return bool(self._tables.one("customer_analysis", "ca_cd_id")[row["cd_id"]].get("ca_l_1"))


def _address(row: Json) -> str:
    """The first address of a field in which there may be several."""
    return plain(row.get("cd_statement_email")).partition(";")[0]
