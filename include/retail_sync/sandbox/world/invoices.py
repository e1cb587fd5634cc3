"""Turns invoice lines of a real retailer into what happened in a shop.

An invoice is an order unless its number starts with `C`; then its goods are returns of what the customer bought
before. Only goods (codes that start with a digit), gift cards and shipping are the shop's; all else is left out and
counted by reason. Prices are GBP, the shop's base currency.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from retail_sync.sandbox.world.events import (
    CustomerKnown,
    LineSpec,
    OrderConfirmed,
    OrderPlaced,
    ParcelLine,
    PlaceOfLiving,
    ProductListed,
    Refunded,
    ReturnLineSpec,
    ReturnMade,
    Shipped,
    ShopEvent,
    VariantSpec,
)
from retail_sync.sandbox.world.invoice_lines import InvoiceLine, read_lines
from retail_sync.sandbox.world.invoice_orders import Order, customer_email, is_gift_card, real_orders, sort_in
from retail_sync.sandbox.world.invoice_places import country_code
from retail_sync.sandbox.world.invoice_returns import ReturnedGoods, match_returns


@dataclass(slots=True)
class Invoices:
    """A file as a shop's past: its events in the order of time, and what was left out, by reason."""

    events: list[ShopEvent]
    left_out: Counter[str]


def read_invoices(path: Path) -> Invoices:
    """Turn a file of invoice lines (parquet or CSV) into events.

    Raises:
        ConfigurationError: The file is not of that kind.
    """
    return tell_invoices(read_lines(path))


def tell_invoices(lines: Iterable[InvoiceLine]) -> Invoices:
    """Turn invoice lines, given in the order of their file, into events."""
    left_out: Counter[str] = Counter()
    orders: dict[str, Order] = {}
    returns: list[InvoiceLine] = []
    customers: dict[int, InvoiceLine] = {}
    names: dict[str, str] = {}
    for line in lines:
        if line.customer is not None:
            customers.setdefault(line.customer, line)
        if line.description:
            names.setdefault(line.code, line.description)
        reason = sort_in(line, orders, returns)
        if reason:
            left_out[reason] += 1
    kept = real_orders(orders.values(), left_out)
    returned, unmatched = match_returns((line for order in kept for line in order.lines), returns)
    left_out.update(unmatched)
    events = _events(kept, customers, names, returned)
    return Invoices(sorted(events, key=lambda event: (event.at, _RANKS.get(type(event), 3))), left_out)


#: What must come first of all that happens in the same minute; a return comes after every order.
_RANKS: dict[type[ShopEvent], int] = {
    ProductListed: 0,
    CustomerKnown: 1,
    OrderPlaced: 2,
    OrderConfirmed: 2,
    Shipped: 2,
}


def _events(
    orders: list[Order], customers: dict[int, InvoiceLine], names: dict[str, str], returned: list[ReturnedGoods]
) -> Iterator[ShopEvent]:
    products = _products(orders, names)
    yield from products.values()
    for number, line in customers.items():
        yield _known(number, customer_email(number), line.at, line.country, registered=True)
    for order in orders:
        if order.customer is None:
            yield _known(order.customer_id, order.email, order.at, order.country, registered=False)
        yield _placed(order, products)
        yield OrderConfirmed(at=order.at, number=order.number)
        yield _shipped(order)
    for number, goods in enumerate(returned, 1):
        yield from _given_back(number, goods)


def _products(orders: list[Order], names: dict[str, str]) -> dict[str, ProductListed]:
    """A product for every code that was sold, at the price of its first sale, listed when it was first needed."""
    products: dict[str, ProductListed] = {}
    for order in sorted(orders, key=lambda one: one.at):
        for line in order.lines:
            if line.code not in products:
                products[line.code] = _product(len(products) + 1, line, order.at, names.get(line.code, line.code))
    return products


def _product(number: int, line: InvoiceLine, at: datetime, name: str) -> ProductListed:
    variant = VariantSpec(
        variant_id=number, sku=line.code, colour="", size="One size", prices={"GBP": line.price}, stock=1000
    )
    return ProductListed(
        at=at,
        product_id=number,
        number=line.code,
        name=name,
        brand="Online Retail",
        collection="Gift cards" if is_gift_card(line) else "Gifts",
        variants=(variant,),
    )


def _known(number: int, email: str, at: datetime, country: str, *, registered: bool) -> CustomerKnown:
    return CustomerKnown(
        at=at,
        customer_id=number,
        email=email,
        first_name="Customer" if registered else "Guest",
        last_name=str(number),
        registered=registered,
        newsletter=registered and number % 2 == 0,
        home=_home(country),
        market=country,
    )


def _home(country: str) -> PlaceOfLiving:
    return PlaceOfLiving(line1="1 High Street", postcode="0001", city=country, country=country_code(country))


def _placed(order: Order, products: dict[str, ProductListed]) -> OrderPlaced:
    return OrderPlaced(
        at=order.at,
        number=order.number,
        customer_id=order.customer_id,
        email=order.email,
        store_type="DIRECT_TO_CONSUMER",
        market=order.country,
        currency="GBP",
        rate=Decimal(1),
        lines=tuple(_sold(line, products[line.code]) for line in order.lines),
        shipping=order.shipping,
        ship_to=_home(order.country),
        first_name="Guest" if order.customer is None else "Customer",
        last_name=str(order.customer_id),
        tax_percent=Decimal(20),
        payment_method="card",
    )


def _sold(line: InvoiceLine, product: ProductListed) -> LineSpec:
    return LineSpec(
        line_id=line.row + 1,
        product_id=product.product_id,
        variant_id=product.variants[0].variant_id,
        sku=line.code,
        name=product.name,
        quantity=line.quantity,
        unit_price=line.price,
        list_price=line.price,
        gift_card=is_gift_card(line),
    )


def _shipped(order: Order) -> Shipped:
    return Shipped(
        at=order.at,
        number=order.number,
        parcel=1,
        carrier="Royal Mail",
        service="Tracked 48",
        tracking_number=f"RM{order.number:09}GB",
        lines=tuple(ParcelLine(line_id=line.row + 1, quantity=line.quantity) for line in order.lines),
    )


def _given_back(number: int, goods: ReturnedGoods) -> Iterator[ReturnMade | Refunded]:
    lines = tuple(
        ReturnLineSpec(line_id=line.row + 1, quantity=quantity, unit_price=line.price) for line, quantity in goods.units
    )
    worth = sum((line.unit_price * line.quantity for line in lines), Decimal(0))
    order = int(goods.order)
    yield ReturnMade(at=goods.at, return_id=number, number=order, lines=lines)
    yield Refunded(at=goods.at, number=order, amount=worth, return_id=number)
