"""The Emarsys sandbox: what people do by hand, and the exports by which alone it is heard of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from retail_sync.sandbox.world.events import (
    ContactArchived,
    ContactBounced,
    ContactEdited,
    ContactForgotten,
    ContactImported,
    ContactLeft,
    ContactSignedUp,
    ShopEvent,
)

from .emarsys_account import EMAIL, KEY, OPT_IN, Caller, account, person

#: A summer's noon: 14:00 in Vienna.
NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
ANN = "ann@mail.test"
RESPONSES: dict[str, Any] = {
    "distribution_method": "local",
    "sources": ["unsubscribe", "complaint"],
    "time_range": ["2026-07-01 14:00:00", "2026-07-01 14:00:10"],
    "contact_fields": [KEY, EMAIL, OPT_IN],
    "analysis_fields": [8, 12],
}
CHANGES: dict[str, Any] = {
    "distribution_method": "local",
    "origin": "all",
    "origin_id": "0",
    "time_range": ["2026-07-01", "2026-07-01"],
    "contact_fields": [KEY, OPT_IN],
    "delimiter": ";",
}


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account() as caller:
        yield caller


@pytest.fixture
def api(_running: Caller) -> Iterator[Caller]:
    """An account with a contact that opted in the day before."""
    _running.control.reset()
    _running.control.stand_at(NOON - timedelta(days=1))
    _running.log_in()
    _running.put(person("ann", **{OPT_IN: 1}))
    _running.control.stand_at(NOON)
    _running.log_in()
    yield _running
    assert _running.control.log()["crashed"] == []


def begun(api: Caller, path: str, body: dict[str, Any], **more: Any) -> int:
    found: int = api.done("POST", path, {**body, **more})["id"]
    return found


def responses(api: Caller, **more: Any) -> list[list[str]]:
    export = begun(api, "/email/getresponses", RESPONSES, **more)
    assert api.finished(export)["status"] == "done"
    return api.file(export)


def changes(api: Caller, **more: Any) -> list[list[str]]:
    export = begun(api, "/contact/getchanges", CHANGES, **more)
    api.finished(export)
    return api.file(export, ";")[1:]


class TestByHand:
    @pytest.mark.req("CON-3")
    def test_who_leaves_is_in_the_responses_with_the_second_and_in_the_changes_with_the_day(self, api: Caller) -> None:
        api.control.apply([ContactLeft(at=NOON, email=ANN.upper())])
        assert responses(api) == [
            ["user_id", "retail_sync_id", "E-Mail", "Opt-In", "Time", "Campaign ID", "source"],
            ["100000001", "ann", ANN, "False", "2026-07-01 14:00:00", "89268", "unsubscribe"],
        ]
        assert changes(api) == [["100000001", "ann", "False"]]
        assert api.consent("ann") == [("1", "created by API"), ("2", "contact left")]

    @pytest.mark.req("CON-3")
    def test_the_range_of_responses_is_in_local_time_with_both_ends(self, api: Caller) -> None:
        api.control.apply([ContactLeft(at=NOON, email=ANN)])
        assert len(responses(api, time_range=["2026-07-01 13:59:00", "2026-07-01 14:00:00"])) == 2
        assert len(responses(api, time_range=["2026-07-01 12:00:00", "2026-07-01 13:59:59"])) == 1

    @pytest.mark.req("CON-3")
    def test_an_unsubscribe_that_is_reported_leaves_the_opt_in_alone(self, api: Caller) -> None:
        api.done("POST", "/email/unsubscribe", {"email_id": 5, "key_id": KEY, "key_value": "ann"})
        assert [row[3:] for row in responses(api)[1:]] == [["True", "2026-07-01 14:00:00", "5", "unsubscribe"]]
        assert api.refused("POST", "/email/unsubscribe", {"email_id": 5, "contact_uid": "zoe"}) == (404, 2008)
        assert api.refused("POST", "/email/unsubscribe", {"contact_uid": "zoe"}) == (400, 1001)

    @pytest.mark.req("CON-7")
    def test_a_form_brings_people_back_and_makes_contacts_without_our_key(self, api: Caller) -> None:
        api.put({KEY: "ann", OPT_IN: 2})
        api.control.apply([ContactSignedUp(at=NOON, email=ANN), ContactSignedUp(at=NOON, email="new@mail.test")])
        assert api.consent("ann")[1:] == [("2", "updated by API"), ("1", "signed up")]
        assert changes(api, origin="form") == [["100000001", "ann", "True"], ["100000002", "", "True"]]
        assert api.control.state()["contacts"][1]["made_by"] == "form"

    @pytest.mark.req("CON-7")
    def test_an_import_asks_nobody_and_is_told_to_nobody(self, api: Caller) -> None:
        told: list[ShopEvent] = [
            ContactImported(at=NOON, email=ANN, status="unsubscribed"),
            ContactImported(at=NOON, email=ANN),
            ContactImported(at=NOON, email="new@mail.test", status="transactional"),
        ]
        api.control.apply(told)
        assert changes(api) == []
        assert api.consent("ann") == [("1", "created by API"), ("2", "imported"), ("1", "imported")]
        assert api.control.state()["contacts"][1]["opt_in"] == ""

    @pytest.mark.req("CON-3")
    def test_a_bounce_is_seen_at_the_address_and_not_at_the_opt_in(self, api: Caller) -> None:
        api.control.apply([ContactBounced(at=NOON, email=ANN), ContactArchived(at=NOON, email=ANN)])
        assert api.contact("ann")["fields"]["email_valid"] == "2"
        assert api.consent("ann") == [("1", "created by API")]

    @pytest.mark.req("CUS-1")
    def test_an_admin_edits_fields(self, api: Caller) -> None:
        api.control.apply([ContactEdited(at=NOON, email=ANN, fields={"first_name": "Anna", OPT_IN: "2"})])
        assert api.contact("ann")["fields"]["first_name"] == "Anna"
        assert api.consent("ann")[-1] == ("2", "edited")

    @pytest.mark.req("SEC-2")
    def test_who_is_deleted_is_gone_from_every_export(self, api: Caller) -> None:
        api.control.apply([ContactLeft(at=NOON, email=ANN), ContactForgotten(at=NOON, email=ANN)])
        assert (len(responses(api)), changes(api)) == (1, [])


class TestChanges:
    @pytest.mark.req("CON-3")
    def test_of_the_api_s_changes_only_address_and_opt_in_are_told(self, api: Caller) -> None:
        api.put({KEY: "ann", "1": "Ann"})
        assert changes(api) == []
        api.put(person("bo"), {KEY: "ann", OPT_IN: 2})
        assert changes(api, origin="api") == [["100000001", "ann", "False"], ["100000002", "bo", ""]]
        assert changes(api, origin="form") == []

    @pytest.mark.req("CON-3")
    def test_days_are_local_and_both_in_it(self, api: Caller) -> None:
        assert changes(api, time_range=["2026-06-30", "2026-06-30"]) == [["100000001", "ann", "True"]]
        api.control.stand_at(datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
        api.log_in()
        api.put({KEY: "ann", OPT_IN: 2})
        assert (changes(api), len(changes(api, time_range=["2026-07-01", "2026-07-02"]))) == ([], 1)

    @pytest.mark.req("OPS-1")
    @pytest.mark.parametrize(
        "more",
        [
            {"time_range": ["2026-07-01 12:00:00", "2026-07-01 13:00:00"]},
            {"time_range": ["2026-07-02", "2026-07-01"]},
            {"contact_fields": []},
            {"contact_fields": [3, 27]},
            {"contact_fields": [3] * 21},
            {"origin": "shop"},
            {"delimiter": "|"},
            {"distribution_method": "carrier pigeon"},
        ],
    )
    def test_what_can_not_be_exported(self, api: Caller, more: dict[str, Any]) -> None:
        assert api.refused("POST", "/contact/getchanges", {**CHANGES, **more}) == (400, 4000)


class TestStates:
    @pytest.mark.req("CON-3")
    def test_an_export_is_worked_off_by_and_by(self, api: Caller) -> None:
        api.control.fault("export_slow", seconds=60)
        export = begun(api, "/email/getresponses", RESPONSES)
        found = api.done("GET", f"/export/{export}")
        assert (found["id"], found["status"], found["file_name"]) == (str(export), "scheduled", None)
        assert found["created"] == "2026-07-01 14:00:00"
        assert api.refused("GET", f"/export/{export}/data") == (404, 4005)
        assert api.refused("POST", "/email/getresponses", RESPONSES) == (400, 4001)
        begun(api, "/email/getresponses", RESPONSES, sources=["unsubscribe"])
        api.control.stand_at(NOON + timedelta(seconds=61))
        assert api.finished(export)["file_name"] == f"responses_{export}.csv"
        begun(api, "/email/getresponses", RESPONSES)

    @pytest.mark.req("CON-3")
    def test_an_export_may_fail(self, api: Caller) -> None:
        api.control.fault("export_fails")
        export = begun(api, "/email/getresponses", RESPONSES)
        assert api.finished(export)["status"] == "error"
        assert api.refused("GET", f"/export/{export}/data") == (404, 4005)

    @pytest.mark.req("CON-3")
    def test_a_file_is_not_kept_for_ever_nor_found_elsewhere(self, api: Caller) -> None:
        export = begun(api, "/contact/getchanges", CHANGES)
        api.finished(export)
        api.control.fault("export_gone")
        assert api.refused("GET", f"/export/{export}/data") == (410, 4003)
        api.file(export)
        api.control.stand_at(NOON + timedelta(days=8))
        api.log_in()
        assert api.refused("GET", f"/export/{export}/data") == (410, 4003)
        away = begun(api, "/contact/getchanges", CHANGES, distribution_method="sftp")
        assert api.refused("GET", f"/export/{away}/data") == (404, 4004)
        assert api.refused("GET", "/export/77") == (404, 4006)

    @pytest.mark.req("CON-3")
    def test_a_file_is_read_in_parts_with_its_header_on_the_first(self, api: Caller) -> None:
        api.put(*(person(f"p{place}") for place in range(5)))
        export = begun(api, "/contact/getchanges", CHANGES, delimiter=",")
        api.finished(export)
        parts = [api.file(export, offset=offset, limit=2) for offset in (0, 2, 4, 6)]
        assert [len(part) for part in parts] == [3, 2, 1, 0]
        old = api.session.get(f"{api.url}/api/v3/export/{export}/data/offset=2&limit=2", timeout=10)
        assert old.text.splitlines() == [",".join(row) for row in parts[1]]

    @pytest.mark.req("CON-3")
    def test_a_header_is_left_out_on_demand(self, api: Caller) -> None:
        export = begun(api, "/contact/getchanges", CHANGES, add_field_names_header=0, time_range=["2026-06-30"] * 2)
        api.finished(export)
        assert api.file(export, ";") == [["100000001", "ann", "True"]]
