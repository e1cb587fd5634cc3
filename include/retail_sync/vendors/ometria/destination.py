"""Ometria as a destination: renders, delivers, reads back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from retail_sync.errors import ConfigurationError
from retail_sync.model.capabilities import Capabilities
from retail_sync.model.delivery import Contact, Delivery, Errand, Held, LateRefusal, Outcome, Sale, Total, Wanted
from retail_sync.model.happenings import Happening
from retail_sync.model.people import LeftCart, Listing, Person, SoldOrder
from retail_sync.model.ports import Clock, Connection, Finding, Services
from retail_sync.model.views import DestinationView, FieldLimit
from retail_sync.vendors.ometria.check import Check
from retail_sync.vendors.ometria.client import OmetriaClient, connect
from retail_sync.vendors.ometria.collection import Collection
from retail_sync.vendors.ometria.contacts import Contacts
from retail_sync.vendors.ometria.delivery import OmetriaDelivery
from retail_sync.vendors.ometria.events import Events
from retail_sync.vendors.ometria.facts import KINDS, UNREADABLE, OmetriaSettings
from retail_sync.vendors.ometria.fields import fields, numbers
from retail_sync.vendors.ometria.limits import limits
from retail_sync.vendors.ometria.merging import Merging
from retail_sync.vendors.ometria.orders import Orders, sale_of
from retail_sync.vendors.ometria.people import Names, People, opt_out
from retail_sync.vendors.ometria.products import Products
from retail_sync.vendors.ometria.readback import Readback
from retail_sync.vendors.ometria.records import Records
from retail_sync.vendors.ometria.refusals import REFUSALS
from retail_sync.vendors.ometria.shapes import Shapes

#: Rows that one delivery is given: few enough that their errors stay on Ometria's list until they are read.
_ROWS = 500
_EVENTS = 50
_LANES = 4


class OmetriaDestination:
    """One account, as one pair sees it. See `model.ports.Destination`.

    Args:
        client: The way to Ometria.
        settings: The pair's settings.
        view: The pair.
        clock: The time.
    """

    def __init__(self, client: OmetriaClient, settings: OmetriaSettings, view: DestinationView, clock: Clock) -> None:
        self.feed = None
        self.capabilities = capabilities(settings)
        # What holds facts that are withheld is none of the pair's as yet: it is neither written nor compared.
        self._view = told = view.told
        self._settings = settings
        names = Names(settings, view.source_account)
        mapped = fields(told.mapping, settings)
        collection = Collection(client, names, settings)
        self._people = People(told, settings, names)
        self._orders = Orders(view, settings, names)
        self._products = Products(view, settings)
        self._events = Events(view, settings, names)
        self._contacts = Contacts(client, collection, settings)
        self._readback = Readback(client, names, Shapes(settings, names, mapped))
        records = Records(names, numbers(mapped))
        self._delivery = OmetriaDelivery(
            client,
            records,
            collection=collection,
            contacts=self._contacts,
            readback=self._readback,
            merging=Merging(
                client,
                contacts=self._contacts,
                readback=self._readback,
                names=names,
                settings=settings,
                clock=clock,
            ),
            settings=settings,
        )
        self._check = Check(client, view, settings, names)

    def structure(self, *, live: bool) -> Sequence[Wanted]:  # noqa: ARG002
        """Nothing: fields and collections come with the first contact, types of events by Ometria's staff."""
        return ()

    def person(self, person: Person) -> Sequence[Wanted]:
        """The contact."""
        return self._people.render(person)

    def objects_of(self, person: Person) -> Sequence[str]:
        """The contact."""
        return self._people.ids(person)

    def order(self, sold: SoldOrder) -> Sequence[Wanted]:
        """The whole order as it stands, net of what came back, and the events of what it came to."""
        return (self._orders.render(sold), *self._events.of_order(sold))

    def listing(self, listing: Listing) -> Sequence[Wanted]:
        """The page and its variants."""
        return tuple(self._products.render(listing))

    def cart(self, left: LeftCart) -> Sequence[Wanted]:  # noqa: ARG002
        """Nothing: Ometria's own script watches carts, and no call takes one."""
        return ()

    def happening(self, happening: Happening) -> Sequence[Wanted]:
        """The custom event; none where the pair has no name for it."""
        return self._events.render(happening)

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome | Errand]:
        """See `delivery.OmetriaDelivery.deliver`."""
        return self._delivery.deliver(rows)

    def limits(self) -> Sequence[FieldLimit]:
        """What the pair's contact fields take."""
        return limits(self._view.mapping, self._settings)

    def opt_out(self, contact_key: str) -> Wanted:
        """The row that takes somebody off the mailing list."""
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
        """See `delivery.OmetriaDelivery.refused_late`."""
        return self._delivery.refused_late()

    def sale(self, payload: Mapping[str, Any]) -> Sale:
        """What an order counts for in Ometria's reports."""
        return sale_of(payload)

    def totals(self) -> Sequence[Total]:
        """See `readback.Readback.totals`."""
        return self._readback.totals()

    def check(self) -> Iterator[Finding]:
        """See `check.Check.run`."""
        return self._check.run()


def capabilities(settings: OmetriaSettings) -> Capabilities:
    """What the core must know. Every record is known by its id; of events nobody says what a second one sets off."""
    objects = frozenset(KINDS) - UNREADABLE
    return Capabilities(
        contact_kind="contact",
        bulk={kind: _EVENTS if kind in UNREADABLE else _ROWS for kind in KINDS},
        connections=_LANES,
        kinds=KINDS,
        safe_to_repeat=objects | (UNREADABLE if settings.repeat_events else frozenset()),
        readable=objects,
        # What is read back bears our mark, so that nothing of others is among it.
        exclusive=objects,
        catalogue=("product", "variant"),
        # A contact that is taken back loses its address, and whoever was merged is gone.
        delete_is_final=True,
        advice={refusal.code: (refusal.turn, refusal.next_step) for refusal in REFUSALS},
    )


def build(
    settings: Mapping[str, Any], connection: Connection, services: Services, view: DestinationView
) -> OmetriaDestination:
    """The destination of a connection.

    Raises:
        ConfigurationError: A setting, a field or an event can't be, or the connection has no key.
    """
    own = read_settings(settings, view.pair)
    return OmetriaDestination(connect(connection, services, own), own, view, services.clock)


def read_settings(settings: Mapping[str, Any], pair: str) -> OmetriaSettings:
    """The settings of a pair file, checked.

    Raises:
        ConfigurationError: One is unknown or wrong; it is named.
    """
    try:
        return OmetriaSettings.model_validate(dict(settings))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, flaw['loc']))}: {flaw['msg']}" for flaw in error.errors())
        raise ConfigurationError(
            f"destination.settings: {wrong}", record=f"pair {pair}", fix="Correct the pair file."
        ) from None
