"""Emarsys as a destination: renders, delivers, reads back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from retail_sync.errors import ConfigurationError
from retail_sync.model.capabilities import Capabilities
from retail_sync.model.delivery import Contact, Delivery, Errand, Held, LateRefusal, Outcome, Sale, Total, Wanted
from retail_sync.model.feed import Feed
from retail_sync.model.happenings import Happening
from retail_sync.model.people import LeftCart, Listing, Person, SoldOrder
from retail_sync.model.ports import Connection, Finding, Services
from retail_sync.model.views import DestinationView, FieldLimit
from retail_sync.vendors.emarsys.access import Access
from retail_sync.vendors.emarsys.catalogue import Catalogue
from retail_sync.vendors.emarsys.check import Check
from retail_sync.vendors.emarsys.client import EmarsysClient, connect
from retail_sync.vendors.emarsys.contact_fields import contact_fields
from retail_sync.vendors.emarsys.contacts import Contacts
from retail_sync.vendors.emarsys.delivery import EmarsysDelivery
from retail_sync.vendors.emarsys.events import Events
from retail_sync.vendors.emarsys.facts import CONNECTIONS, KINDS, PER_CALL, EmarsysSettings
from retail_sync.vendors.emarsys.field_ids import FieldIds
from retail_sync.vendors.emarsys.limits import limits
from retail_sync.vendors.emarsys.merchant import Merchant, connect_merchant
from retail_sync.vendors.emarsys.people import People, contact_id, opt_out
from retail_sync.vendors.emarsys.readback import Readback
from retail_sync.vendors.emarsys.refusals import REFUSALS
from retail_sync.vendors.emarsys.sales import Sales
from retail_sync.vendors.emarsys.sales_upload import SalesFiles, SalesUpload
from retail_sync.vendors.emarsys.shapes import OwnFields
from retail_sync.vendors.emarsys.structure import structure


class EmarsysDestination:
    """One account. See `model.ports.Destination`.

    Args:
        client: The way to Emarsys.
        merchant: The way to its interface of sales data and catalogue, where either goes by it.
        settings: The pair's settings.
        view: The pair.
        services: What the house gives.
    """

    def __init__(
        self,
        client: EmarsysClient,
        merchant: Merchant | None,
        settings: EmarsysSettings,
        view: DestinationView,
        services: Services,
    ) -> None:
        self.capabilities = capabilities(settings, max(1, int(CONNECTIONS * services.share)), view.currency)
        offers = settings.catalogue != "none"
        self.feed: Feed | None = Catalogue(settings, view.currency, merchant) if offers else None
        # What holds facts that are withheld is none of the pair's as yet: it is neither made nor written nor compared.
        self._view = told = view.told
        self._settings = settings
        fields = contact_fields(told.mapping, settings)
        own = OwnFields(fields)
        self._people = People(told, settings)
        self._sales = Sales(view, settings)
        self._events = Events(view, settings)
        access = Access(client, FieldIds(client.send), settings, services.clock)
        sales = SalesUpload(merchant, settings) if merchant and settings.sales == "api" else None
        door = sales or (SalesFiles(settings, services.clock) if settings.sales == "file" else None)
        self._delivery = EmarsysDelivery(access, door)
        self._contacts = Contacts(access, own)
        self._readback = Readback(access, own, self._structure_names(), view.source_account)
        self._check = Check(access, view, contact_fields(view.mapping, settings), sales)

    def structure(self, *, live: bool) -> Sequence[Wanted]:  # noqa: ARG002
        """Contact fields and external events: the same before the pair is live, since neither sets anything off."""
        return tuple(structure(self._view, self._settings))

    def person(self, person: Person) -> Sequence[Wanted]:
        """The contact."""
        return self._people.render(person)

    def objects_of(self, person: Person) -> Sequence[str]:
        """The contact."""
        return (contact_id(person.person_id),)

    def order(self, sold: SoldOrder) -> Sequence[Wanted]:
        """What is told of the order, each once, and its rows of sales data, net of what came back."""
        return [*self._events.order(sold), *self._sales.render(sold)]

    def listing(self, listing: Listing) -> Sequence[Wanted]:  # noqa: ARG002
        """Nothing: Emarsys takes a catalogue only whole, as `feed` gives it."""
        return ()

    def cart(self, left: LeftCart) -> Sequence[Wanted]:  # noqa: ARG002
        """Nothing: Emarsys learns of carts from its script in the shop; events may tell of what was put into one."""
        return ()

    def happening(self, happening: Happening) -> Sequence[Wanted]:
        """The external event; none where the pair has no name for it."""
        return self._events.happening(happening)

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome | Errand]:
        """See `delivery.EmarsysDelivery.deliver`."""
        return self._delivery.deliver(rows)

    def limits(self) -> Sequence[FieldLimit]:
        """What the pair's contact fields take."""
        return limits(self._view.mapping, self._settings)

    def opt_out(self, contact_key: str) -> Wanted:
        """The row that takes a contact off the mailing list."""
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
        """Nothing: what is refused is said in the answer."""
        return iter(())

    def sale(self, payload: Mapping[str, Any]) -> Sale:
        """What the rows of an order add up to."""
        return self._sales.counted(payload)

    def totals(self) -> Sequence[Total]:
        """See `readback.Readback.totals`."""
        return self._readback.totals()

    def check(self) -> Iterator[Finding]:
        """See `check.Check.run`."""
        return self._check.run()

    def _structure_names(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = {"field": [], "external_event": []}
        for wanted in self.structure(live=True):
            names[wanted.kind].append(wanted.vendor_key)
        return names


def capabilities(settings: EmarsysSettings, connections: int, currency: str) -> Capabilities:
    """What the core must know.

    An event may be told again, by its id; so may an order that goes by file. Rows that are appended may not. Who has
    said yes by a form is exported by the day, which proves of nobody that it came after a no.
    """
    once = frozenset({"sale"}) if settings.sales == "api" else frozenset()
    sizes = {"sale": settings.sales_per_upload, "field": 50, "external_event": 50}
    return Capabilities(
        contact_kind="contact",
        bulk={kind: sizes.get(kind, PER_CALL) for kind in KINDS},
        connections=connections,
        kinds=KINDS,
        safe_to_repeat=frozenset(KINDS) - once,
        readable=frozenset({"field", "external_event", "contact"}),
        lacking=frozenset(refusal.code for refusal in REFUSALS if refusal.verdict == "lacking"),
        advice={refusal.code: (refusal.turn, refusal.next_step) for refusal in REFUSALS},
        sale_kind="" if settings.sales == "none" else "sale",
        currency=currency,
        delete_is_final=True,
    )


def build(
    settings: Mapping[str, Any], connection: Connection, services: Services, view: DestinationView
) -> EmarsysDestination:
    """The destination of a connection.

    Raises:
        ConfigurationError: A setting, a field or a tag can't be, or the connection lacks its credentials.
    """
    own = read_settings(settings, view.pair)
    by_merchant = own.sales == "api" or own.catalogue == "pushed"
    merchant = connect_merchant(connection, own, services) if by_merchant else None
    return EmarsysDestination(connect(connection, own, services), merchant, own, view, services)


def read_settings(settings: Mapping[str, Any], pair: str) -> EmarsysSettings:
    """The settings of a pair file, checked.

    Raises:
        ConfigurationError: One is missing, unknown or wrong; it is named.
    """
    try:
        return EmarsysSettings.model_validate(dict(settings))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, flaw['loc'])) or 'whole'}: {flaw['msg']}" for flaw in error.errors())
        raise ConfigurationError(
            f"destination.settings: {wrong}", record=f"pair {pair}", fix="Correct the pair file."
        ) from None
