"""Each figure says how it is known; where a destination shows no order, totals are those of the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from retail_sync.cli.main import app
from retail_sync.db.database import Database
from retail_sync.exceptions.entries import entries
from retail_sync.model.capabilities import Capabilities
from retail_sync.model.delivery import Contact, Held, Outcome, Sale, Total, Wanted
from retail_sync.reconcile.totals import order_differences, stated, sums
from retail_sync.steps.context import Road
from retail_sync.steps.requests import RunRequest
from retail_sync.steps.run import run_pair

from .memory_shop import NOON, PAIR, Hands, MemoryShop, Takes, road_to
from .outbox_rows import Outbox

PERSON = "insert into people.person (pair, email, created_at) values ('shop_to_list', 'ann@mail.test', %s)"
ORDER = """
    insert into people.order_value
        (pair, key, number, person_id, version_id, excluded, placed_at, currency, rate, gross, reduced, net, net_base,
         counted)
    select 'shop_to_list', %(key)s, %(number)s, person_id, 1, false, %(at)s, %(currency)s, %(rate)s, %(gross)s,
           %(gross)s - %(net)s, %(net)s, %(net)s * %(rate)s, true
      from people.person
"""


@dataclass
class Appending(Takes):
    """A destination that only ever takes orders, all in one currency, and shows none of them."""

    capabilities: Capabilities = Capabilities(  # noqa: RUF009 - it is frozen
        "member",
        {},
        1,
        ("member", "order"),
        frozenset({"member", "order"}),
        frozenset({"member"}),
        currency="SEK",
    )

    def structure(self, *, live: bool) -> Sequence[Wanted]:
        return ()

    def contacts(self, changed_since: datetime | None = None) -> Iterator[Contact]:
        return iter(())

    def read_all(self, kind: str) -> Iterator[Held]:
        assert kind == "member"
        return iter(())

    def totals(self) -> Sequence[Total]:
        return [Total(name="members", value="3"), Total(name="tags", value="2", proof="read_back")]

    def sale(self, payload: Mapping[str, Any]) -> Sale:
        return Sale(total=Decimal(payload["total"]), currency="SEK", sold_at=NOON)


@pytest.fixture
def road(database: Database) -> Road:
    found = road_to(database, MemoryShop(Hands(NOON + timedelta(hours=1))))
    found.__dict__["destination"] = Appending()
    return found


def sell(outbox: Outbox, number: str, net: str, sent: str, **more: Any) -> None:
    """An order as the source values it, and what was appended for it; an answer that never came appends nothing."""
    given = {"currency": "SEK", "rate": Decimal(1), "gross": net, **more}
    with outbox.database.connection() as connection:
        if not outbox.query("select 1 from people.person"):
            connection.execute(PERSON, (NOON,))
            connection.commit()
        connection.execute(ORDER, {"key": f"o{number}", "number": number, "net": Decimal(net), "at": NOON, **given})
    outbox.want(
        Wanted(kind="order", object_id=f"order:shop_main:o{number}", vendor_key=number, payload={"total": sent})
    )


def audited(outbox: Outbox, road: Road) -> dict[str, Any]:
    outbox.load()
    return run_pair(road, "night", RunRequest(dag="audit"))


@pytest.mark.req("ORD-7", "REC-1")
def test_orders_that_nobody_can_read_are_totalled_by_the_ledger_in_the_destinations_currency(
    database: Database, road: Road
) -> None:
    outbox = Outbox(database)
    sell(outbox, "1", "100.00", "100.00", gross="150.00")
    sell(outbox, "2", "10.00", "113.33", currency="EUR", rate=Decimal("11.333"))

    report = audited(outbox, road)

    assert report["proof"] == {"member": "read_back", "order": "ledger"}
    with database.connection() as connection:
        (line,) = sums(connection, "shop_to_list", "day")
        assert order_differences(connection, "shop_to_list") == []
        figures = stated(connection, "shop_to_list")
    assert (line.period, line.currency, line.orders, line.held, line.proof) == (date(2026, 5, 1), "SEK", 2, 2, "ledger")
    assert (line.gross, line.reduced, line.net) == (Decimal("263.33"), Decimal("50.00"), Decimal("213.33"))
    assert line.held_total == line.net
    assert {one.name: one.proof for one in figures.values()} == {"members": "counted", "tags": "read_back"}


@pytest.mark.req("ORD-7", "OPS-1")
def test_what_was_refused_or_never_answered_is_not_counted_as_delivered(
    database: Database, road: Road, tmp_path: Path, dsn: str
) -> None:
    outbox = Outbox(database)
    for number, verdict in (("1", "rejected"), ("2", "unknown"), ("3", "delivered")):
        sell(outbox, number, "100.00", "100.00")
        outbox.vendor.answers[f"order:shop_main:o{number}"] = Outcome(row_id=0, verdict=verdict, code="said")  # type: ignore[arg-type]
    sell(outbox, "4", "100.00", "90.00")

    audited(outbox, road)

    with database.connection() as connection:
        (line,) = sums(connection, "shop_to_list", "day")
        differing = {one.record: (one.why, one.proof) for one in order_differences(connection, "shop_to_list")}
        (found,) = [one for one in entries(connection) if one.subject == "reconcile.totals"]
    assert (line.orders, line.held, line.net, line.held_total) == (4, 2, Decimal(400), Decimal(190))
    assert differing == {
        "order 1": ("was refused", "ledger"),
        "order 2": ("is on its way", "ledger"),
        "order 4": (None, "ledger"),
    }
    assert "by what it has answered that it took" in found.cause

    (tmp_path / "shop_to_list.yaml").write_text(yaml.safe_dump(PAIR))
    environment = {"RETAIL_SYNC_DSN": dsn, "RETAIL_SYNC_PAIRS": str(tmp_path), "COLUMNS": "200", "TERM": "dumb"}
    shown = CliRunner().invoke(app, ["totals", "shop_to_list"], env=environment)
    assert shown.exit_code == 1
    assert "ledger" in shown.output
    assert "Stated there: members 3\nRead there: tags 2" in shown.output
