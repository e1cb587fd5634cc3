"""Seal: the work set is complete, pinned, and stands still once something is built upon it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from retail_sync.db.database import Database
from retail_sync.model.records import STREAMS, OrderLine, Payment, ReturnLine, Variant
from retail_sync.steps.context import Road
from retail_sync.steps.extract import extract
from retail_sync.steps.open_run import open_run
from retail_sync.steps.perform import note
from retail_sync.steps.requests import RunRequest
from retail_sync.steps.seal import seal

from .memory_shop import NOON, Hands, MemoryShop, customer, order, parcel, product, road_to, sent_back

HOUR = timedelta(hours=1)


@pytest.fixture
def shop() -> MemoryShop:
    return MemoryShop(Hands())


def rows(database: Database, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with database.connection() as connection:
        return connection.execute(statement, parameters).fetchall()


def work(database: Database, run_id: str) -> dict[str, str]:
    return dict(rows(database, "select key, reason from road.work where run_id = %s order by key", run_id))


def sealed(road: Road, run_id: str, **request: Any) -> dict[str, Any]:
    open_run(road, run_id, RunRequest(**request))
    for stream in STREAMS:
        extract(road, run_id, stream)
    return seal(road, run_id)


def consume(database: Database, run_id: str) -> None:
    """What plan does with the work set, as far as it concerns seal."""
    with database.connection() as connection:
        connection.execute(
            """
            insert into stage.cursor (pair, dag, lane, account, stream, change_seq)
            select pair, dag, lane, 'shop_main', stream, change_seq
              from road.run join road.work_bound using (run_id)
             where run_id = %s
                on conflict (pair, dag, lane, account, stream) do update set change_seq = excluded.change_seq
            """,
            [run_id],
        )


@pytest.mark.req("DAG-2")
def test_the_work_set_is_what_was_read_what_changed_and_what_is_due(database: Database, shop: MemoryShop) -> None:
    road = road_to(database, shop)
    shop.put(*(order(number, NOON - HOUR) for number in "123"))
    sealed(road, "first")
    consume(database, "first")
    with database.connection() as connection:
        connection.execute(
            """
            insert into road.due (pair, stream, key, reason, due_at)
            values ('shop_to_list', 'orders', 'o1', 'released', %(now)s),
                   ('shop_to_list', 'orders', 'o2', 'timer', %(later)s),
                   ('another_pair', 'orders', 'o3', 'released', %(now)s),
                   ('shop_to_list', 'orders', 'gone', 'released', %(now)s)
            """,
            {"now": NOON, "later": NOON + 2 * HOUR},
        )
    shop.clock.on(hours=1)
    shop.put(order("4", NOON + HOUR / 2))
    report = sealed(road, "second")

    assert work(database, "second") == {"o1": "due: released", "o4": "changed"}
    assert report["work"]["orders"] == 2


@pytest.mark.req("DAG-2")
def test_what_another_pair_has_staged_is_work_of_this_one_too(database: Database, shop: MemoryShop) -> None:
    shop.put(order("1", NOON - HOUR), customer("c1", NOON - HOUR))
    sealed(road_to(database, shop), "first pair")
    sealed(road_to(database, shop, pair="shop_to_other"), "second pair")

    assert work(database, "second pair") == {"c1": "changed", "o1": "changed"}


@pytest.mark.req("DAG-2")
def test_a_record_that_was_read_again_unchanged_is_work_of_that_run(database: Database, shop: MemoryShop) -> None:
    road = road_to(database, shop)
    shop.put(order("1", NOON - timedelta(minutes=5)))
    sealed(road, "first")
    consume(database, "first")
    shop.clock.on(minutes=2)
    sealed(road, "second")

    assert work(database, "second") == {"o1": "read"}


@pytest.mark.req("DAG-4", "DAG-2")
def test_what_a_history_of_another_pair_read_first_is_live_work_once_a_live_run_has_read_it(
    database: Database, shop: MemoryShop
) -> None:
    first, second = road_to(database, shop), road_to(database, shop, pair="shop_to_other")
    shop.put(order("1", NOON - HOUR), sent_back("r1", "1", NOON - HOUR))
    for road, run_id in ((first, "first"), (second, "second")):
        sealed(road, run_id)
        consume(database, run_id)
    shop.clock.on(minutes=10)
    at = shop.clock() - timedelta(minutes=2)
    shop.put(order("1", NOON - HOUR, updated_at=at, status="shipped"), order("2", at, placed_at=NOON - 300 * HOUR))
    shop.put(sent_back("r1", "1", NOON - HOUR, status="completed"))
    sealed(first, "night", dag="history", since=NOON - 400 * HOUR)
    open_run(second, "reads nothing", RunRequest())
    seal(second, "reads nothing")
    assert work(database, "reads nothing") == {}

    shop.clock.on(minutes=10)
    sealed(first, "live")
    report = sealed(second, "another live")

    assert report["work"] == {"customers": 0, "products": 0, "orders": 2, "returns": 1}
    assert work(database, "another live") == dict.fromkeys(("o1", "o2", "r1"), "changed")


@pytest.mark.req("DAG-4")
def test_history_has_its_own_cursor_and_leaves_live_changes_and_due_keys_to_live_runs(
    database: Database, shop: MemoryShop
) -> None:
    road = road_to(database, shop)
    shop.put(order("1", NOON - HOUR), order("2", NOON - timedelta(days=50)))
    sealed(road, "live")
    with database.connection() as connection:
        connection.execute("insert into road.due values ('shop_to_list', 'orders', 'o2', 'released', %s)", [NOON])
    shop.put(order("1", NOON - HOUR, status="shipped"))
    shop.clock.on(minutes=1)
    sealed(road, "history", dag="history")

    assert work(database, "history") == {"o1": "changed"}


@pytest.mark.req("DAG-2")
def test_sealing_again_takes_the_newest_until_a_later_step_is_done(database: Database, shop: MemoryShop) -> None:
    road = road_to(database, shop)
    shop.put(order("1", NOON - HOUR))
    sealed(road, "run")
    shop.put(order("1", NOON - HOUR, status="shipped"))
    shop.clock.on(minutes=1)
    extract(road, "run", "orders")
    assert not seal(road, "run")["kept"]
    assert rows(database, "select status from quality.batch_orders") == [("shipped",)]

    note(road, "run", "plan", "done", {})
    shop.put(order("1", NOON - HOUR, status="cancelled"))
    shop.clock.on(minutes=1)
    extract(road, "run", "orders")
    report = seal(road, "run")
    assert report == {"work": {"customers": 0, "products": 0, "orders": 1, "returns": 0}, "kept": True}
    assert rows(database, "select status from quality.batch_orders") == [("shipped",)]


@pytest.mark.req("DAG-2")
def test_what_is_staged_after_the_seal_is_beyond_its_bound(database: Database, shop: MemoryShop) -> None:
    road = road_to(database, shop)
    shop.put(order("1", NOON - HOUR))
    sealed(road, "first")
    shop.clock.on(hours=1)
    shop.put(order("2", NOON + HOUR / 2))
    open_run(road, "second", RunRequest())
    extract(road, "second", "orders")
    consume(database, "first")
    seal(road, "second")

    assert work(database, "second") == {"o2": "changed"}


@pytest.mark.req("OPS-5")
def test_a_dry_run_looks_at_everything_that_an_edited_pair_file_touches(database: Database, shop: MemoryShop) -> None:
    road = road_to(database, shop)
    shop.put(order("1", NOON - HOUR))
    sealed(road, "first")
    consume(database, "first")
    with database.connection() as connection:
        connection.execute(
            "insert into people.accepted (pair, stream, key, version_id, change_seq, run_id)"
            " select 'shop_to_list', stream, key, version_id, change_seq, 'first' from stage.current"
        )
    shop.clock.on(hours=1)
    sealed(road_to(database, shop, segments={"vip_from": "5"}), "dry", dry_run=True)

    assert work(database, "dry") == {"o1": "due: pair_file"}
    assert rows(database, "select * from road.due") == []


@pytest.mark.req("QUA-1")
def test_orders_are_sealed_with_the_columns_that_rules_judge(database: Database, shop: MemoryShop) -> None:
    line = OrderLine(key="l", name="Shirt", quantity=1, unit_price=Decimal(200), total=Decimal(200))
    parcels = (
        parcel("a", "https://t.test/1"),
        parcel("b", None),
        parcel("c", None, untracked=True),
        parcel("d", None, shipped=False),
    )
    wholesale, unknown = {"store_type": "WHOLESALE", "market": "Sweden"}, {"store_type": "?"}
    tax = Decimal(50)
    shop.put(
        order("1", NOON - HOUR, shipments=parcels),
        order("2", NOON - HOUR, total=Decimal(270), channel=wholesale),
        order("3", NOON - HOUR, total=Decimal(290), tax=tax, discount=Decimal(9), channel=unknown, email=None),
        order("4", NOON - HOUR, total=Decimal(260), tax=tax, lines=(line,), other_charges=Decimal(11)),
    )
    sealed(road_to(database, shop), "run")

    found = rows(
        database,
        """
        select number, email, channel, channel_detail, total, parts_total, amount_gap, line_count, shipped_count,
               shipped_no_url, times_read
          from quality.batch_orders
         order by number
        """,
    )
    assert found == [
        ("1", "1@mail.test", "dtc", "store_type=DTC", 249, 249, 0, 1, 3, 1, 1),
        ("2", "2@mail.test", "wholesale", "market=Sweden, store_type=WHOLESALE", 270, 249, 21, 1, 0, 0, 1),
        ("3", None, None, "store_type=?", 290, 290, 0, 1, 0, 0, 1),
        ("4", "4@mail.test", "dtc", "store_type=DTC", 260, 260, 0, 1, 0, 0, 1),
    ]


@pytest.mark.req("QUA-1")
def test_the_other_streams_are_sealed_with_theirs(database: Database, shop: MemoryShop) -> None:
    back = (ReturnLine(key="x", line_key="1-1", quantity=1, total=Decimal(150)),)
    money = Payment(key="p", kind="refunded", succeeded=True, amount=Decimal(140), at=NOON)
    failed = Payment(key="q", kind="refunded", succeeded=False, amount=Decimal(10), at=NOON)
    sizes = tuple(Variant(key=str(number), sku=sku, name="M") for number, sku in enumerate(("A", "A", "B", " ")))
    shop.put(
        customer("c1", NOON - HOUR, registered=False, opted_in=True),
        customer("c2", NOON - HOUR),
        sent_back("r1", "1", NOON - HOUR, lines=back, refunds=(money, failed)),
        product("p1", NOON - HOUR, variants=sizes),
        product("p2", NOON - HOUR),
    )
    sealed(road_to(database, shop), "run")

    customers = "select key, email, registered, opted_in from quality.batch_customers order by key"
    assert rows(database, customers) == [("c1", "c1@mail.test", False, True), ("c2", "c2@mail.test", True, None)]
    returns = "select order_key, order_number, status, total, lines_total, refunded from quality.batch_returns"
    assert rows(database, returns) == [("o1", "1", "open", 200, 150, 140)]
    products = "select key, variant_count, no_sku, repeated_sku from quality.batch_products order by key"
    assert rows(database, products) == [("p1", 4, 1, 1), ("p2", 0, 0, 0)]
