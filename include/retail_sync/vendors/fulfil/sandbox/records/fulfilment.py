"""What is sent and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from retail_sync.vendors.fulfil.sandbox.records.record import Ids, Record


@dataclass(slots=True, kw_only=True)
class Shipment(Record):
    """A parcel to a customer, or goods on their way back from one."""

    number: str
    customer: int
    sale: int
    reference: str | None = None
    delivery_address: int | None = None
    warehouse: int | None = None
    state: str = "waiting"
    planned_date: date | None = None
    effective_date: date | None = None
    shipped_at: datetime | None = None
    carrier: int | None = None
    carrier_service: int | None = None
    tracking_number: str | int | None = None
    tracking_url: str | None = None
    moves: Ids = field(default_factory=list)
    priority: str = "2"


@dataclass(slots=True, kw_only=True)
class Move(Record):
    """Goods that move with a shipment; `origin` is the line of the sale."""

    shipment: str
    product: int | None
    quantity: int
    origin: str
    state: str = "done"


@dataclass(slots=True, kw_only=True)
class Tracking(Record):
    """A tracking number as a record of its own."""

    tracking_number: str
    tracking_url: str | None = None
    carrier: int | None = None
