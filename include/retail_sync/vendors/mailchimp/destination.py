"""Mailchimp as a destination: renders, delivers, reads back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from retail_sync.errors import ConfigurationError
from retail_sync.model.delivery import Contact, Delivery, Held, Outcome, Total, Wanted
from retail_sync.model.people import Listing, Person, SoldOrder
from retail_sync.model.ports import Capabilities, Connection, DestinationView, Finding, Services
from retail_sync.vendors.mailchimp.access import Access
from retail_sync.vendors.mailchimp.check import Check
from retail_sync.vendors.mailchimp.client import MailchimpClient, connect
from retail_sync.vendors.mailchimp.contacts import Contacts
from retail_sync.vendors.mailchimp.delivery import MailchimpDelivery
from retail_sync.vendors.mailchimp.facts import CONNECTIONS, KINDS, MEMBERS_PER_CALL, REFUSALS, MailchimpSettings
from retail_sync.vendors.mailchimp.fields import fields
from retail_sync.vendors.mailchimp.members import People
from retail_sync.vendors.mailchimp.orders import Orders
from retail_sync.vendors.mailchimp.products import Products
from retail_sync.vendors.mailchimp.readback import Readback
from retail_sync.vendors.mailchimp.structure import structure
from retail_sync.vendors.mailchimp.wire import Paths


class MailchimpDestination:
    """One audience with its store. See `model.ports.Destination`.

    Args:
        client: The way to Mailchimp.
        settings: The pair's settings.
        view: The pair.
        services: What the house gives.
    """

    def __init__(
        self, client: MailchimpClient, settings: MailchimpSettings, view: DestinationView, services: Services
    ) -> None:
        connections = max(1, int(CONNECTIONS * services.share))
        self.capabilities = capabilities(settings, connections)
        self._view = view
        self._settings = settings
        paths = Paths(settings.audience, settings.store)
        types = {field.tag: field.type for field in fields(view.mapping, settings)}
        # One pool for all callers: the account has so many connections, however many lanes a load runs.
        pool = ThreadPoolExecutor(connections, thread_name_prefix="mailchimp")
        self._people = People(view, settings)
        self._orders = Orders(view, settings)
        self._products = Products(view, settings)
        self._delivery = MailchimpDelivery(client, pool, settings, paths, services.clock)
        access = Access(client.send, pool, paths, settings)
        self._contacts = Contacts(access, types)
        self._readback = Readback(access, types, view.tags)
        self._check = Check(access, view, types)

    def structure(self, *, live: bool) -> Sequence[Wanted]:
        """Merge fields, the store, the placeholder product."""
        return tuple(structure(self._view, self._settings, live=live))

    def person(self, person: Person) -> Sequence[Wanted]:
        """Member, tags and customer."""
        return self._people.render(person)

    def order(self, sold: SoldOrder) -> Sequence[Wanted]:
        """The order, net of what came back."""
        return (self._orders.render(sold),)

    def listing(self, listing: Listing) -> Sequence[Wanted]:
        """The product with its variants."""
        return (self._products.render(listing),)

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """See `delivery.MailchimpDelivery.deliver`."""
        return self._delivery.deliver(rows)

    def lookup(self, emails: Sequence[str]) -> Iterator[Contact]:
        """See `contacts.Contacts.lookup`."""
        return self._contacts.lookup(emails)

    def contacts(self, changed_since: datetime | None = None) -> Iterator[Contact]:
        """See `contacts.Contacts.changed`."""
        return self._contacts.changed(changed_since)

    def read(self, kind: str, vendor_keys: Sequence[str]) -> Iterator[Held]:
        """See `readback.Readback.read`."""
        return self._readback.read(kind, vendor_keys)

    def keys(self, kind: str) -> Iterator[str]:
        """See `readback.Readback.keys`."""
        return self._readback.keys(kind)

    def totals(self) -> Sequence[Total]:
        """See `readback.Readback.totals`."""
        return self._readback.totals(self._contacts)

    def check(self) -> Iterator[Finding]:
        """See `check.Check.run`."""
        return self._check.run()


def capabilities(settings: MailchimpSettings, connections: int) -> Capabilities:
    """What the core must know. Every kind has a natural key, so that each write may be repeated."""
    return Capabilities(
        contact_kind="member",
        bulk={kind: MEMBERS_PER_CALL if kind == "member" else settings.batch_operations for kind in KINDS},
        connections=connections,
        kinds=KINDS,
        safe_to_repeat=frozenset(KINDS),
        readable=frozenset(KINDS),
        exclusive=frozenset({"customer", "product", "order"}),
        advice={refusal.code: (refusal.turn, refusal.next_step) for refusal in REFUSALS},
    )


def build(
    settings: Mapping[str, Any], connection: Connection, services: Services, view: DestinationView
) -> MailchimpDestination:
    """The destination of a connection.

    Raises:
        ConfigurationError: A setting, a field or a tag can't be, or the connection has no key.
    """
    own = read_settings(settings, view.pair)
    return MailchimpDestination(connect(connection, services), own, view, services)


def read_settings(settings: Mapping[str, Any], pair: str) -> MailchimpSettings:
    """The settings of a pair file, checked.

    Raises:
        ConfigurationError: One is missing, unknown or wrong; it is named.
    """
    try:
        return MailchimpSettings.model_validate(dict(settings))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, flaw['loc']))}: {flaw['msg']}" for flaw in error.errors())
        raise ConfigurationError(
            f"destination.settings: {wrong}", record=f"pair {pair}", fix="Correct the pair file."
        ) from None
