"""A dry run shows exactly what the next run then does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .mailchimp_shop import MailchimpShop

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
