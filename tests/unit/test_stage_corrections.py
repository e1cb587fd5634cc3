"""Corrections by people: they stand under what the source says, and end when it says something else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError
from retail_sync.model.records import Customer, Order
from retail_sync.stage.canonical import encode
from retail_sync.stage.corrections import By, Place, correct, find, uncorrect
from retail_sync.stage.load import load_pages

from .memory_shop import NOON, customer, order
from .test_stage_load import EVERYTHING, open_run, page, stage

ORDER = Place("shop_main", "orders", "o1")
KIM = By("kim", "by phone", NOON, "finance")
HOUR = timedelta(hours=1)


def now(connection: Connection[Any], place: Place = ORDER) -> Any:
    """What stands, as JSON."""
    row = connection.execute(
        """
        select version.doc, current.hash = version.hash, current.change_seq, current.lane
          from stage.current join stage.version using (version_id)
         where current.account = %s and current.stream = %s and current.key = %s
        """,
        [place.account, place.stream, place.key],
    ).fetchone()
    assert row is not None
    assert row[1]
    return row


def said(database: Database) -> Any:
    with database.connection() as connection:
        return now(connection)[0]


def put_right(database: Database, **changes: str) -> None:
    with database.connection() as connection:
        correct(connection, ORDER, {path.replace("__", "."): value for path, value in changes.items()}, KIM)


@pytest.mark.req("QUA-3")
def test_a_correction_is_a_new_version_that_a_page_with_the_old_content_does_not_undo(database: Database) -> None:
    stage(database, page(order("1")))
    with database.connection() as connection:
        before = now(connection)
    put_right(database, total="250.50", lines__0__quantity="2", shipping_address__city="Umeå", email="")
    with database.connection() as connection:
        doc, _, change_seq, lane = now(connection)
    assert change_seq > before[2]
    assert lane == "live"
    changed = msgspec.convert(doc, Order, strict=False)
    assert (changed.total, changed.lines[0].quantity, changed.email) == (Decimal("250.50"), 2, None)
    assert changed.shipping_address is not None
    assert changed.shipping_address.city == "Umeå"

    assert stage(database, page(order("1"), at=NOON + HOUR), run_id="later").new_versions == 0
    assert said(database) == doc


@pytest.mark.req("QUA-3")
def test_it_ends_when_the_source_says_something_else_even_if_it_comes_back_to_what_it_said(database: Database) -> None:
    stage(database, page(order("1")))
    put_right(database, market="Norway")
    changed = order("1", on_hold=True)
    stage(database, page(changed, at=NOON + HOUR), run_id="changed")
    stage(database, page(order("1"), at=NOON + 2 * HOUR), run_id="back")
    assert said(database) == json.loads(encode(order("1")))
    with database.connection() as connection:
        ended = find(connection, ORDER)
        assert ended is not None
        assert not ended.in_force
        uncorrect(connection, ORDER)
        assert find(connection, ORDER) is None
        assert now(connection)[0] == json.loads(encode(order("1")))


@pytest.mark.req("QUA-3")
def test_what_is_taken_back_is_what_the_source_says_however_often_it_was_corrected(database: Database) -> None:
    stage(database, page(order("1", market="Sweden")))
    before = said(database)
    put_right(database, shipping_address__city="Umeå", market="Norway")
    put_right(database, shipping_address__postcode="903 26", market="Finland", lines__0__name="Coat")
    with database.connection() as connection:
        known = find(connection, ORDER)
        assert known is not None
        assert known.in_force
        assert set(known.changes) == {"shipping_address.city", "shipping_address.postcode", "market", "lines.0.name"}
        uncorrect(connection, ORDER)
        assert now(connection)[0] == before


@pytest.mark.req("QUA-3")
def test_an_attribute_whose_name_has_dots_is_one_name(database: Database) -> None:
    place = Place("shop_main", "customers", "c1")
    target = replace(open_run(database, "run"), stream="customers")
    load_pages(database, target, EVERYTHING, iter([page(customer("c1"))]), lambda: NOON)
    with database.connection() as connection:
        correct(connection, place, {"attributes.loyalty.level": "gold"}, KIM)
        made = msgspec.convert(now(connection, place)[0], Customer, strict=False)
        assert made.attributes == {"loyalty.level": "gold"}
        uncorrect(connection, place)
        assert msgspec.convert(now(connection, place)[0], Customer, strict=False) == customer("c1")


@pytest.mark.req("QUA-3")
@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("colour", "red", "colour is nothing that can be set"),
        ("lines", "x", "lines is nothing that can be set"),
        ("lines.7.quantity", "2", "there is no '7' in lines"),
        ("lines.0.key", "2", "can't be changed"),
        ("lines.0.quantity", "two", "Expected `int`"),
        ("total", "NaN", "total must be a number"),
        ("total", "a lot", "total must be a number"),
        ("total", "", "missing required field `total`"),
        ("placed_at", "2026-05-01T08:00:00", "placed_at must be a time"),
        ("status", "lost", "Invalid enum value"),
        ("total", "249", "it says that already"),
    ],
)
def test_what_a_record_cannot_be_is_refused_and_nothing_changes(
    database: Database, path: str, value: str, why: str
) -> None:
    stage(database, page(order("1")))
    with pytest.raises(ConfigurationError, match=why), database.connection() as connection:
        correct(connection, ORDER, {path: value}, KIM)
    with database.connection() as connection:
        assert find(connection, ORDER) is None
        assert connection.execute("select count(*) from stage.version").fetchone() == (1,)


@pytest.mark.req("QUA-3")
def test_a_record_that_is_not_there_is_named(database: Database) -> None:
    with database.connection() as connection:
        with pytest.raises(ConfigurationError, match="order o1: there is no such record"):
            correct(connection, ORDER, {"market": "Norway"}, KIM)
        with pytest.raises(ConfigurationError, match="order o1: nothing of it was corrected"):
            uncorrect(connection, ORDER)
