"""How the invented Centra instance is set up, and which of the vendor's unknowns it settles in which way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

Cause = Literal[
    "confirmed", "captured", "line_cancelled", "cancelled", "status", "shipment", "return", "refund", "hold"
]

#: What moves `Order.updatedAt`. No source says whether a parcel, return or refund does; a changed status must.
ORDER_UPDATED_BY: frozenset[Cause] = frozenset(
    {"confirmed", "captured", "line_cancelled", "cancelled", "status", "hold"}
)


class Token(Struct, frozen=True, forbid_unknown_fields=True):
    """An API token.

    Attributes:
        value: What the client sends as bearer.
        integration: The integration's name, which owns the event queue.
        permissions: Such as `Order:read`; None for all.
        expires_at: When it stops to work; None for never.
        store_id: Objects of other stores are invisible to it; None for all stores.
    """

    value: str
    integration: str = "retail-sync"
    permissions: frozenset[str] | None = None
    expires_at: datetime | None = None
    store_id: int | None = None


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """The instance.

    Attributes:
        tokens: The tokens that are let in.
        newsletter_field: The name of the customer's newsletter flag, which no source shows.
        registered_field: The name of the customer's flag for having an account, which no source shows.
        timezone: The instance's zone: of every date that goes out and of naive ones that come in.
        plan_scale: Factor on the limits of the Growth plan.
        complexity_cap: The most points that one query may cost; assumed to exist.
        retry_after: The form of `Retry-After`, of which only is known that it is a time stamp.
        order_updated_by: What moves `Order.updatedAt`.
        stock_updates_product: Whether a change of stock moves `Product.updatedAt`; unknown.
        direct_to_shipment: Confirming an order makes a first shipment at once, not yet completed.
        refund_sign: The sign of refunds in the payment history; unknown, releases are negative.
        payments_by_date: Whether `orderPaymentHistory` can be asked for what was paid when. ASSUMED: a range of dates
            belongs to its filter, its name and the other arguments are not shown.
        stock_by_date: Whether `stockChangeConnection` can be asked for what changed when. ASSUMED: its filter's name is
            all that is shown.
        exchange_comment: Whether an exchange order names its original, in the internal comment. ASSUMED: it does not;
            nothing that was found links the two.
        shows_anonymised: Whether a customer tells that it is anonymised. ASSUMED: as its filter does.
        anonymised_email: The address of an anonymised customer. ASSUMED: empty.
        anonymising_updates_orders: Whether a customer's orders count as updated with it. ASSUMED: they don't.
        order_api_secret: The shared secret of the Order API plugin.
        app_version: What `extensions.appVersion` says.
    """

    tokens: tuple[Token, ...] = (Token("centra-sandbox-access"),)
    newsletter_field: str = "newsletter"
    registered_field: str = "registered"
    timezone: str = "Europe/Stockholm"
    plan_scale: float = 100.0
    complexity_cap: int = 250_000
    retry_after: Literal["epoch", "http_date", "seconds"] = "epoch"
    order_updated_by: frozenset[Cause] = ORDER_UPDATED_BY
    stock_updates_product: bool = False
    direct_to_shipment: bool = False
    refund_sign: Literal[1, -1] = 1
    payments_by_date: bool = True
    stock_by_date: bool = True
    exchange_comment: bool = False
    shows_anonymised: bool = True
    anonymised_email: str = ""
    anonymising_updates_orders: bool = False
    order_api_secret: str = "centra-sandbox-orders"  # noqa: S105 - of an invented shop
    app_version: str = "v1.60.0"


def read_settings(given: Mapping[str, Any]) -> Settings:
    """Settings from plain JSON values.

    Raises:
        msgspec.ValidationError: A name or a value that does not exist.
    """
    return msgspec.convert(dict(given), Settings)
