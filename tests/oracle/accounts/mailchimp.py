"""Mailchimp: the one list of an account, archived members included, and the one store that is tied to it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.oracle.account import Account, Sale
from tests.oracle.terms import Json, amount, cents, normal

LACKS: frozenset[str] = frozenset()
_FACTS = {
    "LTV": "lifetime value",
    "ORDERS": "order count",
    "AVGORDER": "average order",
    "FIRSTORD": "first order",
    "LASTORD": "last order",
    "BUYER": "buyer state",
    "FULLPRICE": "full price",
    "MARKETS": "markets",
    "FNAME": "first name",
    "LNAME": "last name",
    "CITY": "city",
    "COUNTRY": "country",
    "PHONE": "phone",
    "REPEATSKU": "bought again",
    "REFILL": "replenishment due",
}
_TRACKING = ("tracking_number", "tracking_carrier", "tracking_url")


def read(state: Json) -> Account:
    """The account's list and store.

    Raises:
        ValueError: There is not exactly one list and one store.
    """
    (list_id, held), *others = state["lists"].items()
    stores = [store for store in state["stores"].values() if store["list_id"] == list_id]
    if others or len(stores) != 1:
        raise ValueError(f"{1 + len(others)} lists and {len(stores)} stores, where there should be one of each")
    (store,) = stores
    skus = {
        (product["id"], variant["id"]): variant["sku"]
        for product in store["products"].values()
        for variant in product["variants"]
    }
    sales = {number: _sale(order, skus) for number, order in store["orders"].items()}
    members = [_member(member) for member in held["members"]]
    return Account(members, sales, state["mails"], frozenset(held["forgotten"]), store)


def _member(member: Json) -> Json:
    facts = {name: member["merge_fields"].get(tag, "") for tag, name in _FACTS.items()}
    return {**member, "facts": facts}


def _sale(order: Json, skus: Mapping[tuple[str, str], str]) -> Sale:
    return Sale(
        worth=amount(order["order_total"]),
        currency=order["currency_code"],
        whose=normal(order["customer"].get("email_address")),
        pieces=[
            (sku, cents(amount(line["price"])), int(line["quantity"]))
            for line in order["lines"]
            if (sku := skus.get(_product(line)))
        ],
        cancelled=bool(order["cancelled_at_foreign"]),
        states={name: order[name] for name in ("financial_status", "fulfillment_status")},
        amounts={"shipping": amount(order["shipping_total"]), "discount": amount(order["discount_total"])},
        tracking={name: order[name] for name in _TRACKING},
        unlisted=[amount(line["price"]) for line in order["lines"] if not skus.get(_product(line))],
    )


def _product(line: Json) -> tuple[str, str]:
    return line["product_id"], line["product_variant_id"]
