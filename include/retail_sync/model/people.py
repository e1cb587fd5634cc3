"""What a destination is given to render: people with their facts, and orders and products as they were accepted."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from .records import Address, Cart, Order, Product, Shipment

BuyerState = Literal["none", "new", "repeat", "vip"]
Wish = Literal["opted_in", "opted_out", "unknown"]
#: What an order's money and its goods can be at. Confirmed is not yet paid; what is cancelled is nothing else any more.
OrderState = Literal[
    "financial.pending",
    "financial.confirmed",
    "financial.captured",
    "financial.partially_refunded",
    "financial.refunded",
    "financial.cancelled",
    "fulfillment.none",
    "fulfillment.partly_shipped",
    "fulfillment.shipped",
]


#: Facts that are right only once every order of a person is known.
LIFETIME_FACTS = frozenset(
    {
        "lifetime_value",
        "order_count",
        "average_order",
        "first_order_at",
        "buyer_state",
        "always_full_price",
        "skus",
        "repeat_skus",
        "collections",
        "markets",
    }
)


class Facts(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Segmentation facts of a person, recomputed whole from accepted records; money is in the pair's currency."""

    currency: str
    lifetime_value: Decimal = Decimal(0)
    order_count: int = 0
    average_order: Decimal = Decimal(0)
    first_order_at: datetime | None = None
    last_order_at: datetime | None = None
    skus: tuple[str, ...] = ()
    repeat_skus: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    always_full_price: bool = False
    buyer_state: BuyerState = "none"
    replenishment_due: date | None = None
    awaiting_refund: bool = False
    awaiting_return: bool = False
    just_bought: tuple[str, ...] = ()
    recently_returned: tuple[str, ...] = ()


class Person(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One contact-to-be: everything that a pair knows under one normalised address.

    `wish` is what the customer record says of marketing: only an `opted_in` there can create a subscribed contact.
    `known_out` is true where the permanent consent record says that this address once left; it is then never created
    as subscribed.
    """

    person_id: int
    email: str
    facts: Facts
    wish: Wish = "unknown"
    known_out: bool = False
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    birthdate: date | None = None
    address: Address | None = None
    attributes: dict[str, str] = {}


class SoldOrder(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An accepted order with what returns and refunds have left of it, in the order's own currency.

    `net_total` is what counts of it by now. `refunded` is what went back, in goods or in money, each cause once, and
    `uncounted` what of that was for something that does not count (a gift card; tax and freight where the pair leaves
    them out), so that it took nothing off.

    `untold` are the keys of parcels whose news a rule holds back (no tracking URL): the order counts, and at the
    destination these parcels have not left. `hold_shipping` is true while a rule holds back what is told of any parcel
    of it. `returned` maps a line's key to the quantity that came back, `coming_back`
    to what the buyer has announced to send back; `refunded_at` is when money last went back, where the source says so.
    """

    person_id: int
    email: str
    order: Order
    net_total: Decimal
    refunded: Decimal = Decimal(0)
    uncounted: Decimal = Decimal(0)
    refunded_at: datetime | None = None
    returned: dict[str, int] = {}
    coming_back: dict[str, int] = {}
    untold: tuple[str, ...] = ()
    hold_shipping: bool = False

    @property
    def gross_total(self) -> Decimal:
        """What counted of the order before anything went back."""
        return self.net_total + self.refunded - self.uncounted

    @property
    def went_back_whole(self) -> bool:
        """Whether as much went back as the whole order had come to, whatever of it counts."""
        return self.refunded > 0 and self.refunded >= self.order.total

    @property
    def told_parcels(self) -> tuple[Shipment, ...]:
        """The parcels that have left, as far as that may be told."""
        left = () if self.hold_shipping else self.order.shipments
        return tuple(parcel for parcel in left if parcel.shipped and parcel.key not in self.untold)


class Listing(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A product as accepted. `stub` is true where it was made from an order line, because no feed knows it."""

    product: Product
    stub: bool = False


class LeftCart(Struct, frozen=True, kw_only=True):
    """A cart that somebody has left and may be reminded of. Its lines name products that the destination knows."""

    object_id: str
    person_id: int
    email: str
    cart: Cart
