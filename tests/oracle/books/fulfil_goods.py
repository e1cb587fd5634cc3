"""What the merchant sells, and what of it can be bought."""

from __future__ import annotations

from tests.oracle.terms import Json

from .fulfil_tables import Tables


def product(tables: Tables, template: Json) -> Json:
    """A template with the variants that are not archived."""
    variants = [row for row in tables.rows("product.product", template["products"]) if row["active"]]
    pictures = tables.rows("product.media", template["media"])
    return {
        "id": template["id"],
        "number": template["code"],
        "name": template["name"],
        "brand": template["brand"],
        "collection": tables.row("product.category", template["account_category"]).get("name"),
        "active": any(row["sellable"] for row in variants),
        "image_url": pictures[0]["url"] if pictures else None,
        "variants": [_variant(tables, row) for row in variants],
    }


def _variant(tables: Tables, product: Json) -> Json:
    named = {row["name"]: row["value"] for row in tables.rows("product.product.attribute", product["attributes"])}
    return {
        "id": product["id"],
        "sku": product["code"],
        "colour": named.get("Colour", ""),
        "size": named.get("Size", ""),
        "prices": {tables.settings["company_currency"]: product["list_price"]},
        "stock": sum(product["stock"].values()),
    }
