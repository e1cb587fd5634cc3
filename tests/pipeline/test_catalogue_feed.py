"""A catalogue that goes whole, as a file: what it holds, how it goes, and what stops it."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from retail_sync.cli.main import app
from retail_sync.delivery.catalogue import Shelf
from retail_sync.exceptions.entries import entries
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.world.events import StockChanged
from tests.oracle.terms import Json

from .shop import Shop
from .tales import product, sku

pytestmark = [pytest.mark.usefixtures("sql_alone"), pytest.mark.req("CAT-1")]

LINK = "https://shop.test/p/{number}"


@pytest.fixture
def shop(centra: SandboxControl, emarsys: SandboxControl, dsn: str) -> Iterator[Shop]:
    """A shop with four products, whose catalogue Emarsys fetches."""
    for control in (centra, emarsys):
        control.reset()
    shop = Shop(centra, emarsys, dsn)
    settle(shop, catalogue_link=LINK)
    shop.tell(*(product(shop.clock(), number) for number in (7, 8, 9, 10)))
    yield shop
    shop.close()


def settle(shop: Shop, **settings: Any) -> None:
    """Edit the settings of the pair's end at Emarsys."""
    shop.change_pair(destination={"settings": {**shop.road.pair.destination.settings, **settings}})


def publish(shop: Shop) -> Json:
    """An hour later, do the catalogue run; gives what became of the file."""
    shop.pass_time(hours=1)
    found: Json = shop.run(dag="catalogue")["steps"]["publish"]
    return found


def fetched(shop: Shop) -> dict[str, Json]:
    """The rows that stand, by item."""
    with shop.road.database.connection() as connection:
        found = Shelf(connection, shop.road.pair.pair, shop.road.pair.destination.account).published()
    assert found is not None
    return {row["item"]: row for row in csv.DictReader(io.StringIO(gzip.decompress(found[0]).decode()))}


def wrong(shop: Shop) -> list[str]:
    """What waits for a person because of the catalogue."""
    with shop.road.database.connection() as connection:
        return [one.subject for one in entries(connection) if one.subject.startswith("catalogue.")]


def test_a_file_has_every_variant_with_its_group_price_and_stock(shop: Shop) -> None:
    report = publish(shop)
    rows = fetched(shop)
    assert report["state"] == "published"
    assert report["rows"] == len(rows)
    one = rows[sku(7)]
    assert one["available"] == "true"
    assert one["price"] == "100.00"
    assert one["link"].startswith("https://shop.test/")
    assert {row["group_id"] for row in rows.values() if row["title"].startswith(one["title"].split()[0])}
    assert len({row["group_id"] for row in rows.values()}) == 4


def test_what_is_sold_out_is_marked_so_and_an_equal_file_changes_nothing(shop: Shop) -> None:
    publish(shop)
    assert publish(shop)["is_new"] is False
    shop.tell(StockChanged(at=shop.clock(), variant_id=70, stock=0))
    assert publish(shop)["is_new"] is True
    assert fetched(shop)[sku(7)]["available"] == "false"


def test_a_file_that_is_pushed_replaces_what_stood(shop: Shop) -> None:
    settle(shop, catalogue="pushed")
    shop.sync()
    publish(shop)
    assert shop.writes == 1
    assert shop.destination.state()["catalogue"]["items"].keys() == fetched(shop).keys()
    publish(shop)
    assert shop.writes == 0


def test_a_push_without_an_answer_is_done_again(shop: Shop) -> None:
    settle(shop, catalogue="pushed")
    shop.destination.fault("after_write_drop", endpoint="POST catalog")
    publish(shop)
    assert publish(shop)["state"] == "published"
    assert shop.destination.state()["catalogue"]["items"].keys() == fetched(shop).keys()


def test_a_file_that_has_lost_too_much_waits_for_a_person(shop: Shop) -> None:
    publish(shop)
    stood = fetched(shop)
    settle(shop, catalogue_link="")
    assert publish(shop)["state"] == "held"
    assert fetched(shop) == stood
    assert wrong(shop) == ["catalogue.held"]

    decide(shop, approved=True)
    assert publish(shop)["state"] == "published"
    assert len(fetched(shop)) < len(stood)
    assert wrong(shop) == []


def test_a_file_that_was_rejected_stays_away_until_it_says_something_else(shop: Shop) -> None:
    publish(shop)
    settle(shop, catalogue_link="")
    publish(shop)
    decide(shop, approved=False)
    assert publish(shop)["state"] == "dropped"
    assert wrong(shop) == []
    settle(shop, catalogue_link="https://shop.test/other/{number}")
    assert publish(shop)["state"] == "published"


def test_what_is_refused_is_told_with_the_vendors_words(shop: Shop) -> None:
    settle(shop, catalogue="pushed", catalogue_currencies=["E-R"])
    found = publish(shop)
    assert found["state"] == "refused"
    assert "price_E-R" in found["words"]
    assert wrong(shop) == ["catalogue.refused"]
    settle(shop, catalogue_currencies=["EUR"])
    assert publish(shop)["state"] == "published"
    assert wrong(shop) == []


def decide(shop: Shop, *, approved: bool) -> None:
    """What a person says of the file that waits, and why."""
    what = "approve" if approved else "reject"
    words = ["catalogue", what, shop.road.pair.pair, "--because", "they are gone", "--as", "somebody"]
    answer = CliRunner().invoke(app, words, env={"RETAIL_SYNC_DSN": shop.dsn})
    assert answer.exit_code == 0, answer.output
    done = shop.query("select who, what, record, because from ops.act order by act_id desc limit 1")
    assert done == [("somebody", what, "catalogue", "they are gone")]


def test_a_first_file_without_rows_waits_for_a_person_and_names_why(shop: Shop) -> None:
    settle(shop, catalogue="pushed", catalogue_link="")

    report = publish(shop)

    assert (report["state"], report["rows"], report["left_out"]) == ("held", 0, 4)
    assert "4 products lack" in report["words"]
    assert shop.destination.state()["catalogue"]["uploads"] == []
    assert wrong(shop) == ["catalogue.held"]
