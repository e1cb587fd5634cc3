"""The merchant's books: everything that the API shows, changed by world events and by clients."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from retail_sync.sandbox.world.events import CustomerKnown, ShopEvent
from retail_sync.vendors.fulfil.sandbox import (
    catalogue_events,
    credit_notes,
    fulfilment_events,
    order_events,
    party_events,
)
from retail_sync.vendors.fulfil.sandbox.books import books
from retail_sync.vendors.fulfil.sandbox.database import Database
from retail_sync.vendors.fulfil.sandbox.names import MARKETPLACES, country_name
from retail_sync.vendors.fulfil.sandbox.records import Channel, Named, Record, Sale
from retail_sync.vendors.fulfil.sandbox.settings import Settings
from retail_sync.vendors.fulfil.sandbox.tables import Table
from retail_sync.vendors.fulfil.sandbox.values import naive
from retail_sync.vendors.fulfil.sandbox.webhooks import Webhooks

_HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    **catalogue_events.HAPPENINGS,
    **party_events.HAPPENINGS,
    **order_events.HAPPENINGS,
    **fulfilment_events.HAPPENINGS,
    **credit_notes.HAPPENINGS,
}
#: When the merchant was set up, before anything else happened.
_FOUNDED = datetime(2015, 1, 1)  # noqa: DTZ001 - the vendor's times are naive
#: Units of a currency that are not hundredths.
_DIGITS = {"KWD": 3, "BHD": 3, "JPY": 0}


class Shop:
    """The books.

    Attributes:
        db: The tables.
        webhooks: Who is told of events.
        now: The sandbox's time, for what the API itself changes.
        parties: The world's number of a customer to the party.
        guests: Guests that are booked on a shared party, by the world's number.
        products: The world's number of a variant to the product.
        templates: The world's number of a product to the template.
        sales: The world's number of an order to the sale.
        returns: The world's number of a return to the return's shipment.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.db = Database()
        self.webhooks = Webhooks(self.db)
        self.reset()

    def reset(self) -> None:
        """Empty the books but for what every merchant is set up with."""
        self.db.clear()
        self.parties: dict[int, int] = {}
        self.guests: dict[int, CustomerKnown] = {}
        self.products: dict[int, int] = {}
        self.templates: dict[int, int] = {}
        self.sales: dict[int, int] = {}
        self.returns: dict[int, int] = {}
        self._found()

    def apply(self, event: ShopEvent) -> None:
        """Let something happen; what an ERP never hears of changes nothing."""
        happening = _HAPPENINGS.get(type(event))
        if happening is not None:
            happening(self, event)

    def state(self) -> dict[str, Any]:
        """All tables as plain values; see `books`."""
        return books(self.db, self.settings)

    def time(self) -> datetime:
        """The sandbox's time as rows keep it."""
        return naive(self.now())

    def named(self, table: Table[Named], name: str, code: str | None = None, parent: int | None = None) -> int:
        """The id of a row that is known by its name, made when it is first heard of."""
        known = self._names.setdefault(id(table), {})
        number = known.get((name, parent))
        if number is None:
            number = known[name, parent] = table.add(create_date=_FOUNDED, name=name, code=code, parent=parent).id
        return number

    def currency(self, code: str) -> int:
        """The id of a currency."""
        return self._cached(
            "currency",
            code,
            lambda: self.db.currencies.add(
                create_date=_FOUNDED, name=code, code=code, symbol=code, digits=_DIGITS.get(code, 2)
            ),
        )

    def tax(self, percent: Decimal) -> int:
        """The id of a tax."""
        return self._cached(
            "tax",
            str(percent),
            lambda: self.db.taxes.add(create_date=_FOUNDED, name=f"VAT {percent} %", rate=percent / 100),
        )

    def country(self, code: str) -> int:
        """The id of a country."""
        return self.named(self.db.countries, country_name(code), code)

    def channel(self, store_type: str, affiliate: str | None) -> Channel:
        """The channel of an order: each marketplace has its own, other affiliates send people to the web shop."""
        if store_type == "WHOLESALE":
            return self._channels["wholesale"]
        return self._channels.get((affiliate or "").strip().lower(), self._channels["web"])

    def touch(self, row: Record, at: datetime) -> None:
        """A row is edited."""
        row.write_date, row.write_uid = at, 1

    def touch_parent(self, row: Record, at: datetime) -> None:
        """Something that belongs to a row is new or edited; whether that edits the row, the settings say."""
        if self.settings.children_touch:
            self.touch(row, at)

    def sale(self, number: int) -> Sale:
        """The sale of an order."""
        return self.db.sales[self.sales[number]]

    def _cached(self, kind: str, key: str, make: Callable[[], Record]) -> int:
        known = self._made.setdefault(kind, {})
        if key not in known:
            known[key] = make().id
        return known[key]

    def _found(self) -> None:
        self._names: dict[int, dict[tuple[str, int | None], int]] = {}
        self._made: dict[str, dict[str, int]] = {}
        for code in self.settings.warehouses:
            self.named(self.db.locations, f"Warehouse {code}", code)
        self.named(self.db.employees, "Kim Lund")
        self.newsletter_category = self.named(self.db.categories, self.settings.newsletter_name)
        self._channels = {
            code: self._channel(code, name, source, shared=code in MARKETPLACES)
            for code, name, source in (
                ("web", "Web shop", "shopify"),
                ("wholesale", "Wholesale", "manual"),
                *((code, code.capitalize(), source) for code, source in MARKETPLACES.items()),
            )
        }

    def _channel(self, code: str, name: str, source: str, *, shared: bool) -> Channel:
        anonymous = None
        if shared or (code == "web" and self.settings.guests_share_a_party):
            anonymous = self.db.parties.add(create_date=_FOUNDED, name=f"{name} customer", code=f"ANON-{code}").id
        return self.db.channels.add(
            create_date=_FOUNDED,
            name=name,
            code=code,
            source=source,
            currency=self.currency(self.settings.company_currency),
            warehouse=next(iter(self.db.locations)).id,
            anonymous_customer=anonymous,
        )
