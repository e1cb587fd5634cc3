"""A store of the platform's own, where it has one: its customers, and that carts go when they are bought."""

from __future__ import annotations

from collections.abc import Iterator

from .account import Account
from .shop import Known, Sold
from .terms import Json, Terms, normal


def compare(people: dict[str, Known], orders: list[Sold], account: Account, terms: Terms) -> Iterator[str]:
    """What is wrong with the store's customers and carts."""
    if "store customers" not in terms.lacks:
        reachable = {email: one for email, one in people.items() if account.may_hold(email, terms)}
        yield from _customers(reachable, account.store)
    if "carts" not in terms.lacks:
        yield from _carts(orders, account.store)


def _carts(orders: list[Sold], store: Json) -> Iterator[str]:
    """A cart goes when its order comes."""
    for one in orders:
        if one.cart_id in store["carts"]:
            yield f"cart too many: {one.cart_id} was bought as order {one.number}"


def _customers(people: dict[str, Known], store: Json) -> Iterator[str]:
    """The store's customers are the contacts, each with as many orders as stand."""
    held = {normal(one["email_address"]): one for one in store["customers"].values()}
    if len(held) != len(store["customers"]):
        yield f"the store has {len(store['customers'])} customers under {len(held)} addresses"
    for email, person in sorted(people.items()):
        if not person.is_contact:
            continue
        customer = held.get(email)
        if customer is None:
            yield f"customer missing in the store: {email}"
        elif customer["orders_count"] != len(person.counted):
            yield f"customer {email} has {customer['orders_count']} orders in the store, not {len(person.counted)}"
