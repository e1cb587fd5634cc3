"""Reading objects back, in the shape in which they were wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from retail_sync.errors import ConfigurationError, UnreachableError
from retail_sync.model.delivery import Held, Total
from retail_sync.vendors.mailchimp.access import Access
from retail_sync.vendors.mailchimp.contacts import Contacts
from retail_sync.vendors.mailchimp.events import read_events
from retail_sync.vendors.mailchimp.facts import STATUSES, TAGS_SHOWN, TOLD
from retail_sync.vendors.mailchimp.paging import everything
from retail_sync.vendors.mailchimp.payloads import money
from retail_sync.vendors.mailchimp.shapes import (
    FIELDS,
    Shape,
    cart_shape,
    customer_shape,
    field_shape,
    member_shape,
    order_shape,
    product_shape,
    sale_of,
    store_shape,
    tags_shape,
)
from retail_sync.vendors.mailchimp.wire import Paths, Reply, Write


class _Collection(NamedTuple):
    """Where a kind's objects are, and how one of them becomes a payload."""

    path: str
    name: str
    fields: tuple[str, ...]
    shape: Shape


class Readback:
    """Reads what one pair owns of an audience and its store.

    Args:
        access: The way to the audience and its store.
        types: The merge fields that we own, with their types.
        tags: The facts that become tags.
    """

    def __init__(self, access: Access, types: Mapping[str, str], tags: Sequence[str]) -> None:
        self._access = access
        self._send = access.send
        self._pool = access.pool
        self._settings = access.settings
        self._paths = paths = access.paths
        self._types = types
        self._tags = tags_shape(tags)
        self._collections = {
            "member": _Collection(paths.members, "members", FIELDS["member"], member_shape(types)),
            "tags": _Collection(paths.members, "members", ("id", "tags", "tags_count"), self._tags_of_member),
            "customer": _Collection(paths.customers, "customers", FIELDS["customer"], customer_shape),
            "product": _Collection(paths.products, "products", FIELDS["product"], product_shape),
            "order": _Collection(paths.orders, "orders", FIELDS["order"], order_shape),
            "cart": _Collection(paths.carts, "carts", FIELDS["cart"], cart_shape),
        }

    def read(self, kind: str, vendor_keys: Sequence[str]) -> Iterator[Held]:
        """One answer for each key: few by single reads, many by paging through the collection.

        Raises:
            ConfigurationError: Mailchimp has nothing of that kind.
            IncompleteReadError: The collection could not be read whole.
        """
        if kind in {"merge_field", "store"}:
            held = dict(self._merge_fields() if kind == "merge_field" else self._store())
            yield from (Held(kind=kind, vendor_key=key, payload=held.get(key)) for key in vendor_keys)
            return
        if kind in TOLD:
            yield from read_events(self._access, vendor_keys)
            return
        collection = self._collection(kind)
        if len(vendor_keys) <= self._settings.direct_up_to:
            payloads = self._pool.map(partial(self._one, collection), vendor_keys)
            for key, payload in zip(vendor_keys, payloads, strict=True):
                yield Held(kind=kind, vendor_key=key, payload=payload)
            return
        missing = dict.fromkeys(vendor_keys)
        for one in self._all(collection, collection.fields):
            if one["id"] in missing:
                del missing[one["id"]]
                yield Held(kind=kind, vendor_key=one["id"], payload=collection.shape(one))
        yield from (Held(kind=kind, vendor_key=key, payload=None) for key in missing)

    def read_all(self, kind: str) -> Iterator[Held]:
        """Every object of that kind in full, archived contacts included, by pages of the whole collection.

        Raises:
            ConfigurationError: Mailchimp has nothing of that kind.
            IncompleteReadError: The collection could not be read whole.
        """
        if kind in {"merge_field", "store"}:
            held = self._merge_fields() if kind == "merge_field" else self._store()
            yield from (Held(kind=kind, vendor_key=key, payload=payload) for key, payload in held)
            return
        collection = self._collection(kind)
        sale = sale_of if kind == "order" else _no_sale
        for one in self._all(collection, collection.fields):
            yield Held(kind=kind, vendor_key=one["id"], payload=collection.shape(one), sale=sale(one))

    def keys(self, kind: str) -> Iterator[str]:
        """Every key of that kind, archived contacts included.

        Raises:
            ConfigurationError: Mailchimp has nothing of that kind.
            IncompleteReadError: The collection could not be read whole.
        """
        if kind in {"merge_field", "store"}:
            held = dict(self._merge_fields() if kind == "merge_field" else self._store())
            yield from held
            return
        yield from (one["id"] for one in self._all(self._collection(kind), ("id",)))

    def totals(self, contacts: Contacts) -> list[Total]:
        """Contacts by status, customers, products, orders and their sum by currency.

        `spent_by_customers` and `orders_of_customers` are what Mailchimp itself has made of the orders: the customers'
        read-only figures, added up whatever the currencies.
        """
        totals = [Total(name=f"members.{status}", value=str(contacts.count(status))) for status in STATUSES]
        totals += self._customer_totals()
        totals.append(Total(name="products", value=str(sum(1 for _ in self.keys("product"))), proof="read_back"))
        totals += self._order_totals()
        return totals

    def _customer_totals(self) -> list[Total]:
        customers, bought, spent = 0, 0, Decimal(0)
        fields = ("id", "orders_count", "total_spent")
        for customer in everything(self._send, self._paths.customers, "customers", fields):
            customers += 1
            bought += int(customer.get("orders_count") or 0)
            spent += Decimal(str(customer.get("total_spent") or 0))
        return [
            Total(name="customers", value=str(customers), proof="read_back"),
            Total(name="orders_of_customers", value=str(bought)),
            Total(name="spent_by_customers", value=money(spent)),
        ]

    def _order_totals(self) -> list[Total]:
        orders, sums = 0, dict[str, Decimal]()
        for order in everything(self._send, self._paths.orders, "orders", ("id", "order_total", "currency_code")):
            orders += 1
            total = Decimal(str(order["order_total"] or 0))
            sums[order["currency_code"]] = sums.get(order["currency_code"], Decimal(0)) + total
        by_currency = [
            Total(name=f"order_total.{code}", value=money(sums[code]), proof="read_back") for code in sorted(sums)
        ]
        return [Total(name="orders", value=str(orders), proof="read_back"), *by_currency]

    def _collection(self, kind: str) -> _Collection:
        if kind not in self._collections:
            raise ConfigurationError(f"Mailchimp has nothing of the kind {kind!r}", fix="Name a kind that it has.")
        return self._collections[kind]

    def _all(self, collection: _Collection, fields: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        pages: Callable[..., Iterator[dict[str, Any]]] = partial(
            everything, self._send, collection.path, collection.name, fields
        )
        if collection.name != "members":
            yield from pages()
            return
        for status in STATUSES:
            yield from pages({"status": status})

    def _one(self, collection: _Collection, key: str) -> dict[str, Any] | None:
        query = {"fields": ",".join(collection.fields)}
        endpoint = f"{collection.name}.read"
        reply = self._send(Write("GET", Paths.one(collection.path, key), endpoint, params=query))
        if reply.status == 404:
            return None
        return collection.shape(_usable(reply, endpoint))

    def _tags_of_member(self, member: Mapping[str, Any]) -> dict[str, Any]:
        tags = member.get("tags") or ()
        if member.get("tags_count", 0) > TAGS_SHOWN:
            path = Paths.one(self._paths.members, member["id"], "tags")
            tags = list(everything(self._send, path, "tags", ("id", "name")))
        return self._tags(member["id"], tags)

    def _merge_fields(self) -> Iterator[tuple[str, dict[str, Any]]]:
        reply = self._send(Write("GET", self._paths.merge_fields, "merge_field.list", params={"count": "1000"}))
        for field in _usable(reply, "merge_field.list")["merge_fields"]:
            if field["tag"] in self._types:
                yield field["tag"], field_shape(field)

    def _store(self) -> Iterator[tuple[str, dict[str, Any]]]:
        reply = self._send(Write("GET", self._paths.store, "store.read"))
        if reply.status != 404:
            store = _usable(reply, "store.read")
            yield store["id"], store_shape(store)


def _no_sale(_one: Mapping[str, Any]) -> None:
    return None


def _usable(reply: Reply, endpoint: str) -> Mapping[str, Any]:
    if not reply.ok or not isinstance(reply.body, dict):
        raise UnreachableError(f"{endpoint} was answered with {reply.status}", fix="It is read again.")
    return reply.body
