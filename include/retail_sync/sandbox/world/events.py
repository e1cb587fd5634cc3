"""What happens in an invented shop, as events in the order of their time; each vendor's sandbox tells them its own way.

Amounts are in the order's currency with tax. Times are aware and in UTC. Numbers are the shop's own.
"""

from __future__ import annotations

from typing import TypeAlias

from retail_sync.sandbox.world.by_hand import (
    ContactArchived,
    ContactBounced,
    ContactEdited,
    ContactForgotten,
    ContactImported,
    ContactLeft,
    ContactSignedUp,
    StoreOrderDeleted,
    StoreOrderEdited,
    StoreProductDeleted,
    StoreProductEdited,
)
from retail_sync.sandbox.world.catalogue import (
    ProductListed,
    ProductWithdrawn,
    StockAwaited,
    StockChanged,
    VariantSpec,
)
from retail_sync.sandbox.world.event import Event
from retail_sync.sandbox.world.fulfilment import (
    ParcelLine,
    Refunded,
    ReturnCompleted,
    ReturnLineSpec,
    ReturnMade,
    Shipped,
)
from retail_sync.sandbox.world.orders import (
    CartLeft,
    LineCancelled,
    LineSpec,
    OrderCancelled,
    OrderConfirmed,
    OrderHeld,
    OrderPlaced,
    OrderReleased,
    PaymentCaptured,
    StoreType,
)
from retail_sync.sandbox.world.people import (
    CustomerErased,
    CustomerKnown,
    CustomersMerged,
    NewsletterChanged,
    PlaceOfLiving,
)

__all__ = [
    "CartLeft",
    "ContactArchived",
    "ContactBounced",
    "ContactEdited",
    "ContactForgotten",
    "ContactImported",
    "ContactLeft",
    "ContactSignedUp",
    "CustomerErased",
    "CustomerKnown",
    "CustomersMerged",
    "Event",
    "LineCancelled",
    "LineSpec",
    "NewsletterChanged",
    "OrderCancelled",
    "OrderConfirmed",
    "OrderHeld",
    "OrderPlaced",
    "OrderReleased",
    "ParcelLine",
    "PaymentCaptured",
    "PlaceOfLiving",
    "ProductListed",
    "ProductWithdrawn",
    "Refunded",
    "ReturnCompleted",
    "ReturnLineSpec",
    "ReturnMade",
    "Shipped",
    "ShopEvent",
    "StockAwaited",
    "StockChanged",
    "StoreOrderDeleted",
    "StoreOrderEdited",
    "StoreProductDeleted",
    "StoreProductEdited",
    "StoreType",
    "TimeSkipped",
    "VariantSpec",
]


class TimeSkipped(Event, frozen=True, kw_only=True, tag="time_skipped"):
    """What the shop still plans comes due so much sooner: a day can happen in a minute. No vendor hears of it."""

    seconds: float


ShopEvent: TypeAlias = (
    ProductListed
    | StockChanged
    | StockAwaited
    | ProductWithdrawn
    | CustomerKnown
    | CustomersMerged
    | CustomerErased
    | NewsletterChanged
    | CartLeft
    | OrderPlaced
    | OrderConfirmed
    | OrderHeld
    | OrderReleased
    | PaymentCaptured
    | LineCancelled
    | OrderCancelled
    | Shipped
    | ReturnMade
    | ReturnCompleted
    | Refunded
    | ContactLeft
    | ContactBounced
    | ContactArchived
    | ContactForgotten
    | ContactImported
    | ContactSignedUp
    | ContactEdited
    | StoreOrderEdited
    | StoreOrderDeleted
    | StoreProductEdited
    | StoreProductDeleted
    | TimeSkipped
)
