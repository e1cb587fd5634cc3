"""Money that moved: the orders whose payments changed, which no time of change of theirs tells.

Neither a refund nor a capture is known to move an order's `updatedAt`. The root `orderPaymentHistory` is CONFIRMED, and
that its filter knows ranges of dates; names of its arguments and of that filter are ASSUMED. It is asked only where the
live schema has all of them; elsewhere the history run is what finds a refund that no return tells of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from msgspec import Struct

from retail_sync.model.reading import Window
from retail_sync.vendors.centra import envelope, facts, paging, queries
from retail_sync.vendors.centra.client import GraphClient
from retail_sync.vendors.centra.facts import Settings
from retail_sync.vendors.centra.schema import Schema

ROOT = "orderPaymentHistory"
_ARGUMENTS = ("where", "sort", "limit", "page")
#: A longer window reads whole years of orders, and their payments with them.
_LONGEST = timedelta(days=60)
#: Entries after which an order is worth, or says, something else.
_KINDS = [name for name, kind in facts.PAYMENT_KIND.items() if kind in {"captured", "refunded", "released"}]


class _Order(Struct):
    number: int


class _Entry(Struct):
    """A payment, as far as it names its order. A token that is limited to some stores sees no order of another."""

    id: int
    order: _Order | None = None


_decode = envelope.decoder(envelope.Data[list[_Entry]])


def can_ask(schema: Schema, settings: Settings) -> bool:
    """Whether the live account can be asked for payments by their date."""
    known = all(schema.asks(ROOT, argument) for argument in _ARGUMENTS)
    dated = all(schema.takes(settings.payment_filter, field) for field in ("createdAt", "entryType"))
    return settings.payment_feed and known and dated


class Payments:
    """Finds the orders whose money moved.

    Args:
        client: The environment.
        settings: The pair file's settings.
    """

    def __init__(self, client: GraphClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    def orders(self, window: Window | None) -> list[int]:
        """The numbers of the orders of which money moved in the window; none where that can't be asked."""
        if window is None or window.by != "changed" or window.until - window.since > _LONGEST:
            return []
        if not can_ask(self._client.schema, self._settings):
            return []
        return sorted({entry.order.number for entry in self._entries(window) if entry.order})

    def _entries(self, window: Window) -> Iterator[_Entry]:
        where = {"createdAt": queries.span(window), "entryType": _KINDS}
        query = queries.payments(self._settings)
        fetch = partial(self._page, query, where)
        pages = paging.by_offset(
            fetch=fetch,
            probe=lambda page: [entry.id for entry in fetch(page).data],
            size=self._settings.list_size,
            key=lambda entry: entry.id,
            prefetch=self._settings.prefetch,
        )
        return (entry for page in pages for entry in page.data)

    def _page(self, query: queries.Query, where: dict[str, Any], page: int) -> paging.Answered[Sequence[_Entry]]:
        answer = self._client.ask(query, {"where": where, "limit": self._settings.list_size, "page": page}, _decode)
        return paging.Answered(answer.data.page, answer.requested_at)
