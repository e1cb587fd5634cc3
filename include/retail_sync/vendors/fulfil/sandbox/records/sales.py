"""What is sold, and through which channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from retail_sync.vendors.fulfil.sandbox.records.record import Ids, Record


@dataclass(slots=True, kw_only=True)
class Channel(Record):
    """Where sales come from."""

    name: str
    code: str
    source: str
    currency: int | None = None
    warehouse: int | None = None
    price_list: int | None = None
    anonymous_customer: int | None = None
    timezone: str = "UTC"
    active: bool = True


@dataclass(slots=True, kw_only=True)
class Sale(Record):
    """A sale. `rate` turns its currency into the company's; it is shown only in what the company's amounts are."""

    number: str
    party: int
    currency: int
    channel: int | None = None
    reference: str | None = None
    channel_identifier: str | None = None
    warehouse: int | None = None
    state: str = "draft"
    sale_date: date | None = None
    confirmation_time: datetime | None = None
    shipment_address: int | None = None
    invoice_address: int | None = None
    price_list: int | None = None
    payment_term: int | None = 1
    origin: str | None = None
    metadata: dict[str, Any] | None = None
    comment: str | None = None
    description: str | None = None
    lines: Ids = field(default_factory=list)
    shipments: Ids = field(default_factory=list)
    shipment_returns: Ids = field(default_factory=list)
    invoices: Ids = field(default_factory=list)
    payments: Ids = field(default_factory=list)
    gateway_transactions: Ids = field(default_factory=list)
    exceptions: Ids = field(default_factory=list)
    rate: Decimal = Decimal(1)
    digits: int = 2
    shipment_state: str = "none"
    state_before_hold: str | None = None


@dataclass(slots=True, kw_only=True)
class Line(Record):
    """A line of a sale. `gross_price` is the price of one with tax, to the cent; it is not shown, nor is `key`."""

    sale: int
    description: str
    quantity: int
    unit_price: Decimal
    gross_price: Decimal
    product: int | None = None
    gross_unit_price: Decimal | None = None
    taxes: Ids = field(default_factory=list)
    origin: str | None = None
    note: str | None = None
    is_gift_card: bool = False
    is_shipping: bool = False
    sequence: int | None = None
    key: int | None = None


@dataclass(slots=True, kw_only=True)
class ChannelException(Record):
    """Why a sale waits for somebody."""

    origin: str
    channel: int | None
    log: str
    is_resolved: bool = False
