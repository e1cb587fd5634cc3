"""The history: read by days, going on where it broke off, with the customers that its orders name, behind all else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from retail_sync.model.delivery import PRIORITY, Delivery, Outcome
from retail_sync.model.reading import Page, Window
from tests.oracle.terms import Json

from .beginnings import Beginnings
from .mailchimp_shop import MailchimpShop
from .shop import NOON
from .tales import customer, order, product

pytestmark = pytest.mark.usefixtures("sql_alone")


class Watched:
    """A source that keeps what it was asked, and may break off at a day."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self.asked: list[tuple[str, datetime]] = []
        self.breaks_at: datetime | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def extract(self, stream: str, window: Window | None, parents: Sequence[str] = ()) -> Iterator[Page]:
        if window is not None:
            self.asked.append((stream, window.since))
            if self.breaks_at is not None and stream == "orders" and window.since >= self.breaks_at:
                self.breaks_at = None
                raise ConnectionError
        yield from self._source.extract(stream, window, parents)


@pytest.fixture
def watched(shop: MailchimpShop) -> Watched:
    source = Watched(shop.road.source)
    shop.road.source = source
    return source


def slots(shop: MailchimpShop, run_id: str, stream: str = "orders") -> list[tuple[str, int]]:
    with shop.road.database.connection() as connection:
        return connection.execute(
            "select state, extracted from road.slot where run_id = %s and stream = %s order by number", (run_id, stream)
        ).fetchall()


LONG_AGO = NOON - timedelta(days=99)
ANNA = customer(LONG_AGO, 1, "anna@mail.test", newsletter=True)
#: After so many days nobody is told of an order any more.
OLD = 10


@pytest.fixture(autouse=True)
def begun(shop: MailchimpShop, beginnings: Beginnings) -> None:
    """A shop that has been synced before it sold anything: what it is then told of the past no live run reads."""
    beginnings.begin(shop, before_it_sold)


def before_it_sold(shop: MailchimpShop) -> None:
    shop.tell(product(LONG_AGO), customer(LONG_AGO, 9, "else@mail.test"))
    shop.sync()


def past_orders(shop: MailchimpShop, days: int) -> None:
    """Somebody has bought something on each of so many days, some time ago."""
    shop.tell(ANNA, *(order(NOON - timedelta(days=OLD + day, hours=1), 500 + day, ANNA) for day in range(days)))


@pytest.mark.req("DAG-4", "DAG-2", "DAG-3")
def test_a_history_that_broke_off_goes_on_at_the_day_where_it_was(shop: MailchimpShop, watched: Watched) -> None:
    past_orders(shop, 6)
    window = {"since": NOON - timedelta(days=OLD + 6), "until": NOON - timedelta(days=OLD)}
    watched.breaks_at = NOON - timedelta(days=OLD + 3)
    with pytest.raises(ConnectionError):
        shop.run(run_id="past", dag="history", **window)
    assert slots(shop, "past") == [("complete", 1)] * 3 + [("reading", 0)] + [("waiting", 0)] * 2

    watched.asked.clear()
    report = shop.go_on("past", dag="history", **window)
    assert [since for stream, since in watched.asked if stream == "orders"] == [
        NOON - timedelta(days=OLD + days) for days in (3, 2, 1)
    ]
    assert slots(shop, "past") == [("complete", 1)] * 6
    assert report["streams"]["orders"]["extracted"] == 6
    assert report["streams"]["orders"]["duplicates"] == 0
    assert len(shop.store()["orders"]) == 6

    watched.asked.clear()
    shop.go_on("past", dag="history", **window)
    assert len([stream for stream, _ in watched.asked if stream == "orders"]) == 6, "one that had ended is read again"


@pytest.mark.req("DAG-4", "CON-2")
def test_a_history_reads_the_customers_that_its_orders_name_and_nobody_has_read(
    shop: MailchimpShop, watched: Watched
) -> None:
    past_orders(shop, 1)
    shop.sync()
    assert "anna@mail.test" not in shop.emails(), "what lies before what was read already is not seen"
    watched.asked.clear()
    shop.run(dag="history")
    assert shop.member("anna@mail.test")["status"] == "subscribed"
    assert "customers" not in {stream for stream, _ in watched.asked}
    shop.sync()
    report = shop.run(dag="history")
    assert report["streams"]["customers"]["extracted"] == 0, "who is known is not asked for again"


class Slow:
    """A destination at which somebody orders while a history is being sent."""

    def __init__(self, destination: Any, meanwhile: Any) -> None:
        self._destination, self._meanwhile = destination, meanwhile
        self.sent: list[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._destination, name)

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        self.sent.append([row.object_id for row in rows])
        yield from self._destination.deliver(rows)
        if rows[0].kind == "order" and self._meanwhile is not None:
            meanwhile, self._meanwhile = self._meanwhile, None
            meanwhile()


@pytest.mark.req("DAG-4")
def test_what_is_live_goes_before_the_rest_of_a_history(shop: MailchimpShop) -> None:
    past_orders(shop, 8)
    settings = shop.road.pair.destination.settings
    shop.change_pair(destination={"settings": {**settings, "batch_operations": 2}}, load={"share": 0.1})

    def queue_something_live() -> None:
        with shop.road.database.connection() as connection:
            connection.execute(
                """
                insert into delivery.outbox (account, pair, kind, object_id, vendor_key, row, operation, payload, hash,
                                             priority, run_id, queued_at)
                select account, pair, kind, object_id, vendor_key, 'state', 'update', payload, hash, %s, 'live', now()
                  from delivery.ledger where kind = 'product' limit 1
                """,
                (PRIORITY["state"],),
            )

    slow = Slow(shop.road.destination, queue_something_live)
    shop.road.destination = slow
    shop.run(dag="history")
    kinds = [rows[0].partition(":")[0] for rows in slow.sent]
    first = kinds.index("order")
    assert kinds[first + 1] == "product"
    assert kinds.count("order") >= 4
    assert len(shop.store()["orders"]) == 8


@pytest.mark.req("DAG-4")
def test_a_live_run_leaves_the_rows_of_an_open_history_to_it(shop: MailchimpShop) -> None:
    past_orders(shop, 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("retail_sync.steps.load.empty", _refused)
        with pytest.raises(ConnectionError):
            shop.run(run_id="past", dag="history")
    with shop.road.database.connection() as connection:
        connection.execute("update road.run set state = 'open' where run_id = 'past'")
    shop.sync()
    assert shop.store()["orders"] == {}
    shop.go_on("past", dag="history")
    assert len(shop.store()["orders"]) == 3


def _refused(*_: Any) -> Json:
    raise ConnectionError
