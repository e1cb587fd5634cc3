"""A dry run shows exactly what the next run then does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from retail_sync.cli.main import app
from retail_sync.delivery.brake import decide
from retail_sync.model.records import STREAMS
from retail_sync.pairs.files import PAIRS_FOLDER
from retail_sync.sandbox.world.events import CustomerKnown
from retail_sync.steps.context import Road
from retail_sync.steps.open_run import open_run
from retail_sync.steps.perform import perform
from retail_sync.steps.registry import function_of, steps_of
from retail_sync.steps.requests import RunRequest

from .mailchimp_shop import PAIR, MailchimpShop
from .tales import corrected, customer, order, product

pytestmark = pytest.mark.usefixtures("sql_alone")

Json = dict[str, Any]
_COLUMNS = ("kind", "operation", "vendor_key", "payload")
_QUEUED = "select kind, operation, vendor_key, payload from delivery.outbox where run_id = %s"
#: Books of the store by the kinds of rows that write them.
_BOOKS = {"customer": "customers", "order": "orders", "product": "products"}


def shown(rows: list[Json]) -> list[str]:
    """Rows so that they can be compared, whatever their order. Our own numbers of new people differ by run."""
    return sorted(json.dumps({name: row[name] for name in _COLUMNS}, sort_keys=True) for row in rows)


def queued(shop: MailchimpShop, run_id: str) -> list[Json]:
    """What a run has put into the outbox."""
    with shop.road.database.connection() as connection:
        return [dict(zip(_COLUMNS, row, strict=True)) for row in connection.execute(_QUEUED, [run_id])]


def changed(before: Json, after: Json) -> set[tuple[str, str]]:
    """Kind and key of what differs in the marketing platform's books."""
    (old_store,), (new_store,) = before["stores"].values(), after["stores"].values()
    found = {
        (kind, key)
        for kind, book in _BOOKS.items()
        for key, held in new_store[book].items()
        if _own(held) != _own(old_store[book].get(key, {}))
    }
    (old_list,), (new_list,) = before["lists"].values(), after["lists"].values()
    members = {member["id"]: member for member in old_list["members"]}
    for member in new_list["members"]:
        old = members.get(member["id"], {})
        found |= {("member", member["id"])} if member["merge_fields"] != old.get("merge_fields") else set()
        found |= {("tags", member["id"])} if set(member["tags"]) != set(old.get("tags", ())) else set()
        found |= {("event", told) for told in _told(member) - _told(old)}
    return found


def _told(member: Json) -> set[str]:
    """What was reported of a member, by the keys that rows have for it."""
    return {f"{member['id']}/{event['properties']['event_id']}" for event in member.get("events", ())}


def _own(held: Json) -> Json:
    """Without figures that follow from other objects, and without times of writing."""
    follows = {"customer", "orders_count", "total_spent", "updated_at"}
    own = {name: value for name, value in held.items() if name not in follows}
    for part in ("variants", "lines"):
        own[part] = [
            {name: value for name, value in one.items() if not name.endswith(("_at", "_title", "image_url"))}
            for one in held.get(part, ())
        ]
    return own


@pytest.mark.req("OPS-5")
def test_plan_lists_what_the_next_run_queues_and_sends(past: MailchimpShop) -> None:
    past.live_day()
    past.pass_time(minutes=5)
    past.stand_still()
    before = past.destination.state()

    planned = past.run(run_id="dry", dry_run=True)["steps"]["plan"]["rows"]
    assert past.writes == 0
    assert past.destination.state() == before
    again = past.run(run_id="dry again", dry_run=True)["steps"]["plan"]["rows"]
    assert shown(again) == shown(planned)

    past.run(run_id="wet")
    assert len(planned) > 20
    assert shown(queued(past, "wet")) == shown(planned)
    # An empty set of tags is a row of its own that has nothing to say.
    sent = {(row["kind"], row["vendor_key"]) for row in planned if row["kind"] != "tags" or row["payload"]["tags"]}
    assert changed(before, past.destination.state()) == sent
    past.night()


@pytest.mark.req("OPS-5")
def test_a_dry_run_leaves_nothing_behind(past: MailchimpShop) -> None:
    past.live_day()
    past.run(dry_run=True)
    past.run(dry_run=True, full_refresh=True)
    past.sync()
    past.night()


def planned(shop: MailchimpShop) -> list[Json]:
    """What a dry run lists."""
    rows: list[Json] = shop.run(dry_run=True)["steps"]["plan"]["rows"]
    return rows


def with_two_orders(shop: MailchimpShop) -> CustomerKnown:
    buyer = customer(shop.clock(), 1, "buyer@mail.test")
    shop.tell(product(shop.clock()), buyer, *(order(shop.clock(), number, buyer) for number in (501, 502)))
    shop.pass_time(minutes=5)
    shop.stand_still()
    return buyer


@pytest.mark.req("OPS-5", "DAG-4")
def test_plan_of_a_first_run_lists_what_is_told_once_the_history_is_found_right(shop: MailchimpShop) -> None:
    with_two_orders(shop)
    rows = planned(shop)
    assert shop.writes == 0
    assert {row["waits_for"] for row in rows} == {None, "history"}
    told = [(row["kind"], row["operation"]) for row in rows if row["waits_for"] == "history"]
    assert {("merge_field", "create"), ("member", "update"), ("tags", "update")} == set(told)

    shop.run(run_id="wet")
    assert shown(queued(shop, "wet")) == shown(rows)


