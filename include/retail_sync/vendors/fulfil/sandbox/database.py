"""All tables of the merchant, empty at first."""

from __future__ import annotations

from typing import Any

from retail_sync.vendors.fulfil.sandbox.records import (
    Address,
    Attribute,
    Channel,
    ChannelException,
    Currency,
    Invoice,
    InvoiceLine,
    Line,
    Mechanism,
    Media,
    Metafield,
    Move,
    Named,
    Party,
    Payment,
    Product,
    Sale,
    Shipment,
    Tax,
    Template,
    Tracking,
    Transaction,
    Webhook,
)
from retail_sync.vendors.fulfil.sandbox.tables import Table


class Database:
    """The tables. Ids of different models begin apart, so that one is not taken for another by chance."""

    def __init__(self) -> None:
        self.parties = Table(Party, 101)
        self.mechanisms = Table(Mechanism, 20_001)
        self.addresses = Table(Address, 40_001)
        self.categories = Table(Named, 11)
        self.metafields = Table(Metafield, 1)
        self.countries = Table(Named, 31)
        self.subdivisions = Table(Named)
        self.channels = Table(Channel, 3)
        self.price_lists = Table(Named, 5)
        self.currencies = Table(Currency, 170)
        self.taxes = Table(Tax, 2)
        self.locations = Table(Named, 4)
        self.templates = Table(Template, 501)
        self.products = Table(Product, 5_001)
        self.attributes = Table(Attribute, 1)
        self.media = Table(Media, 1)
        self.goods_categories = Table(Named, 21)
        self.sales = Table(Sale, 70_001)
        self.lines = Table(Line, 200_001)
        self.exceptions = Table(ChannelException, 1)
        self.carriers = Table(Named, 6)
        self.services = Table(Named, 160)
        self.shipments = Table(Shipment, 80_001)
        self.return_shipments = Table(Shipment, 8_001)
        self.moves = Table(Move, 340_001)
        self.trackings = Table(Tracking, 1)
        self.invoices = Table(Invoice, 150_001)
        self.invoice_lines = Table(InvoiceLine, 1)
        self.payments = Table(Payment, 12_001)
        self.transactions = Table(Transaction, 14_001)
        self.webhooks = Table(Webhook, 1)
        self.employees = Table(Named, 2)

    @property
    def tables(self) -> dict[str, Table[Any]]:
        """The tables by their names here."""
        return dict(vars(self))

    def clear(self) -> None:
        """Empty all of them."""
        for table in self.tables.values():
            table.clear()
