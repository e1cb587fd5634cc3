"""Who the merchant knows, how each is reached, and who wants the newsletter."""

from __future__ import annotations

from functools import cached_property

from tests.oracle.terms import Json

from .fulfil_tables import Tables, changed, utc


class People:
    """The parties.

    Args:
        tables: The books.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @cached_property
    def persons(self) -> list[Json]:
        """Parties that are persons: neither shared ones nor those that were merged into another."""
        shared = {channel["anonymous_customer"] for channel in self._tables.state["sale.channel"]}
        return [
            party
            for party in self._tables.state["party.party"]
            if party["id"] not in shared and (party["active"] or party["is_erased"])
        ]

    def customer(self, party: Json) -> Json:
        """A party. The ERP knows no accounts: everybody it can name counts as one."""
        first, _, last = party["name"].partition(" ")
        contacts = self._tables.rows("party.contact_mechanism", party["contact_mechanisms"])
        addresses = self._tables.rows("party.address", party["addresses"])
        facts = self._tables.rows("metafield.value", party["metafields"])
        home = addresses[0] if addresses else {}
        country = self.country(home) if home else None
        phones = [row["value"] for row in contacts if row["active"] and row["type"] in {"mobile", "phone"}]
        return {
            "id": party["id"],
            "email": self.email(party),
            "first_name": first,
            "last_name": last,
            "registered": True,
            "newsletter": self._wants_newsletter(party),
            "anonymised": party["is_erased"],
            "former_emails": self._former(party),
            "market": country,
            "country": country,
            "city": home.get("city"),
            "phone": phones[0] if phones else home.get("phone"),
            "created_at": utc(party["create_date"]),
            "updated_at": max(changed(row) for row in [party, *contacts, *addresses, *facts]),
        }

    def subscriptions(self) -> list[Json]:
        """Addresses of whoever wants the newsletter or once did."""
        found: dict[str, bool] = {}
        for party in self.persons:
            if party["was_subscribed"]:
                email = self.email(party)
                found[email] = found.get(email, False) or self._wants_newsletter(party)
                for old in self._former(party):
                    found.setdefault(old, False)
        return [{"id": place, "email": email, "active": active} for place, (email, active) in enumerate(found.items())]

    def email(self, party: Json) -> str:
        """A party's first address."""
        found = self._tables.rows("party.contact_mechanism", party["contact_mechanisms"])
        return next((row["value"] for row in found if row["type"] == "email" and row["active"]), "")

    def country(self, address: Json) -> str | None:
        """The code of an address's country, which stands for a market: the ERP has no word for one."""
        return self._tables.row("country.country", address["country"]).get("code")

    def _wants_newsletter(self, party: Json) -> bool:
        """Whether a party is subscribed, wherever this merchant keeps it."""
        name = self._tables.settings["newsletter_name"]
        if self._tables.settings["newsletter"] == "category":
            return any(row["name"] == name for row in self._tables.rows("party.category", party["categories"]))
        if self._tables.settings["newsletter"] == "metafield":
            facts = self._tables.rows("metafield.value", party["metafields"])
            return any(row["key"] == name and row["value"] == "yes" for row in facts)
        tags = self._tables.rows("party.contact_mechanism", party["contact_mechanisms"])
        return any(row["active"] and row["value"] == f"{name}:yes" for row in tags)

    def _former(self, party: Json) -> dict[str, str]:
        """Addresses that a party had before, and until when."""
        contacts = self._tables.rows("party.contact_mechanism", party["contact_mechanisms"])
        return {old: f"{until}+00:00" for row in contacts for old, until in row["former"].items()}
