"""What the account knows of people: listings, which systems and forms write, and profiles, which gather them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from retail_sync.vendors.ometria.sandbox.consent import Change, Origin, Statement
from retail_sync.vendors.ometria.sandbox.orders import Order
from retail_sync.vendors.ometria.sandbox.schema import Json

ListingKey = tuple[str, str]


class Identities(NamedTuple):
    """By what a profile is found; addresses in small letters."""

    emails: frozenset[str]
    customer_ids: frozenset[str]


NOBODY = Identities(frozenset(), frozenset())


@dataclass(slots=True)
class Listing:
    """A contact as one collection knows it.

    Attributes:
        fields: What was sent of it, without directives.
        origin: Who wrote it.
        said: Its statements on marketing, oldest first.
    """

    collection: str
    id: str
    number: int
    origin: Origin
    created_at: datetime
    updated_at: datetime
    fields: Json = field(default_factory=dict)
    said: list[Statement] = field(default_factory=list)
    profile_id: str = ""

    @property
    def key(self) -> ListingKey:
        """Its identity."""
        return self.collection, self.id

    @property
    def email(self) -> str:
        """Its address in small letters, empty for none."""
        return str(self.fields.get("email") or "").lower()

    @property
    def customer_id(self) -> str:
        """The customer that it names, empty for none."""
        return str(self.fields.get("customer_id") or "")

    def view(self) -> Json:
        """The listing as answers show it."""
        return {"@type": "contact", "@collection": self.collection, "@profile_id": self.profile_id, **self.fields}


@dataclass(slots=True)
class Profile:
    """A person as the account sees it.

    Attributes:
        listings: In the order in which they were last taken in.
        orders: Orders that were attached.
        said: What the person said on the vendor's own pages, but for sign-ups, which are listings.
        optin: Whether it may be mailed; None where nobody has said anything.
        history: How that came to be.
        taken_in: The place of its last listing in the order of all.
        found_by: Its identities as the index has them.
        bounced: Whether mail to it could not be delivered; no answer shows it.
        welcomed: Whether a subscription has set off what greets new subscribers.
    """

    id: str
    number: int
    created_at: datetime
    updated_at: datetime
    listings: dict[ListingKey, Listing] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    said: list[Statement] = field(default_factory=list)
    optin: bool | None = None
    history: list[Change] = field(default_factory=list)
    lists: set[int] = field(default_factory=set)
    taken_in: int = 0
    found_by: Identities = NOBODY
    bounced: bool = False
    welcomed: bool = False
    sms_optin: bool | None = None

    def identities(self) -> Identities:
        """By what it can be found as it stands."""
        emails = {one.email for one in self.listings.values()} | {one.email for one in self.orders.values()}
        customers = {one.customer_id for one in self.listings.values()}
        customers |= {one.customer_id for one in self.orders.values()}
        return Identities(frozenset(emails - {""}), frozenset(customers - {""}))

    def newest_first(self) -> list[Listing]:
        """Its listings by their weight: those of the vendor's own pages, then the ones taken in last."""
        last_first = list(reversed(self.listings.values()))
        return sorted(last_first, key=lambda one: one.origin != "person")

    def field(self, name: str) -> object:
        """The first value that a listing has, by weight."""
        values = (one.fields.get(name) for one in self.newest_first())
        return next((value for value in values if value is not None), None)

    @property
    def email(self) -> str | None:
        """Its address."""
        found = self.field("email") or next((one.email for one in self.orders.values() if one.email), None)
        return str(found) if found else None

    @property
    def customer_id(self) -> str | None:
        """Its customer."""
        found = self.field("customer_id") or next(iter(sorted(self.found_by.customer_ids)), None)
        return str(found) if found else None

    def view(self) -> Json:
        """The profile as answers show it."""
        named = next((one.fields for one in self.newest_first() if one.fields.get("lastname")), {})
        if not named:
            named = next((one.fields for one in self.newest_first() if one.fields.get("firstname")), {})
        names = {name: named.get(name) for name in ("prefix", "firstname", "middlename", "lastname")}
        properties: Json = {}
        for listing in reversed(self.newest_first()):
            properties |= listing.fields.get("properties") or {}
        return {
            "@type": "profile",
            "id": self.id,
            "email": self.email,
            "customer_id": self.customer_id,
            "name": " ".join(filter(None, (names["firstname"], names["lastname"]))) or None,
            **names,
            "suffix": None,
            "gender": self.field("gender"),
            "date_of_birth": self.field("date_of_birth"),
            "country": self.field("country_id"),
            "marketing_optin": self.optin,
            "seen": False,
            "identities": self._identities_shown(),
            "lists": [{"id": number} for number in sorted(self.lists)],
            "tags": [],
            "properties": properties,
            "dates": self._dates(),
            "stats": self.stats(),
        }

    def _dates(self) -> Json:
        bought = sorted(str(order.fields["timestamp"]) for order in self.orders.values())
        return {
            "acquired": self.field("timestamp_acquired") or self.created_at,
            "first_purchase": bought[0] if bought else None,
            "last_purchase": bought[-1] if bought else None,
            "first_seen": None,
            "last_seen": None,
        }

    def stats(self) -> Json:
        """What it bought: money in the orders' own currencies, as if they were one (ASSUMED)."""
        valid = [order for order in self.orders.values() if order.is_valid]
        revenue = sum((order.net_value for order in valid), Decimal(0))
        return {
            "orders": len(valid),
            "orders_attempted": len(self.orders),
            "revenue": revenue,
            "aov": round(revenue / len(valid), 2) if valid else Decimal(0),
        }

    def _identities_shown(self) -> list[Json]:
        emails = [{"type": "email", "id": email} for email in sorted(self.found_by.emails)]
        return emails + [{"type": "customer_id", "id": one} for one in sorted(self.found_by.customer_ids)]
