"""Requests for single records and their lists. ASSUMED: what is written here is validated and stored at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from retail_sync.vendors.ometria.sandbox.endpoints import PAGE, Answer, Ask, Endpoint, by_order, page_of
from retail_sync.vendors.ometria.sandbox.refusals import invalid, not_found
from retail_sync.vendors.ometria.sandbox.schema import Json

if TYPE_CHECKING:
    from retail_sync.vendors.ometria.sandbox.account import Account


class _Kept(Protocol):
    """What a list shows."""

    number: int
    updated_at: datetime

    def view(self) -> Json: ...


Kept = TypeVar("Kept", bound=_Kept)


def _listed(account: Account, ask: Ask, rows: Iterable[Kept]) -> Answer:
    ordered = list(rows)
    if by_order(ask):
        ordered.sort(key=lambda row: row.updated_at)
    return Answer([row.view() for row in page_of(account, ask, ordered)])


def _write(account: Account, ask: Ask, **identity: str) -> Answer:
    body: Any = ask.json()
    if type(body) is not dict:
        raise invalid("Body must be an object.")
    if any(body.get(name, value) != value for name, value in identity.items()):
        raise invalid("Body and path name different records.")
    account.store({**body, **identity})
    return Answer({"status": "OK", "request_id": account.queue.request_id()})


def collections(account: Account, ask: Ask) -> Answer:
    """GET the collections with their number of listings."""
    counts = Counter(collection for collection, _ in account.people.listings)
    return Answer(page_of(account, ask, [{"collection": name, "count": counts[name]} for name in sorted(counts)]))


def contacts(account: Account, ask: Ask) -> Answer:
    """GET the listings of a collection."""
    rows = [one for one in account.people.listings.values() if one.collection == ask.ids[0]]
    return _listed(account, ask, rows)


def contact(account: Account, ask: Ask) -> Answer:
    """GET one listing."""
    found = account.people.listings.get((ask.ids[0], ask.ids[1]))
    if found is None:
        raise not_found("Contact")
    return Answer(found.view())


def write_contact(account: Account, ask: Ask) -> Answer:
    """POST one listing."""
    return _write(account, ask, **{"@type": "contact", "@collection": ask.ids[0], "id": ask.ids[1]})


def orders(account: Account, ask: Ask) -> Answer:
    """GET orders."""
    return _listed(account, ask, account.orders.values())


def order(account: Account, ask: Ask) -> Answer:
    """GET one order."""
    found = account.orders.get(ask.ids[0])
    if found is None:
        raise not_found("Order")
    return Answer(found.view())


def write_order(account: Account, ask: Ask) -> Answer:
    """POST one order."""
    return _write(account, ask, **{"@type": "order", "id": ask.ids[0]})


def products(account: Account, ask: Ask) -> Answer:
    """GET products, and variants only where they are asked for."""
    active, variants = ask.flag("active"), ask.flag("includeVariants")
    rows = [one for one in account.products.values() if variants or not one.is_variant]
    return _listed(account, ask, [one for one in rows if active is None or one.is_active == active])


def product(account: Account, ask: Ask) -> Answer:
    """GET one product or variant."""
    found = account.products.get(ask.ids[0])
    if found is None:
        raise not_found("Product")
    return Answer(found.view())


def write_product(account: Account, ask: Ask) -> Answer:
    """POST one product."""
    return _write(account, ask, **{"@type": "product", "id": ask.ids[0]})


def write_event(account: Account, ask: Ask) -> Answer:
    """POST one custom event."""
    return _write(account, ask, **{"@type": "custom_event"})


ENDPOINTS = (
    Endpoint("GET", "/contacts", collections, query=PAGE),
    Endpoint("GET", "/contacts/{collection}", contacts, query=PAGE),
    Endpoint("GET", "/contacts/{collection}/{id}", contact),
    Endpoint("POST", "/contacts/{collection}/{id}", write_contact),
    Endpoint("GET", "/orders", orders, query=PAGE),
    Endpoint("GET", "/orders/{id}", order),
    Endpoint("POST", "/orders/{id}", write_order),
    Endpoint("GET", "/products", products, query=PAGE | {"active", "includeVariants"}),
    Endpoint("GET", "/products/{id}", product),
    Endpoint("POST", "/products/{id}", write_product),
    Endpoint("POST", "/custom-events", write_event),
)
