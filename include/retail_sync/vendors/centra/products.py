"""Centra's products as canonical products: the sizes of all colours, sold at the prices of their displays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from retail_sync.model.records import Price, Product, Variant
from retail_sync.vendors.centra.canonical import to_utc
from retail_sync.vendors.centra.facts import Settings
from retail_sync.vendors.centra.shop_payloads import Display, MediaSource, ProductNode, SizeNode, VariantNode

_ACTIVE = "ACTIVE"


class Products:
    """Turns product nodes into canonical products. Prices and pictures stand on displays (CONFIRMED)."""

    def __init__(self, settings: Settings) -> None:
        self._utc = to_utc(settings.timezone)

    def key(self, node: ProductNode) -> str:
        """The product's id."""
        return str(node.id)

    def record(self, node: ProductNode) -> Product:
        """The canonical product; it changed when it or one of its colours did."""
        displays = sorted(node.displays, key=lambda display: display.status != _ACTIVE)
        changes = [node.updated_at, *(variant.updated_at for variant in node.variants if variant.updated_at)]
        return Product(
            key=str(node.id),
            number=node.product_number or str(node.id),
            name=node.name or node.product_number or str(node.id),
            updated_at=max(self._utc(change) for change in changes),
            active=node.status in (_ACTIVE, None),
            brand=node.brand.name if node.brand else None,
            collection=node.collection.name if node.collection else None,
            url=next((display.uri for display in displays if display.uri), None),
            image_url=next(_pictures(displays), None),
            description=next((display.description for display in displays if display.description), None),
            variants=tuple(_variants(node.variants, displays)),
        )


def _variants(nodes: Sequence[VariantNode], displays: Sequence[Display]) -> Iterator[Variant]:
    for node in nodes:
        sold_on = [display for display in displays if _sells(display, node)]
        prices = _prices(sold_on)
        picture = next(_pictures(sold_on), None)
        for size in node.product_sizes:
            yield Variant(
                key=str(size.id),
                sku=size.sku or "",
                name=" ".join(filter(None, (node.name, size.description))),
                prices=prices,
                stock=_stock(size),
                preorder=bool(size.preorder),
                image_url=picture,
            )


def _sells(display: Display, variant: VariantNode) -> bool:
    """Whether a display sells this colour; one that names no colours sells all of them."""
    sold = {ref.id for ref in display.product_variants}
    return not sold or variant.id in sold


def _prices(displays: Sequence[Display]) -> tuple[Price, ...]:
    """The prices of the first display."""
    return tuple(
        Price(
            currency=entry.price.currency.code,
            amount=entry.price.value,
            list_name=entry.pricelist.name if entry.pricelist else None,
        )
        for display in displays[:1]
        for entry in display.prices
        if entry.price
    )


def _stock(size: SizeNode) -> int | None:
    return size.stock_totals.available_quantity if size.stock_totals else None


def _pictures(displays: Sequence[Display]) -> Iterator[str]:
    for display in displays:
        for media in display.media:
            sources = [media.source] if isinstance(media.source, MediaSource) else media.source or []
            yield from (source.url for source in sources if source.url)
