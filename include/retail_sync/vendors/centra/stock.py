"""Stock that moved: the products whose stock changed, which no time of change of theirs tells.

The root `stockChangeConnection` and its `StockChangeFilter` are CONFIRMED; the arguments of that filter, its sort and
the fields of a change are ASSUMED. It is asked only where the live schema has all of them; elsewhere the catalogue run,
which reads every product, is what finds a change of stock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from msgspec import Struct, field

from retail_sync.errors import PermissionMissingError
from retail_sync.model.reading import Window
from retail_sync.vendors.centra import envelope, paging, queries
from retail_sync.vendors.centra.client import GraphClient
from retail_sync.vendors.centra.facts import Settings
from retail_sync.vendors.centra.payloads import Identified
from retail_sync.vendors.centra.schema import Schema

ROOT = "stockChangeConnection"
_ARGUMENTS = ("where", "first", "after")
#: A longer window is one in which everything has changed; the catalogue run reads it all.
_LONGEST = timedelta(days=7)


class _Variant(Struct):
    product: Identified | None = None


class _Size(Struct):
    variant: _Variant | None = field(name="productVariant", default=None)


class _Change(Struct):
    """A change of stock, as far as it names its product."""

    size: _Size | None = field(name="productSize", default=None)


_decode = envelope.decoder(envelope.Data[envelope.Connection[_Change]])
_count = envelope.decoder(envelope.Data[envelope.Count])


def can_ask(schema: Schema, settings: Settings) -> bool:
    """Whether the live account can be asked for changes of stock by their date."""
    known = all(schema.asks(ROOT, argument) for argument in _ARGUMENTS)
    shown = schema.has("StockChange", "productSize") and schema.has("ProductSize", "productVariant")
    return settings.stock_feed and known and shown and schema.takes("StockChangeFilter", "createdAt")


class StockChanges:
    """Finds the products whose stock moved.

    Args:
        client: The environment.
        settings: The pair file's settings.
    """

    def __init__(self, client: GraphClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    def products(self, window: Window | None) -> list[int]:
        """The ids of the products of which stock moved in the window; none where that can't be asked.

        A token that may not see changes of stock is no reason to read no products: `check` names it.
        """
        if window is None or window.by != "changed" or window.until - window.since > _LONGEST:
            return []
        if not can_ask(self._client.schema, self._settings):
            return []
        try:
            return sorted({product for change in self._changes(window) if (product := _product(change)) is not None})
        except PermissionMissingError:
            return []

    def _changes(self, window: Window) -> Iterator[_Change]:
        where = {"createdAt": queries.span(window)}
        pages = paging.by_cursor(partial(self._after, where), partial(self._total, where), self._settings.prefetch)
        return (change for page in pages for change in page.data)

    def _after(self, where: dict[str, Any], cursor: str | None) -> paging.Answered[envelope.Connection[_Change]]:
        variables = {"where": where, "first": self._settings.list_size, "after": cursor}
        answer = self._client.ask(queries.STOCK_CHANGES, variables, _decode)
        return paging.Answered(answer.data.page, answer.requested_at)

    def _total(self, where: dict[str, Any]) -> int:
        return self._client.ask(queries.STOCK_CHANGE_COUNT, {"where": where}, _count).data.page.total_count


def _product(change: _Change) -> int | None:
    variant = change.size.variant if change.size else None
    return variant.product.id if variant and variant.product else None
