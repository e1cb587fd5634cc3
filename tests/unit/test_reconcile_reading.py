"""How a destination is read for a comparison: whole where there is little, one by one where there is much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest

from retail_sync.model.delivery import Held
from retail_sync.model.ports import Destination
from retail_sync.reconcile.reading import read_for


class Shelf:
    """A destination that holds so many orders, and notes how it was asked."""

    def __init__(self, orders: int) -> None:
        self.orders = [Held(kind="order", vendor_key=str(number), payload={"id": number}) for number in range(orders)]
        self.asked: list[Any] = []

    def read(self, kind: str, vendor_keys: Sequence[str]) -> Iterator[Held]:
        self.asked.append((kind, list(vendor_keys)))
        held = {one.vendor_key: one for one in self.orders}
        return (held.get(key, Held(kind=kind, vendor_key=key, payload=None)) for key in vendor_keys)

    def read_all(self, kind: str) -> Iterator[Held]:
        self.asked.append((kind, "all"))
        return iter(self.orders)

    def keys(self, kind: str) -> Iterator[str]:
        self.asked.append((kind, "keys"))
        return (one.vendor_key for one in self.orders)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few are four."""
    monkeypatch.setattr("retail_sync.reconcile.reading._FEW", 4)


@pytest.mark.req("REC-1")
@pytest.mark.parametrize(
    ("there", "ours", "sample", "asked"),
    [
        (3, 3, 2, [("order", "all")]),
        (3, 0, 2, [("order", "all")]),
        (40, 4, 2, [("order", "all")]),
        (50, 50, 60, [("order", "all")]),
        # Ours are few among many of others.
        (41, 4, 2, [("order", "all"), ("order", ["1", "99"]), ("order", "keys")]),
        (5, 5, 2, [("order", ["1", "99"]), ("order", "keys")]),
        (5, None, 2, [("order", ["1", "99"]), ("order", "keys")]),
    ],
)
def test_the_same_is_found_either_way(there: int, ours: int | None, sample: int, asked: list[Any]) -> None:
    shelf = Shelf(there)
    reading = read_for(cast(Destination, shelf), "order", ours, sample)
    found = {one.vendor_key: one.payload for one in reading.held(["1", "99"])}
    assert found == {"1": {"id": 1}, "99": None}
    assert reading.keys() == {str(number) for number in range(there)}
    assert shelf.asked == asked


@pytest.mark.req("REC-1")
def test_nothing_is_asked_for_where_nothing_is_wanted() -> None:
    shelf = Shelf(9)
    assert read_for(cast(Destination, shelf), "order", None, 2).held([]) == []
    assert shelf.asked == []
