"""A store's books: customers, products, orders and carts, and the figures that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from retail_sync.vendors.mailchimp.sandbox.problems import not_found
from retail_sync.vendors.mailchimp.sandbox.schema import Json


def found(things: Mapping[str, Json], key: str) -> Json:
    """The thing with that id, or 404."""
    try:
        return things[key]
    except KeyError:
        raise not_found() from None


def listed(thing: Json, *names: str) -> Json:
    """A thing as answers show it: parts that the books keep by id become arrays."""
    return {**thing, **{name: list(thing[name].values()) for name in names}}


class Store:
    """One shop connected to a list.

    Attributes:
        about: The store as answers show it.
        customers: By id, as answers show them.
        products: By id; `variants` and `images` by their ids.
        orders: By id; `lines` by their ids, `customer_id` instead of the customer.
        carts: Likewise.
    """

    def __init__(self, about: Json, *, count_cancelled: bool) -> None:
        self.id: str = about["id"]
        self.about = about
        self.customers: dict[str, Json] = {}
        self.products: dict[str, Json] = {}
        self.orders: dict[str, Json] = {}
        self.carts: dict[str, Json] = {}
        self._count_cancelled = count_cancelled
        self._ids_by_email: dict[str, str] = {}
        self._orders_of: dict[str, dict[str, None]] = {}

    def customer_by_email(self, email: str) -> Json | None:
        """The customer with that address."""
        return self.customers.get(self._ids_by_email.get(email.lower(), ""))

    def add_customer(self, customer: Json) -> None:
        """Enter a customer; orders that were left under its id count again."""
        self.customers[customer["id"]] = customer
        self._ids_by_email[customer["email_address"].lower()] = customer["id"]
        for order_id in self._orders_of.get(customer["id"], ()):
            self._weigh(self.orders[order_id], 1)

    def remove_customer(self, customer_id: str, *, with_orders: bool) -> Json:
        """Take a customer out; its orders stay under its id unless they are to go too."""
        customer = found(self.customers, customer_id)
        if with_orders:
            for order_id in self._orders_of.pop(customer_id, ()):
                del self.orders[order_id]
        del self.customers[customer_id]
        del self._ids_by_email[customer["email_address"].lower()]
        return customer

    def count_order(self, order: Json) -> None:
        """Let an order that stands in the books count for its customer."""
        self._orders_of.setdefault(order["customer_id"], {})[order["id"]] = None
        self._weigh(order, 1)

    def uncount_order(self, order: Json) -> None:
        """Take an order out of its customer's figures, before it changes or goes."""
        self._orders_of[order["customer_id"]].pop(order["id"], None)
        self._weigh(order, -1)

    def _weigh(self, order: Json, sign: int) -> None:
        customer = self.customers.get(order["customer_id"])
        if customer is None or (order["cancelled_at_foreign"] and not self._count_cancelled):
            return
        customer["orders_count"] += sign
        customer["total_spent"] += sign * Decimal(order["order_total"])

    def show_sale(self, sale: Json) -> Json:
        """An order or a cart as answers show it, its lines with the names of what was bought."""
        customer = self.customers.get(sale["customer_id"], {"id": sale["customer_id"]})
        lines = [self.show_line(line) for line in sale["lines"].values()]
        shown = {**sale, "store_id": self.id, "customer": customer, "lines": lines, "_links": []}
        del shown["customer_id"]
        return shown

    def show_line(self, line: Json) -> Json:
        """A line as answers show it."""
        product = self.products.get(line["product_id"], {})
        variant = product.get("variants", {}).get(line["product_variant_id"], {})
        return {
            **line,
            "product_title": product.get("title", ""),
            "product_variant_title": variant.get("title", ""),
            "image_url": variant.get("image_url") or product.get("image_url", ""),
        }