@pytest.mark.req("OPS-5", "DAG-4")
def test_plan_lists_lifetime_facts_where_the_history_is_read_whole(shop: MailchimpShop) -> None:
    shop.change_pair(streams={"orders": {"first_read": "7d"}}, history={"begins": "2026-01-01"})
    with_two_orders(shop)
    rows = planned(shop)
    assert {row["waits_for"] for row in rows} == {None}
    shop.run(run_id="wet")
    assert shown(queued(shop, "wet")) == shown(rows)

    history: Json = {"dag": "history", "since": datetime(2026, 1, 1, tzinfo=UTC), "until": shop.clock()}
    rows = shop.run(dry_run=True, **history)["steps"]["plan"]["rows"]
    assert "history" in {row["waits_for"] for row in rows}
    shop.run(run_id="whole", **history)
    assert shown(queued(shop, "whole")) == shown(rows)


@pytest.mark.req("OPS-5", "DAG-8")
def test_plan_marks_what_waits_for_approval(shop: MailchimpShop) -> None:
    shop.change_pair(brake={"first_load": True})
    with_two_orders(shop)
    report = shop.run(dry_run=True)["steps"]["plan"]
    assert report["held"].startswith("The first load of ")

    shop.run(run_id="braked")
    sent = [row for row in report["rows"] if row["waits_for"] is None]
    delivered = shop.query("select kind, operation, vendor_key, payload from delivery.outbox where state = 'delivered'")
    assert shown([dict(zip(_COLUMNS, row, strict=True)) for row in delivered]) == shown(sent)
    assert {row["kind"] for row in sent} == {"merge_field", "store", "product"}, "what stands before anything else"
    assert shop.emails() == set()

    still = planned(shop)
    assert {row["waits_for"] for row in still} == {"approval"}
    assert len(still) == len(report["rows"]) - len(sent), "whoever is to approve it can look at it"
    with shop.road.database.connection() as connection:
        decide(connection, PAIR, "braked", "approved", by="somebody", now=shop.clock())
    shop.go_on("braked")


def plan_as_told(shop: MailchimpShop, monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    """What the command `plan` prints, in one line."""
    (folder / f"{PAIR}.yaml").write_text(shop.road.pair.model_dump_json(by_alias=True))
    for name, value in {**shop.environment(), PAIRS_FOLDER: str(folder), "COLUMNS": "400"}.items():
        monkeypatch.setenv(name, value)
    answer = CliRunner().invoke(app, ["plan", PAIR])
    assert answer.exit_code == 0, answer.output
    return " ".join(answer.output.split())


@pytest.mark.req("OPS-5", "SEC-2")
def test_the_command_says_which_fields_change_and_shows_no_address(
    shop: MailchimpShop, buyer: CustomerKnown, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop.tell(corrected(buyer, shop.clock(), first_name="Ylva"))
    shop.pass_time(minutes=5)
    said = plan_as_told(shop, monkeypatch, tmp_path)
    assert "2 changes" in said
    assert "→ Ylva" in said
    assert "buyer@mail.test" not in said
    shop.spoilt = True


@pytest.mark.req("OPS-5", "DAG-8")
def test_the_command_says_what_waits_and_why(
    shop: MailchimpShop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop.change_pair(brake={"first_load": True})
    with_two_orders(shop)
    said = plan_as_told(shop, monkeypatch, tmp_path)
    assert "6 of these wait for approval: The first load of 6 rows waits for approval." in said
    shop.change_pair(brake={"first_load": False})
    shop.run()


def up_to_plan(road: Road, run_id: str) -> None:
    """Do a run whose rows somebody else has to send."""
    open_run(road, run_id, RunRequest())
    steps = steps_of("live", STREAMS)
    for step in steps[: steps.index("plan") + 1]:
        perform(road, run_id, step, function_of(step))


@pytest.mark.req("OPS-5")
def test_plan_leaves_out_what_is_to_be_tried_again_later(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    shop.tell(corrected(buyer, shop.clock(), first_name="Ylva"))
    shop.pass_time(minutes=5)
    up_to_plan(shop.road, "broken off")
    assert {row["kind"] for row in planned(shop)} == {"customer", "member"}
    with shop.road.database.connection() as connection:
        connection.execute(
            "update delivery.outbox set available_at = %s where kind = 'member' and closed_at is null",
            [shop.clock() + timedelta(days=1)],
        )
    assert {row["kind"] for row in planned(shop)} == {"customer"}
    shop.pass_time(days=1)
    shop.sync()


@pytest.mark.req("OPS-5", "ID-7")
def test_plan_lists_what_another_pair_has_waiting_for_the_same_account(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    brand = shop.second_brand({"B_ORDERS": {"value": "facts.last_order_at", "type": "text"}})
    shop.tell(order(shop.clock(), 501, buyer))
    shop.sync()
    up_to_plan(brand, "brand")
    brand.database.close()
    rows = planned(shop)
    assert {row["pair"] for row in rows} == {"second_brand"}

    shop.run()
    sent = shop.query("select count(*) from delivery.audit where pair = 'second_brand' and result = 'delivered'")
    assert sent == [(len(rows),)]
    shop.spoilt = True
