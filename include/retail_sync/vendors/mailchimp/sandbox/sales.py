"""What orders and carts share: lines, references, the buyer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from retail_sync.vendors.mailchimp.sandbox.customers import check_customer, write_customer
from retail_sync.vendors.mailchimp.sandbox.problems import unknown_reference
from retail_sync.vendors.mailchimp.sandbox.products import VARIANT, VARIANT_NEEDS, add_product
from retail_sync.vendors.mailchimp.sandbox.schema import (
    Json,
    amount,
    foreign_id,
    integer,
    many,
    missing,
    money,
    string,
    thing,
)
from retail_sync.vendors.mailchimp.sandbox.store import Store

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

#: A product given with its line is made if the store lacks it.
INLINE_PRODUCT = thing(
    {
        "id": foreign_id,
        "title": string(shortest=1),
        "variants": many(thing(VARIANT, required=VARIANT_NEEDS), least=1),
    },
    required=("id", "title", "variants"),
)
LINE_CHANGES = {
    "product_id": foreign_id,
    "product_variant_id": foreign_id,
    "quantity": integer,
    "price": money,
    "discount": money,
    "product": INLINE_PRODUCT,
}
LINE = {**LINE_CHANGES, "id": foreign_id}
LINE_NEEDS = ("id", "product_id", "product_variant_id", "quantity", "price")
NEW_LINES = many(thing(LINE, required=LINE_NEEDS), least=1)
GIVEN_LINES = many(thing(LINE, required=("id",)))
LINE_AMOUNTS = ("price", "discount")


def check_campaign(account: Account, campaign_id: str) -> None:
    """Refuse a campaign of somebody else; it spoils the whole order.

    Raises:
        Problem: 400.
    """
    if campaign_id and campaign_id not in account.settings.campaigns:
        raise unknown_reference("campaign")


def check_lines(store: Store, known: Json, given: Iterable[Json]) -> None:
    """Refuse lines whose product or variant is not in the store, and new lines that are not whole.

    Raises:
        Problem: 400.
    """
    for line in given:
        whole = {**known.get(line["id"], {}), **line}
        if lacking := [name for name in LINE_NEEDS if name not in whole]:
            raise missing(*lacking)
        variants = _variant_ids(store, whole)
        if variants is None:
            raise unknown_reference("product")
        if whole["product_variant_id"] not in variants:
            raise unknown_reference("product", "variant ID")


def _variant_ids(store: Store, line: Json) -> set[str] | None:
    product = store.products.get(line["product_id"])
    if product is not None:
        return set(product["variants"])
    inline = line.get("product")
    if inline is None or inline["id"] != line["product_id"]:
        return None
    return {variant["id"] for variant in inline["variants"]}


def write_lines(store: Store, sale: Json, given: Iterable[Json], now: str) -> None:
    """Put checked lines by their ids; those that are not named stay."""
    for line in given:
        inline = line.pop("product", None)
        if inline is not None and inline["id"] not in store.products:
            add_product(store, inline, now)
        for name in LINE_AMOUNTS:
            if name in line:
                line[name] = amount(line[name])
        sale["lines"].setdefault(line["id"], {"discount": 0}).update(line)


def check_sale(account: Account, store: Store, body: Json, known_lines: Json) -> None:
    """Refuse an order or a cart that could not be written, before anything is.

    Raises:
        Problem: 400.
    """
    check_campaign(account, body.get("campaign_id", ""))
    check_lines(store, known_lines, body.get("lines", ()))
    if "customer" in body:
        check_customer(account, store, body["customer"])


def write_sale(account: Account, store: Store, sale: Json, body: Json, amounts: Iterable[str]) -> None:
    """Take a checked body over: the customer with its contact, the lines, then the plain fields."""
    now = account.now_text()
    if "customer" in body:
        sale["customer_id"] = write_customer(account, store, body["customer"])["id"]
    write_lines(store, sale, body.get("lines", ()), now)
    sale.update({name: value for name, value in body.items() if name not in ("customer", "lines")})
    for name in amounts:
        sale[name] = amount(sale[name])
    sale["updated_at"] = now
