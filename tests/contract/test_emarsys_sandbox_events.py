"""The Emarsys sandbox: external events run once for each id, and a success is no mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .emarsys_account import KEY, Caller, account, fresh, person

SHIPPED, QUIET = "/event/4001/trigger", "/event/4002/trigger"
EVENTS = ({"name": "order_shipped"}, {"name": "browsed", "mail": False})


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account(events=EVENTS) as caller:
        yield caller


@pytest.fixture
def api(_running: Caller) -> Iterator[Caller]:
    fresh(_running).put(person("ann"))
    yield _running
    assert _running.control.log()["crashed"] == []


def shipped(who: str = "ann", parcel: str = "1", **more: Any) -> dict[str, Any]:
    data = {"global": {"tracking": "JJD1", "carrier": "DHL"}, "products": [{"sku": "A"}]}
    return {"external_id": who, "trigger_id": f"order_shipped:1001:{parcel}", "data": data, **more}


def counts(api: Caller) -> tuple[int, int, int]:
    found = api.control.state()["counts"]
    return found["triggers"], found["repeated_triggers"], found["mails"]


@pytest.mark.req("SHP-2")
def test_a_trigger_with_the_same_id_runs_once_however_often_it_comes(api: Caller) -> None:
    for _ in range(2):
        api.done("POST", SHIPPED, {"key_id": KEY, **shipped()})
    api.done("POST", SHIPPED, {"key_id": KEY, "contacts": [shipped(), shipped(parcel="2")]})
    assert counts(api) == (2, 2, 2)
    first = api.control.state()["triggers"][0]
    assert (first["trigger_id"], first["times"], first["data"]["global"]["carrier"]) == (
        "order_shipped:1001:1",
        3,
        "DHL",
    )


@pytest.mark.req("SHP-2")
def test_a_trigger_without_an_id_runs_every_time(api: Caller) -> None:
    for _ in range(2):
        api.done("POST", SHIPPED, {"key_id": KEY, "external_id": "ann", "contacts": None, "trigger_id": None})
    assert counts(api) == (2, 0, 2)


@pytest.mark.req("SHP-2")
def test_a_contact_has_to_be_there(api: Caller) -> None:
    assert api.refused("POST", SHIPPED, {"key_id": KEY, **shipped("bo")}) == (400, 2008)
    found = api.done(
        "POST", SHIPPED, {"key_id": KEY, "external_id": "", "data": None, "contacts": [shipped("bo"), shipped()]}
    )
    assert found["ids"] == ["100000001"]
    assert found["errors"] == {"bo": {"2008": f"No contact found with the external id: {KEY} - bo"}}


@pytest.mark.req("OPS-1")
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"event_time": "2026-03-02T12:00:00+01:00"}, 5010),
        ({"event_time": "2026-03-02 12:00:00"}, 5010),
        ({"data": [1]}, 5011),
        ({"data": {"global": {"text": "x" * 100_001}}}, 5008),
        ({"trigger_id": 7}, 1001),
    ],
)
def test_a_trigger_that_is_wrong_stops_its_whole_batch(api: Caller, more: dict[str, Any], code: int) -> None:
    body = {"key_id": KEY, "contacts": [shipped(), shipped(parcel="2") | more]}
    assert api.refused("POST", SHIPPED, body) == (400, code)
    assert counts(api) == (0, 0, 0)


@pytest.mark.req("DAG-6")
def test_a_batch_of_triggers_has_its_limits(api: Caller) -> None:
    rows = [{"external_id": "ann"} for _ in range(1001)]
    assert api.refused("POST", SHIPPED, {"key_id": KEY, "contacts": rows}) == (400, 1000)
    big = [shipped(parcel=str(place), data={"text": "x" * 90_000}) for place in range(12)]
    assert api.refused("POST", SHIPPED, {"key_id": KEY, "contacts": big})[0] == 413


@pytest.mark.req("OPS-1")
def test_an_event_that_is_not_there(api: Caller) -> None:
    assert api.refused("POST", "/event/77/trigger", {"key_id": KEY, **shipped()}) == (400, 5001)
    assert api.refused("POST", "/event/shipped/trigger", {"key_id": KEY, **shipped()}) == (400, 5004)


@pytest.mark.req("ORD-6")
def test_a_success_tells_what_hangs_on_the_event_and_no_more(api: Caller) -> None:
    sent = api.done("POST", SHIPPED, {"key_id": KEY, **shipped(event_time="2026-03-02T12:00:00.000Z")})
    assert sent["connectedTo"]["email"] is True
    assert api.done("POST", QUIET, {"key_id": KEY, "external_id": "ann"}) == {"connectedTo": False}
    assert counts(api) == (2, 0, 1)


@pytest.mark.req("ORD-6")
def test_without_interactions_nothing_to_run_is_an_error() -> None:
    with account(events=EVENTS, interactions=False) as api:
        api.put(person("ann"))
        assert api.done("POST", SHIPPED, {"key_id": KEY, **shipped()}) == {}
        assert api.refused("POST", QUIET, {"key_id": KEY, **shipped()}) == (400, 5005)
        assert counts(api) == (1, 0, 1)


@pytest.mark.req("ORD-6")
def test_events_are_listed_made_once_renamed_and_deleted(api: Caller) -> None:
    assert [(one["id"], one["name"]) for one in api.done("GET", "/event")] == [
        ("4001", "order_shipped"),
        ("4002", "browsed"),
    ]
    made = api.done("POST", "/event", {"name": "order_confirmed"})
    assert made["id"] == 4003
    assert api.refused("POST", "/event", {"name": "order_confirmed"}) == (400, 5003)
    assert api.refused("POST", "/event", {}) == (400, 5002)
    assert api.done("POST", "/event/4003", {"name": "order_paid"})["name"] == "order_paid"
    api.done("POST", "/event/4003/delete")
    assert "order_paid" not in api.control.state()["events"]


@pytest.mark.req("SHP-2")
def test_a_trigger_can_be_refused_for_one_of_many(api: Caller) -> None:
    api.put(person("bo"))
    api.control.fault("trigger_refused", endpoint="bo", options={"code": 2010, "text": "More contacts found"})
    found = api.done("POST", SHIPPED, {"key_id": KEY, "contacts": [shipped(), shipped("bo", "2")]})
    assert found["errors"] == {"bo": {"2010": "More contacts found"}}
    assert counts(api) == (1, 0, 1)
