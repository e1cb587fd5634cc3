"""The stage of the pipeline tests: two sandboxes, a fresh database, and the oracle's word at the end of every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retail_sync.sandbox.world.events import CustomerKnown
from tests.sandboxes import centra, fulfil, host, mailchimp, new_shop, orderwise

from .lived import lived
from .shop import Shop
from .tales import customer, product

__all__ = ["centra", "fulfil", "host", "lived", "mailchimp", "new_shop", "orderwise"]


@pytest.fixture
def shop(new_shop: Shop) -> Iterator[Shop]:
    """An empty shop and audience. Unless the test says that it has spoilt them, both must agree at its end."""
    yield new_shop
    if not new_shop.spoilt:
        assert new_shop.differences() == []


@pytest.fixture
def buyer(shop: Shop) -> CustomerKnown:
    """Somebody who can buy two products of a shop that was synced."""
    buyer = customer(shop.clock(), 1, "buyer@mail.test")
    shop.tell(product(shop.clock()), product(shop.clock(), 8), buyer)
    # The first sync is silent: nobody is told of what is long over.
    shop.sync()
    return buyer


@pytest.fixture
def sql_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are judged by SQL, which decides; the evidence of Great Expectations and its site are left out.

    They take three quarters of a small run. What they say is tried where no such word stands: on the past of a whole
    shop, on every case, on the real orders, and on Airflow.
    """
    monkeypatch.setattr("retail_sync.quality.evidence.judge", lambda *_: {})
    monkeypatch.setattr("retail_sync.quality.docs.publish", lambda *_: None)


@pytest.fixture
def past(shop: Shop) -> Shop:
    """A shop with eighteen months behind it, synced for the first time."""
    shop.live_past()
    shop.sync()
    return shop
