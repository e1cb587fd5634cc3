"""A destination of any size is read into the mirror by pages: memory stays flat, and a broken reading is no reading."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from retail_sync.db.database import Database
from retail_sync.model.delivery import Held, Sale
from retail_sync.reconcile.audit import Audit, note_kind, progress
from retail_sync.reconcile.fields import changed_fields
from retail_sync.reconcile.mirror import read_kind

from .memory_shop import NOON


def an_audit(run_id: str = "night") -> Audit:
    return Audit("list_main", "shop_main", "shop_to_list", run_id, "member", heals=True, at_most=10)


@dataclass
class Holding:
    """A destination that holds so many orders, and may break off."""

    size: int
    breaks_at: int = -1

    def read_all(self, kind: str) -> Iterator[Held]:
        for number in range(self.size):
            if number == self.breaks_at:
                raise ConnectionError
            payload = {"id": str(number), "lines": ["x" * 20] * 20}
            sale = Sale(total=Decimal(number), currency="SEK", sold_at=NOON)
            yield Held(kind=kind, vendor_key=str(number), payload=payload, sale=sale)


def read(database: Database, holding: Any, audit: Audit | None = None) -> int:
    return read_kind(database, holding, audit or an_audit(), "order", clock=lambda: NOON)


def held(database: Database) -> int:
    with database.connection() as connection:
        row = connection.execute("select count(*) from reconcile.mirror").fetchone()
    assert row is not None
    return int(row[0])


def peak(database: Database, size: int) -> int:
    tracemalloc.start()
    assert read(database, Holding(size)) == size
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.req("REC-1")
def test_memory_does_not_grow_with_what_the_destination_holds(database: Database) -> None:
    few, many = peak(database, 12_000), peak(database, 36_000)
    assert many < 1.2 * few
    assert held(database) == 36_000


@pytest.mark.req("REC-1", "DAG-2")
def test_a_reading_that_broke_off_is_begun_anew_and_one_of_another_run_does_not_count(database: Database) -> None:
    with pytest.raises(ConnectionError):
        read(database, Holding(9, breaks_at=7))
    with database.connection() as connection:
        assert progress(connection, an_audit()) == {"order": "reading"}
    read(database, Holding(5))
    assert held(database) == 5
    with database.connection() as connection:
        assert progress(connection, an_audit()) == {"order": "read"}
        assert note_kind(connection, an_audit(), "order", "compared", NOON) == 5
    read(database, Holding(3), an_audit("next night"))
    with database.connection() as connection:
        assert progress(connection, an_audit()) == {}


@pytest.mark.req("REC-1")
@pytest.mark.parametrize(
    ("expected", "found", "names"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": {"c": 1, "d": 2}}, {"a": 1, "b": {"c": 1, "d": 3}}, ["b.d"]),
        ({"a": 1}, {"b": None, "a": 2}, ["a"]),
        ({"b": {"c": 1}}, {"b": ""}, ["b"]),
        ({}, {"a": ""}, ["a"]),
    ],
)
def test_fields_are_named_down_to_the_one_that_differs(
    expected: dict[str, Any], found: dict[str, Any], names: list[str]
) -> None:
    assert changed_fields(expected, found) == names
