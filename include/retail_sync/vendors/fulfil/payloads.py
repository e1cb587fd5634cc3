"""Rows of Fulfil's models, as far as they are asked for; names that are fields of fields stand in `shapes`."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from retail_sync.vendors.fulfil.decoding import utc

_NOTHING = Decimal(0)
Ids = list[int]


class Row(Struct, kw_only=True):
    """What every row has. `write_date` is null before the first edit (CONFIRMED)."""

    id: int
    create_date: datetime
    write_date: datetime | None = None

    @property
    def changed(self) -> datetime:
        """When it last changed, aware and in UTC."""
        return utc(self.write_date or self.create_date)


class PartyRow(Row, kw_only=True):
    """A party."""

    name: str | None = None
    active: bool | None = True
    is_customer: bool | None = None
    categories: Ids = []
    addresses: Ids = []
    contact_mechanisms: Ids = []
    metafields: Ids = []
    merged_into: int | None = None
    merged_email: str | None = None


class MechanismRow(Struct, kw_only=True):
    """A way to reach a party, or a fact that integrators keep as if it were one (SEEN)."""

    id: int
    type: str | None = None
    value: str | None = None
    name: str | None = None
    active: bool | None = True


class MetafieldRow(Struct, kw_only=True):
    """A fact that a merchant has hung on a party."""

    id: int
    key: str
    value: Any = None


class AddressRow(Struct, kw_only=True):
    """A postal address."""

    id: int
    name: str | None = None
    street: str | None = None
    city: str | None = None
    zip: str | None = None
    country: str | None = None
    region: str | None = None
    phone: str | None = None
    email: str | None = None
    active: bool | None = True


class ChannelRow(Struct, kw_only=True):
    """Where sales come from."""

    id: int
    name: str | None = None
    code: str | None = None
    source: str | None = None
    currency: str | None = None
    anonymous_customer: int | None = None


class SaleRow(Row, kw_only=True):
    """A sale. Its totals hold what has come back as well (CONFIRMED: returned lines are lines of it)."""

    number: str | None = None
    state: str
    shipment_state: str | None = None
    has_return: bool | None = None
    party: int | None = None
    email: str | None = None
    account_manager: int | None = None
    channel: int | None = None
    price_list: str | None = None
    warehouse: str | None = None
    currency: str
    digits: int | None = None
    sale_date: date | None = None
    total_amount: Decimal | None = None
    untaxed_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    company_total: Decimal | None = None
    shipment_amount: Decimal | None = None
    payment_captured: Decimal | None = None
    payment_authorized: Decimal | None = None
    lines: Ids = []
    shipments: Ids = []
    shipment_returns: Ids = []
    invoices: Ids = []
    transactions: Ids = []
    shipment_address: int | None = None
    invoice_address: int | None = None
    origin: str | None = None
    metadata: Any = None
    has_channel_exception: bool | None = None
    is_cart: bool | None = None


class LineRow(Struct, kw_only=True):
    """A line of a sale; of a negative quantity where it takes goods back. Prices are without tax."""

    id: int
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    description: str | None = None
    product: int | None = None
    code: str | None = None
    template: int | None = None
    variant_name: str | None = None
    collection: str | None = None
    origin: str | None = None
    taxes: Ids = []
    list_price: Decimal | None = None
    shipping: Decimal | None = None
    gift_card: bool | None = None
    company_amount: Decimal | None = None

    @property
    def pieces(self) -> Decimal:
        """How many; below zero for what came back."""
        return self.quantity or _NOTHING

    @property
    def untaxed(self) -> Decimal:
        """What it comes to without tax."""
        return self.amount if self.amount is not None else self.pieces * (self.unit_price or _NOTHING)


class TaxRow(Struct, kw_only=True):
    """A tax; `rate` is a share, such as 0.25."""

    id: int
    rate: Decimal | None = None


class ShipmentRow(Row, kw_only=True):
    """A parcel. A tracking number is text, or the id of a record of its own (ASSUMED)."""

    number: str | None = None
    state: str
    effective_date: date | None = None
    shipped_at: datetime | None = None
    carrier: str | None = None
    service: str | None = None
    tracking_number: str | int | None = None
    tracking_url: str | None = None
    moves: Ids = []


class ReturnRow(Row, kw_only=True):
    """Goods on their way back, or back."""

    state: str
    effective_date: date | None = None
    moves: Ids = []


class MoveRow(Struct, kw_only=True):
    """Goods that move; `origin` is the line that they are of, as `sale.line,<id>`."""

    id: int
    quantity: Decimal | None = None
    state: str | None = None
    origin: str | None = None


class InvoiceRow(Row, kw_only=True):
    """An invoice or a credit note."""

    type: str | None = None
    state: str
    total_amount: Decimal | None = None
    invoice_date: date | None = None
    lines: Ids = []

    @property
    def is_credit(self) -> bool:
        """Whether it gives money back. Which of the two says so is not known; either does."""
        return "credit" in (self.type or "") or (self.total_amount or _NOTHING) < 0


class InvoiceLineRow(Struct, kw_only=True):
    """What an invoice is for."""

    id: int
    amount: Decimal | None = None
    origin: str | None = None


class TransactionRow(Row, kw_only=True):
    """What a payment gateway did (ASSUMED whole)."""

    type: str | None = None
    state: str
    amount: Decimal | None = None


class TrackingRow(Struct, kw_only=True):
    """A tracking number that is a record of its own."""

    id: int
    number: str | None = None
    url: str | None = None


class NumberRow(Struct, kw_only=True):
    """A sale of which only the number matters."""

    id: int
    number: str | None = None


class OwnerRow(Struct, kw_only=True):
    """A line of a sale, as far as it says of which."""

    id: int
    sale: int | None = None
    number: str | None = None


class CategoryRow(Struct, kw_only=True):
    """A category of parties."""

    id: int
    name: str | None = None


class TemplateRow(Row, kw_only=True):
    """A product."""

    name: str | None = None
    active: bool | None = True
    code: str | None = None
    brand: str | None = None
    collection: str | None = None
    media: Ids = []


class ProductRow(Row, kw_only=True):
    """What can be bought: a variant of a product."""

    template: int
    code: str | None = None
    variant_name: str | None = None
    active: bool | None = True
    sellable: bool | None = True
    list_price: Decimal | None = None
    stock: Decimal | None = None


class MediaRow(Struct, kw_only=True):
    """A picture."""

    id: int
    url: str | None = None
