"""Fulfil's product templates as canonical products, with their variants and what of them can be sold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from retail_sync.model.records import Price, Product, Variant
from retail_sync.vendors.fulfil import paging
from retail_sync.vendors.fulfil.channels import Channels
from retail_sync.vendors.fulfil.children import Brought, Children, linked
from retail_sync.vendors.fulfil.client import ALL_ROWS, FulfilClient, Question, Row
from retail_sync.vendors.fulfil.domains import among
from retail_sync.vendors.fulfil.payloads import MediaRow, ProductRow, TemplateRow
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.shapes import Shapes, UnfitError

_PERCENT = Decimal("0.01")


class Products:
    """Turns templates into products.

    Args:
        client: The account.
        children: Brings rows by their ids.
        channels: Know in which currency list prices are.
        shapes: What is asked for.
        settings: The pair file's settings.
    """

    def __init__(
        self, client: FulfilClient, children: Children, channels: Channels, shapes: Shapes, settings: Settings
    ) -> None:
        self._client = client
        self._children = children
        self._channels = channels
        self._shapes = shapes
        self._settings = settings

    def records(self, templates: Sequence[TemplateRow]) -> list[Product | tuple[str, str]]:
        """The canonical products; instead of one that can't be taken apart, its key and the reason."""
        variants, unfit = self._variants([template.id for template in templates])
        media = self._children.bring(self._shapes.media, [one for template in templates for one in template.media])
        found: list[Product | tuple[str, str]] = []
        for template in templates:
            if template.id in unfit:
                found.append((str(template.id), unfit[template.id]))
                continue
            try:
                found.append(self._record(template, variants.get(template.id, []), media))
            except UnfitError as error:
                found.append((str(template.id), str(error)))
        return found

    def _variants(self, templates: Sequence[int]) -> tuple[Mapping[int, list[ProductRow]], Mapping[int, str]]:
        """The variants of templates in full pages, with their stock; and why those of a template are unfit."""
        found: defaultdict[int, list[ProductRow]] = defaultdict(list)
        unfit: dict[int, str] = {}
        shape = self._shapes.products
        for start in range(0, len(templates), self._settings.ids_at_once):
            domain = among("template", templates[start : start + self._settings.ids_at_once])
            question = Question(shape.model, shape.fields, domain, self._context)
            for page in paging.pages(self._client, question, self._settings.page_size):
                for row in page.rows:
                    try:
                        variant = shape.fit(row)
                    except UnfitError as error:
                        unfit.update(dict.fromkeys(_templates(row), f"{shape.model} {row['id']}: {error}"))
                    else:
                        found[variant.template].append(variant)
        return found, unfit

    @property
    def _context(self) -> Mapping[str, Any]:
        """ASSUMED, by the open ancestor: `locations` says whose stock counts."""
        warehouses = list(self._settings.warehouses)
        return {**ALL_ROWS, "locations": warehouses} if warehouses else ALL_ROWS

    def _record(self, template: TemplateRow, variants: Sequence[ProductRow], media: Brought[MediaRow]) -> Product:
        # Archived variants are gone; of a product of which all are, they tell what it was.
        kept = [one for one in variants if one.active is not False] or variants
        pictures, is_sold = media.of(template.media), any(map(_is_sold, kept))
        return Product(
            key=str(template.id),
            number=template.code or str(template.id),
            name=template.name or template.code or str(template.id),
            # Never a variant's: were that one deleted, what is left would seem to be older than what was there.
            updated_at=template.changed,
            active=template.active is not False and is_sold,
            brand=template.brand or None,
            collection=template.collection or None,
            image_url=next((one.url for one in pictures if one.url), None),
            variants=tuple(self._variant(one, is_sold=is_sold) for one in kept),
        )

    def _variant(self, row: ProductRow, *, is_sold: bool) -> Variant:
        """A variant; one that is not for sale can't be had, though the others of its product can."""
        withheld = is_sold and not _is_sold(row)
        return Variant(
            key=str(row.id),
            sku=row.code or "",
            name=row.variant_name or row.code or str(row.id),
            prices=self._prices(row),
            stock=0 if withheld else None if row.stock is None else int(row.stock),
        )

    def _prices(self, row: ProductRow) -> tuple[Price, ...]:
        currency = self._channels.currency
        if row.list_price is None or currency is None:
            return ()
        tax = self._settings.list_price_tax * _PERCENT
        amount = round(row.list_price * (1 + tax), 2) if tax else row.list_price
        return (Price(currency=currency, amount=amount),)


def _is_sold(row: ProductRow) -> bool:
    return row.active is not False and row.sellable is not False


def _templates(row: Row) -> list[int]:
    """The template of a variant that can't be read whole."""
    return linked(row.get("template"), "product.template")
