"""What is true of Fulfil's API, as tables.

CONFIRMED was read in the official client or in official documents, SEEN in the working code of integrators. ASSUMED was
not: it stands as a named setting, and `retail-sync check` tells where the live account differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from retail_sync.errors import ConfigurationError
from retail_sync.model.reading import StreamFacts
from retail_sync.model.records import OrderStatus, PaymentKind, ReturnStatus, Stream
from retail_sync.vendors.fulfil.settings import Settings

#: CONFIRMED: where the models live on a merchant's host.
PATH = "/api/v2"
#: CONFIRMED: merchants are subdomains of it.
DOMAIN = "fulfil.io"
#: SEEN: more rows in a page are refused.
LARGEST_PAGE = 500

#: SEEN: a 429 whose message holds one of these, in lower case, refuses what was asked, not that it was asked so soon.
REFUSALS = ("cannot exceed", "invalid", "page size")

#: Nothing of a party is known to move when its contact details do (ASSUMED), so these are asked for by themselves.
STREAMS: dict[Stream, StreamFacts] = {
    "customers": StreamFacts(named_by="orders"),
    # CONFIRMED: quantities are computed, and move no time of change.
    "products": StreamFacts(whole=True),
    "orders": StreamFacts(),
    "returns": StreamFacts(),
}

#: `done`, `processing` and `confirmed` were SEEN, the others are ASSUMED. What is not here is `unknown`, which is data.
ORDER_STATUS: Mapping[str, OrderStatus] = {
    "draft": "pending",
    "quotation": "pending",
    "confirmed": "confirmed",
    "processing": "processing",
    "done": "shipped",
    "cancel": "cancelled",
    "cancelled": "cancelled",
}

#: ASSUMED, by the open ancestor: goods are back once they are received, though nobody may have put them away yet.
RETURN_STATUS: Mapping[str, ReturnStatus] = {
    "draft": "open",
    "waiting": "open",
    "assigned": "open",
    "received": "completed",
    "done": "completed",
}
#: Both words are met (SEEN): shipments say the one, moves the other.
CANCELLED = frozenset({"cancel", "cancelled"})
#: CONFIRMED: the state of a shipment that has left.
SHIPPED = "done"

#: ASSUMED states of what went through a payment gateway; those that are not here did not succeed.
TRANSACTION_KIND: Mapping[str, PaymentKind] = {
    "authorized": "authorised",
    "completed": "captured",
    "posted": "captured",
    "cancel": "released",
    "cancelled": "released",
}
#: ASSUMED: the type of a transaction by which money goes back.
REFUND = "refund"

#: CONFIRMED `manual`; the others are ASSUMED: what connectors call the source of their channels.
SOURCES = frozenset(
    {"manual", "shopify", "magento", "webshop", "pos", "ebay", "amazon_mws", "zalando", "boozt", "wholesale"}
)


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
