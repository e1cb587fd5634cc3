"""Where a destination takes orders and shows none: a person settles what was not answered, totals are the ledger's."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from retail_sync.db.acts import Act
from retail_sync.reconcile import by_hand
from retail_sync.reconcile.by_hand import Word
from retail_sync.reconcile.totals import order_differences, sums
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.world.events import CustomerKnown

from .shop import Shop
from .tales import came_back, customer, order, paid_back, product

pytestmark = pytest.mark.usefixtures("sql_alone")


@pytest.fixture
def shop(centra: SandboxControl, emarsys: SandboxControl, dsn: str) -> Iterator[Shop]:
    """A synced shop with one buyer."""
    centra.reset()
    emarsys.reset()
    shop = Shop(centra, emarsys, dsn)
    shop.tell(product(shop.clock()), buyer(shop))
    shop.sync()
    yield shop
    assert shop.differences() == []
    shop.close()


def buyer(shop: Shop) -> CustomerKnown:
    return customer(shop.clock(), 1, "buyer@mail.test", newsletter=True)


def settle(shop: Shop, word: Word) -> list[str]:
    act = Act("settle", "kim", "Looked it up.", shop.clock())
    with shop.road.database.connection() as connection:
        return [row.record for row in by_hand.settle(connection, shop.road.pair, None, word, act)]


@pytest.mark.req("OPS-1", "OPS-4", "ORD-3")
@pytest.mark.parametrize(("fault", "word"), [("after_write_drop", "arrived"), ("drop_connection", "lost")])
def test_rows_of_an_order_that_were_not_answered_wait_for_a_persons_word(shop: Shop, fault: str, word: Word) -> None:
    shop.destination.fault(fault, endpoint="POST sales-data")
    bought = order(shop.clock(), 720, buyer(shop))
    shop.tell(bought)
    shop.sync()
    made = came_back(shop.clock(), bought, 1)
    shop.tell(made, paid_back(shop.clock(), bought, "50.00", made=made))
    shop.pass_time(hours=1)
    shop.sync()
    states = shop.query("select state from delivery.outbox where kind = 'sale' order by row_id")
    assert states == [("unknown",), ("pending",)]

    assert settle(shop, word) == ["order 720"]
    shop.sync()

    held = shop.destination.state()["sales"]["orders"]["720"]
    assert Decimal(held["price"]) == shop.query("select net from people.order_value")[0][0]


@pytest.mark.req("ORD-7", "ORD-5")
def test_totals_are_those_of_the_ledger_in_one_currency(shop: Shop) -> None:
    bought = order(shop.clock(), 730, buyer(shop), currency="EUR", rate=Decimal("11.333"))
    shop.tell(bought, order(shop.clock(), 731, buyer(shop)))
    shop.sync()
    made = came_back(shop.clock(), bought, 1)
    shop.tell(made, paid_back(shop.clock(), bought, "50.00", made=made))
    shop.pass_time(hours=1)
    shop.sync()

    report = shop.run(dag="audit")

    assert (report["proof"]["contact"], report["proof"]["sale"]) == ("read_back", "ledger")
    with shop.road.database.connection() as connection:
        (line,) = sums(connection, shop.road.pair.pair, "month")
        assert order_differences(connection, shop.road.pair.pair) == []
    there = sum(Decimal(one["price"]) for one in shop.destination.state()["sales"]["orders"].values())
    assert (line.currency, line.orders, line.held, line.proof) == ("SEK", 2, 2, "ledger")
    assert line.net == line.held_total == there
