"""The one word that Ometria has room for, of all that an order has come to."""

from __future__ import annotations

from collections.abc import Mapping

from retail_sync.model.moments import moments
from retail_sync.model.people import OrderState, SoldOrder
from retail_sync.vendors.ometria.facts import ORDER_STATUSES

#: The later stands before the earlier: what went back says more than what was sent, and that more than what was paid.
_WEIGHT: tuple[OrderState, ...] = (
    "financial.cancelled",
    "financial.refunded",
    "financial.partially_refunded",
    "fulfillment.shipped",
    "fulfillment.partly_shipped",
    "financial.captured",
    "financial.confirmed",
    "fulfillment.none",
    "financial.pending",
)


def word(sold: SoldOrder, statuses: Mapping[str, str]) -> str:
    """The status of an order: the word of the weightiest state that has one.

    Args:
        sold: The order.
        statuses: The pair's own words, which go before the usual ones.
    """
    words = {**ORDER_STATUSES, **statuses}
    come_to = {moment.state for moment in moments(sold)}
    return next((words[state] for state in _WEIGHT if state in come_to and words.get(state)), "pending")
