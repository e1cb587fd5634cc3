"""Whose children changed: what belongs to a record may change without the record itself being touched (ASSUMED)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from retail_sync.model.reading import Window
from retail_sync.model.records import Stream
from retail_sync.vendors.fulfil import paging
from retail_sync.vendors.fulfil.children import Child, Children
from retail_sync.vendors.fulfil.client import FulfilClient, Question
from retail_sync.vendors.fulfil.domains import within
from retail_sync.vendors.fulfil.newsletter import Newsletter
from retail_sync.vendors.fulfil.settings import Settings

_SALE = "sale.sale"
_PARENTS: Mapping[Stream, str] = {"customers": "party.party", "products": "product.template", "orders": _SALE}


class Kinship:
    """Finds records of which something that belongs to them changed.

    Args:
        client: The account.
        children: Finds parents.
        newsletter: Says where consent is kept.
        settings: The pair file's settings.
    """

    def __init__(self, client: FulfilClient, children: Children, newsletter: Newsletter, settings: Settings) -> None:
        self._client = client
        self._children = children
        self._size = settings.page_size
        gateway = (Child(settings.transactions, listed_by="gateway_transactions"),) if settings.transactions else ()
        self._of: Mapping[Stream, Sequence[Child]] = {
            "customers": (
                Child("party.contact_mechanism", "party"),
                Child("party.address", "party"),
                *newsletter.children,
            ),
            "products": (Child("product.product", "template"),),
            "orders": (
                Child("sale.line", "sale"),
                Child("stock.shipment.out", "sales"),
                Child("account.invoice", "sales"),
                *gateway,
            ),
        }
        self._of_returns = (
            Child("sale.line", "sale", fields=("quantity",), wanted=_takes_back),
            Child("stock.shipment.out.return", listed_by="shipment_returns"),
            Child("account.invoice", "sales", fields=("type", "total_amount"), wanted=_gives_back),
        )

    def moved(self, stream: Stream, window: Window | None) -> list[int]:
        """The ids of a stream's rows of which a child changed in the window."""
        return self._children.parents(_PARENTS[stream], self._of[stream], window)

    def returned(self, window: Window | None) -> tuple[list[int], datetime]:
        """The ids of sales of which something came back, and that changed in the window or of which a child did.

        With them goes when that was first asked (aware UTC).
        """
        flags = ("has_return", "shipment_returns")
        pages = list(paging.pages(self._client, Question(_SALE, flags, within(window)), self._size))
        flagged = {row["id"] for page in pages for row in page.rows if any(row.get(flag) for flag in flags)}
        sales = flagged.union(self._children.parents(_SALE, self._of_returns, window))
        return sorted(sales), pages[0].requested_at


def _takes_back(line: Mapping[str, Any]) -> bool:
    return _below_zero(line.get("quantity"))


def _gives_back(invoice: Mapping[str, Any]) -> bool:
    return "credit" in str(invoice.get("type")) or _below_zero(invoice.get("total_amount"))


def _below_zero(number: Any) -> bool:
    return isinstance(number, int | float | Decimal) and number < 0
