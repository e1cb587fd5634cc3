"""What of quality waits for a person: attributes that nothing uses, each once, and corrections that are lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.exceptions.entries import gather
from retail_sync.model.records import STREAMS
from retail_sync.pairs.config import Pair
from retail_sync.quality.catalogue import rules_by_stream, rules_of
from retail_sync.quality.causes import CAUSES, parameters
from retail_sync.quality.evidence import Batch, judge
from retail_sync.quality.quarantine import apply_verdicts
from retail_sync.quality.verdicts import count_verdicts, sealed_rows, write_verdicts
from retail_sync.stage.corrections import By, Place, correct
from retail_sync.steps.extract import extract
from retail_sync.steps.open_run import open_run
from retail_sync.steps.requests import RunRequest
from retail_sync.steps.seal import seal

from .memory_shop import NOON, PAIR, Hands, MemoryShop, customer, order, road_to


@pytest.fixture
def shop() -> MemoryShop:
    return MemoryShop(Hands(NOON + timedelta(hours=1)))


def judged(database: Database, shop: MemoryShop, run_id: str, **changes: Any) -> Pair:
    """A run up to its verdicts, applied."""
    road = road_to(database, shop, **changes)
    open_run(road, run_id, RunRequest(full_refresh=True))
    for stream in STREAMS:
        extract(road, run_id, stream)
    seal(road, run_id)
    rules = rules_by_stream(rules_of(road.pair))
    with database.connection() as connection:
        rows = sealed_rows(connection, run_id)
        write_verdicts(connection, run_id, {stream: rules[stream] for stream in rows if stream in rules})
        apply_verdicts(connection, run_id, road.pair, shop.clock())
    return road.pair


def wrong(connection: Connection[Any]) -> list[tuple[str, str, str]]:
    """What waits, as (subject, record, owner)."""
    gather(connection)
    for cause in CAUSES:
        connection.execute(cause, {"pair": PAIR["pair"], "source": "shop_main", **parameters()})
    return connection.execute("select subject, record, owner from wrong order by record").fetchall()


@pytest.mark.req("QUA-1", "OPS-1")
def test_an_attribute_that_nothing_uses_is_told_once_until_it_is_used(database: Database, shop: MemoryShop) -> None:
    shop.put(*(customer(str(number), attributes={"shoe": "44", "club": "x"}) for number in range(50)))
    judged(database, shop, "first")
    with database.connection() as connection:
        assert wrong(connection) == [
            ("rule.attribute_unused", "attribute club", "marketing"),
            ("rule.attribute_unused", "attribute shoe", "marketing"),
        ]
        assert count_verdicts(connection, "first")["attribute_unused"].failing == 2
    shop.clock.on(minutes=5)
    judged(
        database,
        shop,
        "mapped",
        mapping={"fields": {"SHOE": {"value": "attributes.shoe"}}, "unused_attributes": ["club"]},
    )
    with database.connection() as connection:
        assert wrong(connection) == []


@pytest.mark.req("QUA-1")
def test_who_does_not_want_to_know_of_attributes_is_not_told(database: Database, shop: MemoryShop) -> None:
    shop.put(customer("1", attributes={"shoe": "44"}))
    judged(database, shop, "first")
    shop.clock.on(minutes=5)
    judged(database, shop, "switched off", rules={"attribute_unused": {"enabled": False}})
    with database.connection() as connection:
        assert wrong(connection) == []


@pytest.mark.req("QUA-1")
def test_names_of_attributes_are_judged_by_great_expectations_too(database: Database, shop: MemoryShop) -> None:
    shop.put(customer("1", attributes={"shoe": "44", "😀'; --": "x"}))
    pair = judged(database, shop, "run")
    rules = rules_by_stream(rules_of(pair))
    found = judge(database, Batch("run", pair.pair, {"attributes": rules["attributes"]}, {"attributes": 2}, NOON))
    assert found == {"attribute_unused": 2}


@pytest.mark.req("QUA-3", "OPS-1")
def test_a_correction_is_lost_when_the_source_says_neither_it_nor_what_it_said_before(
    database: Database, shop: MemoryShop
) -> None:
    shop.put(order("1"))
    judged(database, shop, "first")
    with database.connection() as connection:
        correct(connection, Place("shop_main", "orders", "o1"), {"lines.0.sku": "A"}, By("kim", "seen", NOON, "cx"))
        assert wrong(connection) == []
    at = shop.clock.on(hours=1)
    shop.put(order("1", updated_at=at, on_hold=True))
    shop.clock.on(hours=1)
    judged(database, shop, "changed")
    with database.connection() as connection:
        assert wrong(connection) == [("correction.ended", "order 1", "cx")]
        cause = connection.execute("select cause from wrong").fetchone()
    assert cause is not None
    assert "the correction of lines.0.sku" in cause[0]
