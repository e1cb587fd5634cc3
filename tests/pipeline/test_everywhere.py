"""What holds whichever marketing platform it is: what is told once, what orders are worth, whose they are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from retail_sync.sandbox.world.events import (
    CustomerKnown,
    CustomersMerged,
    LineCancelled,
    OrderCancelled,
    OrderPlaced,
    ParcelLine,
    Shipped,
)

from .shop import Shop
from .tales import came_back, customer, order, paid_back, product, sent

pytestmark = pytest.mark.usefixtures("sql_alone")

WHO = "buyer@mail.test"
ONCE = frozenset({"parcels are told once"})


def begin(shop: Shop) -> CustomerKnown:
    """Somebody who can buy three products of a shop that was synced."""
    buyer = customer(shop.clock(), 1, WHO, newsletter=True)
    shop.tell(*(product(shop.clock(), number) for number in (7, 8, 9)), buyer)
    shop.terms = replace(shop.terms, promised=ONCE)
    shop.sync()
    return buyer


def parcel(shop: Shop, placed: OrderPlaced, number: int) -> Shipped:
    """The parcel of that number, with the order's line of that number in it."""
    lines = (ParcelLine(line_id=placed.lines[number - 1].line_id, quantity=1),)
    last = number == len(placed.lines)
    return sent(shop.clock(), placed, parcel=number, lines=lines, tracking_number=f"T{number}", last=last)


def told(shop: Shop, name: str = "order_shipped") -> list[str]:
    """The parcels of which the buyer was told, sorted."""
    (member,) = shop.account().by_address()[WHO]
    return sorted(event["properties"]["shipment"] for event in member["events"] if event["name"] == name)


def confirmed(shop: Shop) -> Counter[str]:
    """How often the order was confirmed, and that it was paid."""
    return Counter(mail["kind"] for mail in shop.account().mails if mail["order_id"] == "501")


@pytest.mark.req("SHP-1", "SHP-2", "ORD-6", "DAG-2")
def test_three_parcels_are_three_events_and_one_confirmation_whatever_is_run_again(anywhere: Shop) -> None:
    shop = anywhere
    buyer = begin(shop)
    placed = order(shop.clock(), 501, buyer, [(7, 1), (8, 1), (9, 1)])
    shop.tell(placed, parcel(shop, placed, 1))
    shop.sync()
    shop.tell(parcel(shop, placed, 2), parcel(shop, placed, 3))
    shop.pass_time(minutes=5)
    shop.run(run_id="second")
    shop.go_on("second")
    shop.night()
    shop.run(full_refresh=True)
    assert shop.writes == 0
    assert told(shop) == ["501-1", "501-2", "501-3"]
    assert {kind: confirmed(shop)[kind] for kind in ("order_confirmation", "order_invoice")} == {
        "order_confirmation": 1,
        "order_invoice": 1,
    }


@pytest.mark.req("ORD-1", "ORD-3", "ORD-5", "REC-1")
def test_what_is_left_of_orders_is_the_same_everywhere(anywhere: Shop) -> None:
    shop = anywhere
    buyer = begin(shop)
    now = shop.clock()
    partly, swapped, whole, less, gone = (order(now, 501 + n, buyer, [(7, 2), (8, 1)]) for n in range(5))
    euros = order(now, 506, buyer, currency="EUR", market="Finland", rate=Decimal("11.4001"))
    shop.tell(partly, swapped, whole, less, gone, euros, *(sent(now, one) for one in (partly, swapped, whole)))
    shop.sync()
    shop.pass_time(hours=1)
    back, other_back, all_back = (came_back(shop.clock(), one, 1) for one in (partly, swapped, whole))
    instead = order(shop.clock(), 507, buyer, [(9, 1)], shipping=Decimal(0), payment_method="exchange", exchange_of=502)
    shop.tell(back, other_back, all_back, instead, OrderCancelled(at=shop.clock(), number=505))
    shop.tell(LineCancelled(at=shop.clock(), number=504, line_id=less.lines[1].line_id, quantity=1))
    shop.sync()
    shop.pass_time(days=1)
    shop.tell(
        paid_back(shop.clock(), partly, "90.00", made=back), paid_back(shop.clock(), whole, "349.00", made=all_back)
    )
    shop.sync()

    worth = {number: sale.worth for number, sale in shop.account().sales.items()}
    in_euros = Decimal("1698.61") if "currencies" in shop.terms.lacks else Decimal(149)
    crowns = {"501": 259, "502": 249, "503": 0, "504": 249, "505": 0, "507": 100}
    assert worth == {number: Decimal(value) for number, value in crowns.items()} | {"506": in_euros}
    (member,) = shop.account().by_address()[WHO]
    assert Decimal(member["facts"]["lifetime value"]) == Decimal("2555.61"), "259 + 249 + 249 + 1698.61 + 100"


@pytest.mark.req("ID-5", "ID-3", "REC-1")
def test_the_orders_of_a_merged_customer_stand_with_the_survivor(anywhere: Shop) -> None:
    shop = anywhere
    now = shop.clock()
    kept, merged = customer(now, 1, WHO, newsletter=True), customer(now, 2, "merged@mail.test")
    shop.tell(product(now), kept, merged, order(now, 501, kept), order(now, 502, merged), order(now, 503, merged))
    shop.sync()
    assert Counter(sale.whose for sale in shop.account().sales.values()) == {WHO: 1, "merged@mail.test": 2}
    shop.pass_time(hours=1)
    shop.tell(CustomersMerged(at=shop.clock(), kept_id=1, merged_id=2))
    shop.sync()
    shop.night()
    account = shop.account()
    assert Counter(sale.whose for sale in account.sales.values()) == {WHO: 3}
    left = [member for member in account.by_address().get("merged@mail.test", []) if member["status"] != "archived"]
    assert (left, list(account.stray)) == ([], [])
    (member,) = account.by_address()[WHO]
    assert int(member["facts"]["order count"]) == 3
    shop.others.add("merged@mail.test")
    # What comes later stands with the survivor from the beginning.
    shop.tell(order(shop.clock(), 504, kept))
    shop.sync()
    assert shop.account().sales["504"].whose == WHO
