"""Which fields of which model are asked for, and how a row becomes what the rest of the folder works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from retail_sync.vendors.fulfil import payloads as rows
from retail_sync.vendors.fulfil.decoding import Unknown
from retail_sync.vendors.fulfil.settings import Settings

R = TypeVar("R", bound=Struct)


class UnfitError(Exception):
    """A row that is not as it should be; its text names the place and never a value."""


class Shape(Generic[R]):
    """A sort of row, and under which names Fulfil has its fields.

    Args:
        model: The model.
        kind: The row's type.
        names: Fulfil's names of fields that are called otherwise here; None for a field that is not asked for.
    """

    def __init__(self, model: str, kind: type[R], **names: str | None) -> None:
        self.model = model
        self._kind = kind
        called = {name: names.get(name, name) for name in kind.__struct_fields__}
        self._names = {name: theirs for name, theirs in called.items() if theirs is not None}
        self.fields = tuple(theirs for theirs in self._names.values() if theirs != "id")

    def fit(self, row: Mapping[str, Any]) -> R:
        """A row as one of ours.

        Raises:
            UnfitError: A field is missing or of another type, or holds an object of an unknown class.
        """
        for theirs in self._names.values():
            if isinstance(row.get(theirs), Unknown):
                raise UnfitError(f"{theirs} is of the class {row[theirs].name!r}, which nobody knows or can read so")
        known = {name: row[theirs] for name, theirs in self._names.items() if theirs in row}
        try:
            return msgspec.convert(known, self._kind)
        except msgspec.ValidationError as error:
            raise UnfitError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Shapes:
    """Every shape, by the settings' names."""

    parties: Shape[rows.PartyRow]
    mechanisms: Shape[rows.MechanismRow]
    metafields: Shape[rows.MetafieldRow]
    addresses: Shape[rows.AddressRow]
    channels: Shape[rows.ChannelRow]
    categories: Shape[rows.CategoryRow]
    sales: Shape[rows.SaleRow]
    returned_sales: Shape[rows.SaleRow]
    sale_numbers: Shape[rows.NumberRow]
    owners: Shape[rows.OwnerRow]
    lines: Shape[rows.LineRow]
    taxes: Shape[rows.TaxRow]
    shipments: Shape[rows.ShipmentRow]
    returns: Shape[rows.ReturnRow]
    moves: Shape[rows.MoveRow]
    trackings: Shape[rows.TrackingRow]
    invoices: Shape[rows.InvoiceRow]
    invoice_lines: Shape[rows.InvoiceLineRow]
    transactions: Shape[rows.TransactionRow]
    templates: Shape[rows.TemplateRow]
    products: Shape[rows.ProductRow]
    media: Shape[rows.MediaRow]


def shapes(settings: Settings) -> Shapes:
    """The shapes of an account."""
    names, consent = settings.names, settings.consent
    return Shapes(
        parties=_parties(settings),
        mechanisms=Shape("party.contact_mechanism", rows.MechanismRow),
        metafields=Shape(consent.metafield_model, rows.MetafieldRow),
        addresses=_addresses(settings),
        channels=Shape("sale.channel", rows.ChannelRow, currency="currency.code"),
        categories=Shape("party.category", rows.CategoryRow),
        sales=_sales(settings),
        # What returns are made of, and no more.
        returned_sales=_sales(
            settings, shipments=None, transactions=None, shipment_address=None, invoice_address=None, origin=None
        ),
        sale_numbers=Shape("sale.sale", rows.NumberRow),
        owners=Shape("sale.line", rows.OwnerRow, number="sale.number"),
        lines=_lines(settings),
        taxes=Shape("account.tax", rows.TaxRow),
        shipments=Shape(
            "stock.shipment.out",
            rows.ShipmentRow,
            carrier="carrier.rec_name",
            service="carrier_service.rec_name",
            shipped_at=names.shipped_at,
            tracking_url=names.tracking_url,
            moves=names.shipment_moves,
        ),
        returns=Shape("stock.shipment.out.return", rows.ReturnRow, moves=names.return_moves),
        moves=Shape("stock.move", rows.MoveRow),
        trackings=Shape(settings.tracking_model, rows.TrackingRow, number="rec_name", url=names.tracking_url),
        invoices=Shape("account.invoice", rows.InvoiceRow, lines=names.invoice_lines),
        invoice_lines=Shape("account.invoice.line", rows.InvoiceLineRow),
        transactions=Shape(settings.transactions or "payment_gateway.transaction", rows.TransactionRow),
        templates=_templates(settings),
        products=Shape("product.product", rows.ProductRow, stock=settings.stock_field),
        media=Shape(settings.media_model, rows.MediaRow),
    )


def _parties(settings: Settings) -> Shape[rows.PartyRow]:
    consent = settings.consent
    return Shape(
        "party.party",
        rows.PartyRow,
        merged_into=settings.merged_into,
        merged_email=f"{settings.merged_into}.email" if settings.merged_into else None,
        metafields=consent.metafield_list if consent.strategy == "metafield" else None,
    )


def _addresses(settings: Settings) -> Shape[rows.AddressRow]:
    return Shape(
        "party.address",
        rows.AddressRow,
        country="country.code",
        region="subdivision.name",
        phone=settings.names.address_phone,
        email=settings.names.address_email,
    )


def _templates(settings: Settings) -> Shape[rows.TemplateRow]:
    names = settings.names
    return Shape(
        "product.template",
        rows.TemplateRow,
        code=names.template_code,
        brand=names.template_brand,
        collection=names.template_collection,
        media=names.template_media,
    )


def _sales(settings: Settings, **without: None) -> Shape[rows.SaleRow]:
    names: dict[str, str | None] = {
        "email": "party.email",
        "account_manager": "party.account_manager",
        "price_list": "price_list.rec_name",
        "warehouse": "warehouse.rec_name" if settings.market == "warehouse" else None,
        "currency": "currency.code",
        "digits": settings.names.currency_digits,
        "company_total": "total_amount_cpny_ccy_cache",
        "transactions": "gateway_transactions" if settings.transactions else None,
        "metadata": "metadata" if any(settings.attribution.model_dump().values()) else None,
    }
    return Shape("sale.sale", rows.SaleRow, **(names | without))


def _lines(settings: Settings) -> Shape[rows.LineRow]:
    names, collection = settings.names, settings.names.template_collection
    return Shape(
        "sale.line",
        rows.LineRow,
        code="product.code",
        template="product.template",
        variant_name="product.variant_name",
        collection=f"product.template.{collection}" if collection else None,
        origin=names.line_origin,
        taxes=names.line_taxes,
        list_price=names.line_list_price,
        shipping=names.line_shipping,
        gift_card=names.line_gift_card,
        company_amount=names.line_company_amount,
    )


def in_use(known: Shapes, settings: Settings) -> list[Shape[Any]]:
    """The shapes that are surely asked for by these settings."""
    names, strategy = settings.names, settings.consent.strategy
    optional: tuple[tuple[Shape[Any], object], ...] = (
        (known.metafields, strategy == "metafield"),
        (known.categories, strategy == "category"),
        (known.taxes, names.line_taxes),
        (known.moves, names.shipment_moves or names.return_moves),
        (known.invoice_lines, names.invoice_lines),
        (known.transactions, settings.transactions),
        (known.media, names.template_media),
    )
    always: tuple[Shape[Any], ...] = (
        *(known.channels, known.parties, known.mechanisms, known.addresses),
        *(known.sales, known.lines, known.shipments, known.returns, known.invoices),
        *(known.templates, known.products),
    )
    return [*always, *(shape for shape, is_used in optional if is_used)]
