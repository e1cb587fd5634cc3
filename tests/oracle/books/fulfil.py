"""Fulfil's tables as the judge knows a shop: what is ordered, what has come back, who wants the newsletter."""

from __future__ import annotations

from tests.oracle.terms import Json

from .fulfil_goods import product
from .fulfil_people import People
from .fulfil_sales import Sales
from .fulfil_tables import Tables


def read(state: Json) -> Json:
    """The books in the shape of a shop's: customers, products, orders, returns; nobody awaits stock in an ERP."""
    tables = Tables(state)
    people = People(tables)
    sales = Sales(tables, people)
    return {
        "customers": [people.customer(party) for party in people.persons],
        "newsletter_subscriptions": people.subscriptions(),
        "stock_awaited": [],
        "products": [product(tables, one) for one in state["product.template"] if one["active"]],
        "orders": [sales.order(sale) for sale in state["sale.sale"]],
        "returns": [sales.made_return(shipment) for shipment in state["stock.shipment.out.return"]],
    }
