"""The merchant's tables as plain values, for whoever checks from outside what a sync has made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import structs

if TYPE_CHECKING:
    from retail_sync.vendors.fulfil.sandbox.database import Database
    from retail_sync.vendors.fulfil.sandbox.settings import Settings

#: The tables that tell what happened, by the vendor's names of their models.
_MODELS = {
    "party.party": "parties",
    "party.contact_mechanism": "mechanisms",
    "party.address": "addresses",
    "party.category": "categories",
    "metafield.value": "metafields",
    "country.country": "countries",
    "sale.channel": "channels",
    "product.price_list": "price_lists",
    "currency.currency": "currencies",
    "account.tax": "taxes",
    "product.template": "templates",
    "product.product": "products",
    "product.product.attribute": "attributes",
    "product.media": "media",
    "product.category": "goods_categories",
    "sale.sale": "sales",
    "sale.line": "lines",
    "channel.exception": "exceptions",
    "carrier": "carriers",
    "carrier.service": "services",
    "stock.shipment.out": "shipments",
    "stock.shipment.out.return": "return_shipments",
    "stock.move": "moves",
    "shipment.tracking": "trackings",
    "account.invoice": "invoices",
    "account.invoice.line": "invoice_lines",
    "sale.payment": "payments",
    "payment_gateway.transaction": "transactions",
}


def books(db: Database, settings: Settings) -> dict[str, Any]:
    """All rows by model, each in the order of its ids, and how the merchant is set up.

    Times are naive and in UTC. Amounts are `Decimal`; a sale's are those of its lines, `gross_price` being the price of
    one with tax, returned goods as lines below zero.
    """
    tables = db.tables
    return {
        "settings": structs.asdict(settings) | {"tokens": None},
        **{model: [_plain(row) for row in tables[name]] for model, name in _MODELS.items()},
    }


def _plain(row: Any) -> dict[str, Any]:
    names = _NAMES.get(type(row))
    if names is None:
        names = _NAMES[type(row)] = tuple(row.__dataclass_fields__)
    return {name: getattr(row, name) for name in names}


_NAMES: dict[type[Any], tuple[str, ...]] = {}
