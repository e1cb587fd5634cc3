"""What is true of Centra's Integration API, as tables.

CONFIRMED was read in Centra's documentation. ASSUMED was not: it stands as a named setting, or is chosen by looking at
the live schema, and `retail-sync check` tells where the live account differs.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from retail_sync.errors import ConfigurationError
from retail_sync.model.reading import StreamFacts
from retail_sync.model.records import OrderStatus, PaymentKind, ReturnStatus, Stream

#: CONFIRMED: one endpoint for all stores of an instance.
PATH = "/graphql"

GraphName = Annotated[str, StringConstraints(pattern=r"^[_A-Za-z][_0-9A-Za-z]*$")]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except ZoneInfoNotFoundError:
        raise ValueError(f"there is no time zone {name!r}") from None
    return name


def _pattern(text: str) -> str:
    try:
        groups = re.compile(text).groups
    except re.error as error:
        raise ValueError(f"{text!r} is no pattern: {error}") from None
    if groups != 1:
        raise ValueError(f"{text!r} must have one group, the number")
    return text


class OrderApiSettings(BaseModel):
    """The older REST plugin, which knows tracking addresses that can't be made of a carrier and a number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connection: str = Field(description="Its host is the plugin's URL, its password the plugin's shared secret.")
    rate: float = Field(2.0, gt=0, description="Calls per second. ASSUMED: no limit is documented.")


