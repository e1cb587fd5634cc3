"""Every pair that there is a file of: a small shop lives through it, and the oracle looks at what has come of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import read_all
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import Host, in_a_hurry, settings_for

from .shop import Shop

pytestmark = pytest.mark.usefixtures("sql_alone")

PAIRS, _ = read_all()


@pytest.fixture(params=PAIRS, ids=lambda pair: pair.pair)
def whole(request: pytest.FixtureRequest, host: Host, dsn: str) -> Iterator[Shop]:
    """An empty shop in the pair's system, and an account that has what the pair file names."""
    pair: Pair = request.param
    source: SandboxControl = request.getfixturevalue(pair.source.system)
    source.reset()
    end: dict[str, Any] = dict(pair.destination.settings) | in_a_hurry(pair.destination.system)
    served = settings_for(pair.destination.system, [end])
    with SandboxControl(host.start(pair.destination.system, settings=served, called=pair.pair)) as account:
        shop = Shop(source, account, dsn)
        yield shop
        shop.close()
    host.stop(pair.pair)


def silent(shop: Shop) -> None:
    """Another run has nothing to do."""
    assert shop.sync()["outbox"] == {}
    shop.run()
    assert shop.writes == 0


@pytest.mark.req("DAG-1", "DAG-2", "REC-1", "ORD-1", "ORD-3", "ID-3", "CON-1")
def test_a_small_shop_lives_through_every_pair(whole: Shop) -> None:
    whole.live_past(customers=15, orders=30)
    whole.sync()
    assert whole.differences() == []

    whole.live_day()
    whole.sync()
    whole.night()
    # Stock moves nothing else in an ERP: it comes with the catalogue.
    whole.run(dag="catalogue")
    found = whole.run(dag="audit")["steps"]["audit"]["by_kind"].values()
    assert {(kind["missing"], kind["extra"], kind["different"]) for kind in found} == {(0, 0, 0)}
    assert whole.differences() == []
    silent(whole)
