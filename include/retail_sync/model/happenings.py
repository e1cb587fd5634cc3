"""What happens once on a contact's timeline, and is told to a destination as its own sort of event."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from .people import SoldOrder

HappeningName = Literal[
    "order_confirmed",
    "order_shipped",
    "review_request",
    "back_in_stock",
    "added_to_basket",
    "viewed_collection",
]


class Happening(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One thing that happened to one person, told at most once per destination.

    Attributes:
        event_id: Deterministic, and the same for ever: `shipment:centra_main:39790-1`. It outlives the outbox.
        name: What happened, in our words; a destination has its own, by the pair's mapping.
        at: When it happened, or for a request when it is due (aware UTC).
        useful_until: After that it is logged and not told (ORD-8).
        properties: What a mail is filled with, as texts.
        sold: The order that it belongs to, if it does.
        content: Of a parcel, what of it is told: how many pieces of which order line. Without it, the whole order.
    """

    event_id: str
    name: HappeningName
    person_id: int
    email: str
    at: datetime
    useful_until: datetime | None = None
    properties: dict[str, str] = {}
    sold: SoldOrder | None = None
    content: dict[str, int] = {}
