"""Rows that nobody can read back: a person says how they ended, and what they say is kept."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from retail_sync.cli.main import app
from retail_sync.db.acts import Act
from retail_sync.db.database import Database
from retail_sync.delivery.workers import IN_FLIGHT
from retail_sync.errors import ConfigurationError
from retail_sync.exceptions.entries import entries
from retail_sync.model.delivery import Outcome
from retail_sync.reconcile import by_hand
from retail_sync.reconcile.by_hand import Word
from retail_sync.steps.notice import notice

from .memory_shop import NOON, Hands, MemoryShop, road_to
from .memory_shop import PAIR as FILE
from .outbox_rows import Outbox, order
from .road_rows import PAIR

LATER = NOON + IN_FLIGHT


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


def unanswered(outbox: Outbox, *numbers: int) -> list[int]:
    """Orders of these numbers whose answer never comes, by the numbers of their rows."""
    outbox.want(*(order(number) for number in numbers))
    for number in numbers:
        outbox.vendor.answers[f"order:{number}"] = Outcome(row_id=0, verdict="unknown", code="unanswered")
    outbox.load()
    rows = outbox.query("select row_id from delivery.outbox where state = 'unknown' order by row_id")
    return [row_id for (row_id,) in rows]


def say(outbox: Outbox, word: Word, *rows: int, at: timedelta = IN_FLIGHT) -> list[str]:
    act = Act("settle", "kim", "Looked at the order's rows.", outbox.now + at)
    with outbox.database.connection() as connection:
        return [row.record for row in by_hand.settle(connection, PAIR, rows or None, word, act)]


@pytest.mark.req("OPS-1", "OPS-4", "SEC-3")
def test_what_a_person_has_found_is_delivered_and_never_sent_again(outbox: Outbox) -> None:
    (row,) = unanswered(outbox, 7)

    assert say(outbox, "arrived", row) == ["order 7"]

    assert outbox.states() == [("order:7", "delivered")]
    assert outbox.want(order(7)) == {}
    assert outbox.query("select payload, gone from delivery.ledger") == [({"n": 7}, False)]
    audited = outbox.query("select result, code, words from delivery.audit order by audit_id desc limit 1")
    assert audited == [("delivered", "by_hand", "kim found it there.")]
    kept = outbox.query("select who, what, pair, record, because, details from ops.act")
    words = "Looked at the order's rows."
    assert kept == [("kim", "settle", PAIR.pair, "order 7", words, {"row": row, "ended": "arrived"})]


@pytest.mark.req("OPS-4", "ORD-3")
def test_what_was_lost_goes_again_before_what_has_come_behind_it(outbox: Outbox) -> None:
    unanswered(outbox, 7)
    changed = order(7)
    changed.payload["n"] = 8
    outbox.want(changed)
    assert outbox.load() == {}

    assert say(outbox, "lost") == ["order 7"]
    outbox.now = LATER
    outbox.vendor.calls.clear()

    assert outbox.load() == {"order": {"delivered": 2}}
    assert [row.payload["n"] for call in outbox.vendor.calls for row in call] == [7, 8]


@pytest.mark.req("OPS-4")
def test_nobody_can_say_of_what_may_be_on_its_way_that_it_was_lost(outbox: Outbox) -> None:
    (row,) = unanswered(outbox, 7)
    soon = timedelta(seconds=30)

    with pytest.raises(ConfigurationError, match="may still be on its way"):
        say(outbox, "lost", row, at=soon)
    assert say(outbox, "lost", at=soon) == []
    assert outbox.states() == [("order:7", "unknown")]
    assert say(outbox, "arrived", row, at=soon) == ["order 7"]


@pytest.mark.req("OPS-4")
def test_only_what_is_named_is_settled_and_nothing_twice(outbox: Outbox) -> None:
    first, second = unanswered(outbox, 7, 8)

    say(outbox, "arrived", first)

    assert outbox.states() == [("order:7", "delivered"), ("order:8", "unknown")]
    with pytest.raises(ConfigurationError, match=f"row {first}"):
        say(outbox, "lost", second, first)
    assert outbox.states() == [("order:7", "delivered"), ("order:8", "unknown")]


@pytest.mark.req("OPS-1", "OPS-4")
def test_what_was_told_and_never_answered_blocks_only_itself(outbox: Outbox) -> None:
    outbox.vendor.answers["event:7"] = Outcome(row_id=0, verdict="unknown", code="unanswered")
    outbox.want(order(7), order(7, "order:7", kind="event"), order(8, "order:7", kind="event"))
    outbox.load()

    outbox.want(order(9), order(9, "order:7", kind="event"))

    assert outbox.load() == {"order": {"delivered": 1}, "event": {"delivered": 1}}
    waiting = outbox.query("select object_id from delivery.outbox where closed_at is null")
    assert waiting == [("event:7",)]


@pytest.mark.req("OPS-1")
def test_the_exception_names_the_command_and_closes_once_it_was_used(outbox: Outbox, tmp_path: Path, dsn: str) -> None:
    (row,) = unanswered(outbox, 7)
    (tmp_path / "shop_to_list.yaml").write_text(yaml.safe_dump(FILE))
    environment = {"RETAIL_SYNC_DSN": dsn, "RETAIL_SYNC_PAIRS": str(tmp_path), "COLUMNS": "400", "TERM": "dumb"}

    def call(*words: str) -> Result:
        return CliRunner().invoke(app, ["unknown", *words], env=environment)

    road = road_to(outbox.database, MemoryShop(Hands(LATER)))
    notice(road, "r")
    with outbox.database.connection() as connection:
        (found,) = entries(connection)
    assert found.subject == "outbox.unknown"
    assert f"`retail-sync unknown settle shop_to_list {row} --arrived`" in found.next_step

    (listed,) = json.loads(call("list", "--json").output)
    assert (listed["row_id"], listed["record"], listed["vendor_key"]) == (row, "order 7", "7")
    assert "1 unanswered" in call("list", "shop_to_list").output
    assert call("settle", "shop_to_list", "--arrived", "--because", "Seen.").exit_code == 2
    assert call("settle", "shop_to_list", str(row), "--lost", "--because", " ").exit_code == 2
    answer = call("settle", "shop_to_list", str(row), "--arrived", "--because", "Seen.", "--as", "kim")
    assert (answer.exit_code, "Delivered: 1 rows." in answer.output) == (0, True)

    notice(road, "r")
    with outbox.database.connection() as connection:
        assert entries(connection) == []
