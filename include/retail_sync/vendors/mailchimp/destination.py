"""Mailchimp as a destination: renders, delivers, reads back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from retail_sync.errors import ConfigurationError
from retail_sync.model.capabilities import Capabilities
from retail_sync.model.delivery import Contact, Delivery, Errand, Held, LateRefusal, Outcome, Sale, Total, Wanted
from retail_sync.model.happenings import Happening
from retail_sync.model.people import LeftCart, Listing, Person, SoldOrder
from retail_sync.model.ports import Connection, Finding, Services
from retail_sync.model.views import DestinationView, FieldLimit
from retail_sync.vendors.mailchimp.access import Access
from retail_sync.vendors.mailchimp.carts import Carts
from retail_sync.vendors.mailchimp.check import Check
from retail_sync.vendors.mailchimp.client import MailchimpClient, connect
from retail_sync.vendors.mailchimp.contacts import Contacts
from retail_sync.vendors.mailchimp.delivery import MailchimpDelivery
from retail_sync.vendors.mailchimp.events import Events
from retail_sync.vendors.mailchimp.facts import (
    CONNECTIONS,
    EVENTS_PER_CLAIM,
    KINDS,
    MEMBERS_PER_CALL,
    TOLD,
    UNWATCHED,
    MailchimpSettings,
)
from retail_sync.vendors.mailchimp.fields import fields
from retail_sync.vendors.mailchimp.limits import limits
from retail_sync.vendors.mailchimp.members import People
from retail_sync.vendors.mailchimp.orders import Orders
from retail_sync.vendors.mailchimp.products import Products
from retail_sync.vendors.mailchimp.readback import Readback
from retail_sync.vendors.mailchimp.refusals import BARRED, REFUSALS
from retail_sync.vendors.mailchimp.shapes import sale_of
from retail_sync.vendors.mailchimp.structure import structure
from retail_sync.vendors.mailchimp.talks import opt_out
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
        self.feed = None
        self.capabilities = capabilities(settings, connections)
        # What holds facts that are withheld is none of the pair's as yet: it is neither made nor written nor compared.
        self._view = told = view.told
        self._settings = settings
        paths = Paths(settings.audience, settings.store)
        every = {field.tag: field.type for field in fields(view.mapping, settings)}
        types = {tag: kind for tag, kind in every.items() if tag in told.mapping}
        # One pool for all callers: the account has so many connections, however many lanes a load runs.
        pool = ThreadPoolExecutor(connections, thread_name_prefix="mailchimp")
        self._people = People(told, settings)
        self._orders = Orders(view, settings)
        self._products = Products(view, settings)
        self._carts = Carts(view)
        self._events = Events(view, settings)
        self._delivery = MailchimpDelivery(client, pool, settings, paths, services.clock)
        access = Access(client.send, pool, paths, settings)
        self._contacts = Contacts(access, types)
        self._readback = Readback(access, types, told.tags)
        self._check = Check(access, view, every)

    def structure(self, *, live: bool) -> Sequence[Wanted]:
        """Merge fields, the store, the placeholder product."""
        return tuple(structure(self._view, self._settings, live=live))

    def person(self, person: Person) -> Sequence[Wanted]:
        """Member, tags and customer."""
        return self._people.render(person)

    def objects_of(self, person: Person) -> Sequence[str]:
        """Customer, tags and member."""
        return self._people.ids(person)

    def order(self, sold: SoldOrder) -> Sequence[Wanted]:
        """What is told of the order step by step, and how it stands, net of what came back."""
        return self._orders.render(sold)

    def listing(self, listing: Listing) -> Sequence[Wanted]:
        """The product with its variants."""
        return (self._products.render(listing),)

    def cart(self, left: LeftCart) -> Sequence[Wanted]:
        """The cart with the way back to it."""
        return (self._carts.render(left),)

    def happening(self, happening: Happening) -> Sequence[Wanted]:
        """The event on the contact; none where the pair has no name for it."""
        return self._events.render(happening)

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome | Errand]:
        """See `delivery.MailchimpDelivery.deliver`."""
        return self._delivery.deliver(rows)

    def limits(self) -> Sequence[FieldLimit]:
        """What the pair's merge fields take, and which addresses Mailchimp refuses."""
        return limits(self._view.mapping, self._settings)

    def opt_out(self, contact_key: str) -> Wanted:
        """The row that takes a member off the mailing list."""
        return opt_out(contact_key)

    def lookup(self, emails: Sequence[str]) -> Iterator[Contact]:
        """See `contacts.Contacts.lookup`."""
        return self._contacts.lookup(emails)

    def contacts(self, changed_since: datetime | None = None) -> Iterator[Contact]:
        """See `contacts.Contacts.changed`."""
        return self._contacts.changed(changed_since)

    def read(self, kind: str, vendor_keys: Sequence[str]) -> Iterator[Held]:
        """See `readback.Readback.read`."""
        return self._readback.read(kind, vendor_keys)

    def read_all(self, kind: str) -> Iterator[Held]:
        """See `readback.Readback.read_all`."""
        return self._readback.read_all(kind)

    def keys(self, kind: str) -> Iterator[str]:
        """See `readback.Readback.keys`."""
        return self._readback.keys(kind)

    def refused_late(self) -> Iterator[LateRefusal]:
        """Nothing: a batch is read to its end before any of its rows is called delivered."""
        return iter(())

    def sale(self, payload: Mapping[str, Any]) -> Sale:
        """What an order counts for in the store's reports."""
        return sale_of(payload)

    def totals(self) -> Sequence[Total]:
        """See `readback.Readback.totals`."""
        return self._readback.totals(self._contacts)

    def check(self) -> Iterator[Finding]:
        """See `check.Check.run`."""
        return self._check.run()


def capabilities(settings: MailchimpSettings, connections: int) -> Capabilities:
    """What the core must know. Every kind but events has a natural key, so that each write may be repeated."""
    objects = frozenset(KINDS) - TOLD
    sizes = {"member": MEMBERS_PER_CALL, "event": EVENTS_PER_CLAIM}
    return Capabilities(
        contact_kind="member",
        bulk={kind: sizes.get(kind, settings.batch_operations) for kind in KINDS},
        connections=connections,
        kinds=KINDS,
        safe_to_repeat=objects,
        readable=objects - UNWATCHED,
        told=TOLD,
        exclusive=frozenset({"customer", "product", "order"}),
        within=dict.fromkeys(("customer", "product", "order", "cart"), "store"),
        catalogue=("product",),
        lacking=frozenset(refusal.code for refusal in REFUSALS if refusal.verdict == "lacking"),
        barred=BARRED,
        shows_own_opt_in=True,
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
