"""How one object leads to the next: a factory of nodes for everything in the books."""

from __future__ import annotations

from decimal import Decimal

from retail_sync.sandbox.world.events import PlaceOfLiving
from retail_sync.vendors.centra.sandbox.countries import IN_THE_EU, NAMES
from retail_sync.vendors.centra.sandbox.nodes.catalogue import display_node, product_node, size_node, variant_node
from retail_sync.vendors.centra.sandbox.nodes.customers import customer_node, subscription_node
from retail_sync.vendors.centra.sandbox.nodes.fulfilment import return_node, shipment_node
from retail_sync.vendors.centra.sandbox.nodes.lines import line_node
from retail_sync.vendors.centra.sandbox.nodes.node import Node, money, slug
from retail_sync.vendors.centra.sandbox.nodes.orders import order_node, payment_node
from retail_sync.vendors.centra.sandbox.nodes.stock import stock_change_node
from retail_sync.vendors.centra.sandbox.records import (
    RETAIL_STORE,
    WHOLESALE_STORE,
    Customer,
    Line,
    Named,
    Order,
    Payment,
    Product,
    Return,
    Shipment,
    Size,
    StockChange,
    Subscription,
    Variant,
)
from retail_sync.vendors.centra.sandbox.shop import Shop

_STORES: dict[int, Node] = {
    RETAIL_STORE: {"__typename": "Store", "id": RETAIL_STORE, "name": "Retail", "type": "DIRECT_TO_CONSUMER"},
    WHOLESALE_STORE: {"__typename": "Store", "id": WHOLESALE_STORE, "name": "Wholesale", "type": "WHOLESALE"},
}


class Graph:
    """Makes nodes. A node shows its object as it was when the node was made; what it leads to is made when asked for.

    Args:
        shop: The books.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def order(self, order: Order) -> Node:
        """A `DirectToConsumerOrder` or a `WholesaleOrder`."""
        return order_node(self, order)

    def line(self, order: Order, line: Line) -> Node:
        """An `OrderLine`."""
        return line_node(self, order, line)

    def payment(self, payment: Payment) -> Node:
        """A `PaymentHistoryEntry`."""
        return payment_node(self, payment)

    def shipment(self, shipment: Shipment) -> Node:
        """A `Shipment`."""
        return shipment_node(self, shipment)

    def made_return(self, made: Return) -> Node:
        """A `Return`."""
        return return_node(self, made)

    def customer(self, customer: Customer) -> Node:
        """A `Customer`."""
        return customer_node(self, customer)

    def subscription(self, subscription: Subscription) -> Node:
        """A `NewsletterSubscription`."""
        return subscription_node(self, subscription)

    def product(self, product: Product) -> Node:
        """A `Product`."""
        return product_node(self, product)

    def variant(self, variant: Variant) -> Node:
        """A `ProductVariant`."""
        return variant_node(self, variant)

    def size(self, size: Size) -> Node:
        """A `ProductSize`."""
        return size_node(self, size)

    def display(self, variant: Variant) -> Node:
        """The `Display` of a variant."""
        return display_node(self, variant)

    def stock_change(self, change: StockChange) -> Node:
        """A `StockChange`."""
        return stock_change_node(self, change)

    def store(self, store_id: int) -> Node:
        """A `Store`."""
        return _STORES[store_id]

    def market(self, name: str) -> Node:
        """A `Market`."""
        market = self.shop.markets[name]
        return {"id": market.id, "name": name, "store": self.store(RETAIL_STORE), "assignedToCountries": []}

    def currency(self, code: str) -> Node:
        """A `Currency`."""
        return {"id": self.shop.currencies[code].id, "code": code, "name": code}

    def pricelist(self, code: str) -> Node:
        """A `Pricelist`; there is one for each currency."""
        return {
            "id": self.shop.currencies[code].id,
            "name": f"Retail {code}",
            "currency": self.currency(code),
            "assignedToCountries": [],
            "status": "ACTIVE",
        }

    def price(self, code: str, amount: Decimal) -> Node:
        """A `Price` of a display."""
        return {"pricelist": self.pricelist(code), "price": money(amount, self.currency(code), 1.0)}

    def country(self, code: str) -> Node:
        """A `Country`; one without a name here is called by its code."""
        return {
            "id": self.shop.countries[code].id,
            "name": NAMES.get(code, code),
            "code": code,
            "isEU": code in IN_THE_EU,
            "continent": None,
            "states": None,
        }

    def named(self, named: Named) -> Node:
        """A `Brand`, `Collection`, `Affiliate` or the like."""
        return {"id": named.id, "name": named.name, "uri": lambda: slug(named.name)}

    def address(self, place: PlaceOfLiving, first_name: str, last_name: str, email: str) -> Node:
        """An `Address`."""
        return {
            "firstName": first_name,
            "lastName": last_name,
            "address1": place.line1,
            "address2": "",
            "city": place.city,
            "zipCode": place.postcode,
            "stateOrProvince": "",
            "cellPhoneNumber": place.phone,
            "phoneNumber": place.phone,
            "faxNumber": None,
            "email": email,
            "companyName": "",
            "attention": "",
            "vatNumber": None,
            "country": self.country(place.country),
            "state": None,
        }