class Settings(BaseModel):
    """What a pair file may say under `source.settings`.

    Every default that is ASSUMED says so; a live account that differs is met by changing the setting, not the code.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    page_size: int = Field(100, ge=1, le=200, description="Orders per request. CONFIRMED: lists give 1 to 200.")
    list_size: int = Field(200, ge=1, le=200, description="Customers and returns per request.")
    product_size: int = Field(50, ge=1, le=100, description="Products per request. CONFIRMED: 20 to 100 are advised.")
    parents_at_once: int = Field(100, ge=1, le=200, description="Orders or customers per request that names them.")
    mutations_at_once: int = Field(10, ge=1, le=50, description="Opt-outs per request.")
    prefetch: bool = Field(True, description="Ask for the next page while this one is worked on.")
    newsletter_field: GraphName | None = Field(None, description="Customer's newsletter flag; null: look it up.")
    registered_field: GraphName | None = Field(None, description="Customer's registered flag; null: look it up.")
    order_sort: GraphName = Field("number_ASC", description="Seen in integrators' code only.")
    customer_sort: GraphName = Field("id_ASC", description="ASSUMED.")
    return_sort: GraphName = Field("id_ASC", description="ASSUMED.")
    product_sort: GraphName = Field("updatedAt_ASC", description="CONFIRMED.")
    opt_out_mutation: GraphName = Field("updateCustomer", description="ASSUMED, by the pattern of `updateBuyer`.")
    # ASSUMED: `currencyBaseRate` turns an order's amount into the base currency by multiplication.
    rate: Literal["to_base", "from_base"] = "to_base"
    # ASSUMED: the money of a bundle stands on its parent line; `items` where it stands on the lines of its items.
    bundle_money: Literal["parent", "items"] = "parent"
    # ASSUMED: an instance set to another zone may write times without an offset; those are taken to be of this zone.
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    campaign_attribute: str | None = Field(
        None, description="The order attribute, by type, that names the campaign it came by. ASSUMED: it is kept so."
    )
    exchange_attribute: str | None = Field(
        None, description="The order attribute, by type, that holds the number of the order that it replaces. ASSUMED."
    )
    exchange_comment: Annotated[str, AfterValidator(_pattern)] | None = Field(
        None,
        description="A pattern whose first group is, in an order's internal comment, the number of the order that it "
        "replaces: `Exchange of order ([0-9]+)`. ASSUMED: neither is set, and no exchange is told from an order.",
    )
    channel_attributes: tuple[str, ...] = Field((), description="Order attributes, by type, that channel rules need.")
    order_api: OrderApiSettings | None = Field(
        None, description="Asked about parcels that have left and that carriers.yaml makes no address for."
    )
    # ASSUMED: neither a shipment nor a refund moves an order's `updatedAt`.
    refunds_move_orders: bool = False
    payment_feed: bool = Field(
        True,
        description="Ask for payments by date, to find refunds that move no order's time of change. ASSUMED: "
        "`orderPaymentHistory` is asked like other lists; where the live schema differs, the history run finds them.",
    )
    stock_feed: bool = Field(
        True,
        description="Ask for changes of stock by date, as they move no product's time of change. ASSUMED: the filter "
        "and the fields of `stockChangeConnection`; where the live schema differs, the catalogue run finds them.",
    )
    stock_signups: bool = Field(
        False,
        description="Read who wants to be told that something is back. No filter finds these among the newsletter "
        "subscriptions: the catalogue run reads all active ones.",
    )
    signup_sort: GraphName = Field("id_ASC", description="ASSUMED.")
    payment_filter: GraphName = Field("PaymentHistoryFilter", description="The filter's type. ASSUMED.")
    payment_sort: GraphName = Field("id_ASC", description="ASSUMED.")


def settings(given: Any) -> Settings:
    """Read the pair file's settings.

    Raises:
        ConfigurationError: A key is unknown or of a wrong type; each is named.
    """
    try:
        return Settings.model_validate(dict(given))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise ConfigurationError(wrong, record="source.settings", fix="Mend these keys of the pair file.") from None


#: CONFIRMED: the filter of subscriptions has no range of dates.
SIGNUPS = StreamFacts(whole=True, by_change=False)

#: CONFIRMED: `ReturnFilter` has no time of change, so returns follow their orders.
STREAMS: dict[Stream, StreamFacts] = {
    "customers": StreamFacts(named_by="orders"),
    # ASSUMED: neither a change of stock nor one of a price moves `Product.updatedAt`. A product has changed when one of
    # its colours has, which may be deleted.
    "products": StreamFacts(whole=True, goes_back=True),
    "orders": StreamFacts(),
    "returns": StreamFacts(follows="orders", by_change=False, lag=timedelta(minutes=1)),
}

#: CONFIRMED: Completed is called SHIPPED. ARCHIVED comes after it. CANCELLED and DELETED are unresolved: both are taken
#: for a cancelled order. What is not here is `unknown`, which is data and no failure.
ORDER_STATUS: dict[str, OrderStatus] = {
    "PENDING": "pending",
    "CONFIRMED": "confirmed",
    "PROCESSING": "processing",
    "SHIPPED": "shipped",
    "COMPLETED": "shipped",
    "ARCHIVED": "shipped",
    "CANCELLED": "cancelled",
    "DELETED": "cancelled",
}

#: ASSUMED values: Centra's documentation tells of pending and completed returns only.
RETURN_STATUS: dict[str, ReturnStatus] = {"PENDING": "open", "COMPLETED": "completed"}

#: CONFIRMED names. What moves no money is `other`; a `_FAILED` or `_PENDING` entry never counts as succeeded.
PAYMENT_KIND: dict[str, PaymentKind] = {
    "AUTH": "authorised",
    "AUTH_PENDING": "authorised",
    "AUTH_GIFT_CARD": "authorised",
    "CAPTURE": "captured",
    "CAPTURE_PENDING": "captured",
    "CAPTURE_FAILED": "captured",
    "CAPTURE_GIFT_CARD": "captured",
    "PREPAID": "captured",
    "MARKED_AS_PAID": "captured",
    "ADDITIONAL_ORDER_PAYMENT": "captured",
    "REFUND": "refunded",
    "REFUND_FAILED": "refunded",
    "REFUND_GIFT_CARD": "refunded",
    "CANCEL": "released",
    "CANCEL_GIFT_CARD": "released",
}
UNFINISHED_PAYMENTS = frozenset({"AUTH_PENDING", "CAPTURE_PENDING", "CAPTURE_FAILED", "REFUND_FAILED"})
PAYMENT_SUCCEEDED = "SUCCESS"

#: CONFIRMED type names; a line of another type is goods.
BUNDLE, BUNDLE_ITEM, GIFT_CARD = "BundleOrderLine", "BundleItemOrderLine", "GiftCertificateOrderLine"

#: ASSUMED: names under which the two unnamed Boolean! fields of `Customer` may stand, the likeliest first.
NEWSLETTER_FIELDS = ("receiveNewsletters", "newsletter", "isNewsletterSubscriber", "subscribedToNewsletter")
REGISTERED_FIELDS = ("isRegistered", "registered", "hasAccount")

#: CONFIRMED permission names, by the response field that needs them.
PERMISSIONS: dict[str, str] = {
    "orderConnection": "Order:read",
    "orders": "Order:read",
    "shippingAddress": "Order.shippingAddress:read",
    "billingAddress": "Order.billingAddress:read",
    "customers": "Customer:read",
    "customer": "Customer:read",
    "returns": "Return:read",
    "comment": "Return.comment:read",
    "shipments": "Shipment:read",
    "paymentHistory": "PaymentHistory:read",
    "refundPaymentHistory": "PaymentHistory:read",
    "attributes": "Attribute:read",
    "products": "Product:read",
    "product": "Product:read",
    "variants": "ProductVariant:read",
    "productVariant": "ProductVariant:read",
    "productSizes": "ProductSize:read",
    "productSize": "ProductSize:read",
    "stockChangeConnection": "StockChange:read",
    "newsletterSubscriptions": "NewsletterSubscription:read",
    "store": "Store:read",
    "market": "Market:read",
    "updateCustomer": "Customer:write",
}

#: CONFIRMED: the plan called Growth, in units per (ten seconds, hour). Used where `rateLimits` answers nothing.
PLAN: dict[str, tuple[float, float]] = {
    "REQUEST_COUNT": (60, 5_000),
    "QUERY_COMPLEXITY": (250_000, 30_000_000),
    "MUTATION_COUNT": (20, 1_800),
}
INTERVALS: dict[str, int] = {"TEN_SECONDS": 10, "ONE_HOUR": 3_600}

#: Where a value is written with more digits than this, it is a binary fraction's noise and is rounded off.
FINEST = Decimal("0.000001")
