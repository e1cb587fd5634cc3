"""What happens to carts and orders before anything is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from retail_sync.sandbox.world.event import Event
from retail_sync.sandbox.world.people import PlaceOfLiving

StoreType = Literal["DIRECT_TO_CONSUMER", "WHOLESALE"]


class LineSpec(Struct, frozen=True, kw_only=True):
    """An order line as bought. `gift_card` lines are money put aside, not goods; `campaign` marked it down."""

    line_id: int
    product_id: int
    variant_id: int
    sku: str
    name: str
    quantity: int
    unit_price: Decimal
    list_price: Decimal
    gift_card: bool = False
    campaign: str | None = None


class CartLeft(Event, frozen=True, kw_only=True, tag="cart_left"):
    """Somebody with an address leaves a cart; an order that names it is the cart bought after all."""

    cart_id: str
    customer_id: int
    email: str
    currency: str
    lines: tuple[LineSpec, ...]
    url: str


class OrderPlaced(Event, frozen=True, kw_only=True, tag="order_placed"):
    """An order. `captured`: paid at once. `rate` turns its amounts into the shop's base currency.

    `exchange_of` is the order whose returned goods this one replaces, `cart_id` the cart that it was.
    """

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
    exchange_of: int | None = None
    cart_id: str | None = None


class OrderConfirmed(Event, frozen=True, kw_only=True, tag="order_confirmed"):
    """The shop accepts a pending order."""

    number: int


class PaymentCaptured(Event, frozen=True, kw_only=True, tag="payment_captured"):
    """The money of an order that was only authorised is taken."""

    number: int


class OrderHeld(Event, frozen=True, kw_only=True, tag="order_held"):
    """An order must wait, for a reason such as `WAITING_FOR_FRAUD_CHECK`."""

    number: int
    reason: str


class OrderReleased(Event, frozen=True, kw_only=True, tag="order_released"):
    """An order need not wait any longer."""

    number: int


class LineCancelled(Event, frozen=True, kw_only=True, tag="line_cancelled"):
    """Part of a line or all of it will not be sent; the order's total falls by it."""

    number: int
    line_id: int
    quantity: int


class OrderCancelled(Event, frozen=True, kw_only=True, tag="order_cancelled"):
    """The whole order is called off; a cancelled order keeps its lines."""

    number: int
