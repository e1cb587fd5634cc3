"""The everyday life of a pair: a first sync, nothing new, a day later, after an outage, looked at again."""

from __future__ import annotations

import pytest

from .shop import Shop


@pytest.mark.req("DAG-1", "DAG-2", "ID-2", "ID-3", "ORD-2", "CAT-1")
def test_a_first_sync_brings_the_whole_shop(past: Shop) -> None:
    assert len(past.emails()) > 100
    assert len(past.store()["orders"]) > 240


@pytest.mark.req("DAG-2")
def test_a_second_run_of_an_unchanged_shop_writes_nothing(past: Shop) -> None:
    report = past.sync()
    assert report["outbox"] == {}
    past.run()
    assert past.writes == 0


@pytest.mark.req("DAG-2", "ORD-1")
def test_a_day_later_the_day_has_arrived(past: Shop) -> None:
    past.live_day()
    past.sync()
    past.night()
    assert past.differences() == []
    past.run()
    assert past.writes == 0
