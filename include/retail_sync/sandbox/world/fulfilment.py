"""What happens to orders once they are sent: parcels, returns, refunds."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from retail_sync.sandbox.world.event import Event


class ParcelLine(Struct, frozen=True, kw_only=True):
    """How many of a line a parcel carries."""

    line_id: int
    quantity: int


class Shipped(Event, frozen=True, kw_only=True, tag="shipped"):
    """A parcel leaves. `last` is true for the parcel that completes the order."""

    number: int
    parcel: int
    carrier: str | None
    service: str | None
    tracking_number: str | None
    lines: tuple[ParcelLine, ...]
    last: bool = True


class ReturnLineSpec(Struct, frozen=True, kw_only=True):
    """How many of an order line come back, at that unit price."""

    line_id: int
    quantity: int
    unit_price: Decimal


class ReturnMade(Event, frozen=True, kw_only=True, tag="return_made"):
    """Goods are on their way back or have come back."""

    return_id: int
    number: int
    lines: tuple[ReturnLineSpec, ...]
    completed: bool = True


class ReturnCompleted(Event, frozen=True, kw_only=True, tag="return_completed"):
    """An open return has arrived."""

    return_id: int


class Refunded(Event, frozen=True, kw_only=True, tag="refunded"):
    """Money goes back, for a return or without one."""

    number: int
    amount: Decimal
    return_id: int | None = None
