"""What Mailchimp holds, in the shape of what we wanted: the fields we own, and no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from retail_sync.model.delivery import Sale
from retail_sync.model.texts import numeral
from retail_sync.vendors.mailchimp.members import owned_tags
from retail_sync.vendors.mailchimp.payloads import moment, money

Shape = Callable[[Mapping[str, Any]], dict[str, Any]]

#: What is asked for when an object is read.
FIELDS: dict[str, tuple[str, ...]] = {
    "member": ("id", "email_address", "merge_fields"),
    "customer": ("id", "email_address", "first_name", "last_name", "address"),
    "product": ("id", "title", "handle", "url", "vendor", "type", "image_url", "variants"),
    "order": (
        "id",
        "customer.id",
        "currency_code",
        "order_total",
        "discount_total",
        "tax_total",
        "shipping_total",
        "financial_status",
        "fulfillment_status",
        "landing_site",
        "processed_at_foreign",
        "cancelled_at_foreign",
        "tracking_number",
        "tracking_carrier",
        "tracking_url",
        "lines",
        "promos",
        "shipping_address",
        "billing_address",
    ),
    "cart": ("id", "customer.id", "currency_code", "order_total", "lines", "checkout_url"),
    "store": ("id", "list_id", "name", "currency_code", "platform", "domain", "is_syncing"),
}
_STREET = ("address1", "address2", "city", "province", "postal_code", "country_code")
_PLACE = (*_STREET, "name", "phone", "company")
_ADDRESS = ("addr1", "addr2", "city", "state", "zip", "country")


def member_shape(types: Mapping[str, str]) -> Shape:
    """Reads members of an audience whose merge fields, those that we own, have these types."""

    def shape(member: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "email_address": member["email_address"].lower(),
            "merge_fields": merge_values(member.get("merge_fields") or {}, types),
        }

    return shape


def merge_values(held: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """The values of our merge fields, as `fields` writes them."""
    return {tag: _value(held.get(tag), kind) for tag, kind in types.items()}


def tags_shape(names: Sequence[str]) -> Callable[[str, Sequence[Mapping[str, Any]]], dict[str, Any]]:
    """Reads the tags that a pair with these facts gives; others belong to marketing."""
    ours = owned_tags(names)

    def shape(member: str, tags: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return {"member": member, "tags": sorted(tag["name"] for tag in tags if ours(tag["name"]))}

    return shape


def customer_shape(customer: Mapping[str, Any]) -> dict[str, Any]:
    """A customer. Its opt-in is Mailchimp's own affair: we say no, and mean nothing by it."""
    shape = {"id": customer["id"], "email_address": customer["email_address"].lower(), "opt_in_status": False}
    shape |= _texts(customer, ("first_name", "last_name"))
    if address := _texts(customer.get("address") or {}, _STREET):
        shape["address"] = address
    return shape


def product_shape(product: Mapping[str, Any]) -> dict[str, Any]:
    """A product with its variants by id."""
    shape: dict[str, Any] = {"id": product["id"], "title": product["title"]}
    shape |= _texts(product, ("handle", "url", "vendor", "type", "image_url"))
    shape["variants"] = sorted(map(_variant, product["variants"]), key=lambda variant: str(variant["id"]))
    return shape


def order_shape(order: Mapping[str, Any]) -> dict[str, Any]:
    """An order. Campaigns are left out: Mailchimp itself attributes orders to them."""
    shape: dict[str, Any] = {
        "id": order["id"],
        "customer": {"id": order["customer"]["id"]},
        "currency_code": order["currency_code"],
        **{name: _money(order.get(name)) for name in ("order_total", "discount_total", "tax_total", "shipping_total")},
        "processed_at_foreign": _moment(order.get("processed_at_foreign")),
        "lines": sorted(map(_line, order["lines"]), key=lambda line: str(line["id"])),
        "promos": sorted(
            map(_promo, order.get("promos") or ()),
            key=lambda promo: (promo["code"], Decimal(promo["amount_discounted"])),
        ),
    }
    shape |= _texts(
        order,
        (
            "financial_status",
            "fulfillment_status",
            "landing_site",
            "tracking_number",
            "tracking_carrier",
            "tracking_url",
        ),
    )
    for name in ("shipping_address", "billing_address"):
        if place := _texts(order.get(name) or {}, _PLACE):
            shape[name] = place
    if cancelled := _moment(order.get("cancelled_at_foreign")):
        shape["cancelled_at_foreign"] = cancelled
    return shape


def cart_shape(cart: Mapping[str, Any]) -> dict[str, Any]:
    """A cart."""
    shape: dict[str, Any] = {
        "id": cart["id"],
        "customer": {"id": cart["customer"]["id"]},
        "currency_code": cart["currency_code"],
        "order_total": _money(cart.get("order_total")),
        "lines": sorted(map(_line, cart["lines"]), key=lambda line: str(line["id"])),
    }
    return shape | _texts(cart, ("checkout_url",))


def sale_of(order: Mapping[str, Any]) -> Sale:
    """What an order counts for."""
    placed = order.get("processed_at_foreign")
    return Sale(
        total=Decimal(str(order.get("order_total") or 0)),
        currency=order["currency_code"],
        sold_at=datetime.fromisoformat(placed) if placed else None,
    )


def store_shape(store: Mapping[str, Any]) -> dict[str, Any]:
    """The store."""
    shape = {name: store.get(name) for name in ("id", "list_id", "name", "currency_code", "platform", "is_syncing")}
    return shape | _texts(store, ("domain",))


def field_shape(field: Mapping[str, Any]) -> dict[str, Any]:
    """A merge field; its label is marketing's."""
    return {"tag": field["tag"], "type": field["type"]}


def _variant(variant: Mapping[str, Any]) -> dict[str, Any]:
    shape = {
        "id": variant["id"],
        "title": variant["title"],
        "price": _money(variant.get("price")),
        "inventory_quantity": int(variant.get("inventory_quantity") or 0),
    }
    return shape | _texts(variant, ("sku", "image_url", "visibility"))


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: line[name] for name in ("id", "product_id", "product_variant_id", "quantity")},
        "price": _money(line.get("price")),
    }


def _promo(promo: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": promo["code"], "amount_discounted": _money(promo["amount_discounted"]), "type": promo["type"]}


def _texts(held: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Texts that are there: Mailchimp gives an empty one for what was never set."""
    return {name: held[name] for name in names if held.get(name)}


def _money(value: Any) -> str:
    return money(Decimal(str(value or 0)))


def _moment(value: Any) -> str:
    return moment(datetime.fromisoformat(value)) if value else ""


def _value(value: Any, kind: str) -> Any:
    if value is None or value == "":
        return ""
    if kind == "address":
        parts = {name: str(value.get(name) or "") for name in _ADDRESS} if isinstance(value, dict) else {}
        return parts if any(parts.values()) else ""
    if kind == "number":
        return numeral(Decimal(str(value)))
    return str(value)[:10] if kind == "date" else str(value)
