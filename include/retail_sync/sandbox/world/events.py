"""What happens in an invented shop, as events in the order of their time; each vendor's sandbox tells them its own way.

Amounts are in the order's currency with tax. Times are aware and in UTC. Numbers are the shop's own.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from msgspec import Struct

StoreType = Literal["DIRECT_TO_CONSUMER", "WHOLESALE"]


class Event(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Something that happened at a time."""

    at: datetime


class VariantSpec(Struct, frozen=True, kw_only=True):
    """A size of a colour, with its price by currency and its stock."""

    variant_id: int
    sku: str
    colour: str
    size: str
    prices: dict[str, Decimal]
    stock: int


class ProductListed(Event, frozen=True, kw_only=True, tag="product_listed"):
    """A product is new or has changed; it is given whole."""

    product_id: int
    number: str
    name: str
    brand: str
    collection: str
    variants: tuple[VariantSpec, ...]
    image_url: str | None = None
    active: bool = True


class StockChanged(Event, frozen=True, kw_only=True, tag="stock_changed"):
    """The stock of one variant is now this."""

    variant_id: int
    stock: int


class PlaceOfLiving(Struct, frozen=True, kw_only=True):
    """A person's address."""

    line1: str
    postcode: str
    city: str
    country: str
    phone: str | None = None


class CustomerKnown(Event, frozen=True, kw_only=True, tag="customer_known"):
    """A customer record appears or changes; it is given whole. `registered` is false for a guest's record."""

    customer_id: int
    email: str
    first_name: str
    last_name: str
    registered: bool
    newsletter: bool
    home: PlaceOfLiving
    market: str
    birthdate: str | None = None


class NewsletterChanged(Event, frozen=True, kw_only=True, tag="newsletter_changed"):
    """A customer ticks or unticks the newsletter in the shop."""

    customer_id: int
    subscribed: bool


class LineSpec(Struct, frozen=True, kw_only=True):
    """An order line as bought. `gift_card` lines are money put aside, not goods."""

    line_id: int
    product_id: int
    variant_id: int
    sku: str
    name: str
    quantity: int
    unit_price: Decimal
    list_price: Decimal
    gift_card: bool = False


class OrderPlaced(Event, frozen=True, kw_only=True, tag="order_placed"):
    """An order. `captured`: paid at once. `rate` turns its amounts into the shop's base currency."""

    number: int
    customer_id: int
    email: str
    store_type: StoreType
    market: str
    currency: str
    rate: Decimal
    lines: tuple[LineSpec, ...]
    shipping: Decimal
    ship_to: PlaceOfLiving
    first_name: str
    last_name: str
    discount: Decimal = Decimal(0)
    voucher: str | None = None
    captured: bool = True
    tax_percent: Decimal = Decimal(25)
    payment_method: str = "klarna"
    affiliate: str | None = None


class OrderConfirmed(Event, frozen=True, kw_only=True, tag="order_confirmed"):
    """The shop accepts a pending order."""

    number: int


class PaymentCaptured(Event, frozen=True, kw_only=True, tag="payment_captured"):
    """The money of an order that was only authorised is taken."""

    number: int


class LineCancelled(Event, frozen=True, kw_only=True, tag="line_cancelled"):
    """Part of a line or all of it will not be sent; the order's total falls by it."""

    number: int
    line_id: int
    quantity: int


class OrderCancelled(Event, frozen=True, kw_only=True, tag="order_cancelled"):
    """The whole order is called off; a cancelled order keeps its lines."""

    number: int


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


class ContactLeft(Event, frozen=True, kw_only=True, tag="contact_left"):
    """A person unsubscribes at the marketing platform; shops know nothing of it."""

    email: str


class TimeSkipped(Event, frozen=True, kw_only=True, tag="time_skipped"):
    """What the shop still plans comes due so much sooner: a day can happen in a minute. No vendor hears of it."""

    seconds: float


ShopEvent: TypeAlias = (
    ProductListed
    | StockChanged
    | CustomerKnown
    | NewsletterChanged
    | OrderPlaced
    | OrderConfirmed
    | PaymentCaptured
    | LineCancelled
    | OrderCancelled
    | Shipped
    | ReturnMade
    | ReturnCompleted
    | Refunded
    | ContactLeft
    | TimeSkipped
)
