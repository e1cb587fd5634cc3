"""Reading contacts and exports at Emarsys: pages that shift, files that come in pieces, keys that nobody has."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from retail_sync.errors import ConfigurationError, IncompleteReadError, UnreachableError
from retail_sync.vendors.emarsys.access import Access
from retail_sync.vendors.emarsys.client import EmarsysClient
from retail_sync.vendors.emarsys.contacts import Contacts
from retail_sync.vendors.emarsys.directory import Directory
from retail_sync.vendors.emarsys.exports import Exports
from retail_sync.vendors.emarsys.facts import PAGE, EmarsysSettings
from retail_sync.vendors.emarsys.field_ids import FieldIds
from retail_sync.vendors.emarsys.shapes import OwnFields
from retail_sync.vendors.emarsys.wire import Ask, Reply

VIENNA = ZoneInfo("Europe/Vienna")
SETTINGS = EmarsysSettings(sales="none", key_field="5001", poll_from=0.001, poll_to=0.001, export_deadline=0.05)


class Said:
    """A client that gives these replies, one after the other, and keeps what it was asked."""

    def __init__(self, *replies: Reply, files: Iterable[str] = ()) -> None:
        self._replies = list(replies)
        self._files = iter(files)
        self.asked: list[Ask] = []

    def send(self, ask: Ask) -> Reply:
        self.asked.append(ask)
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    def text(self, ask: Ask) -> tuple[Reply, str]:
        self.asked.append(ask)
        return Reply(200, 0, "OK"), next(self._files)


def access(client: Said, now: datetime = datetime(2026, 3, 1, tzinfo=UTC)) -> Access:
    known = cast(EmarsysClient, client)
    return Access(known, FieldIds(client.send), SETTINGS, lambda: now)


def done(data: Any) -> Reply:
    return Reply(200, 0, "OK", data)


@pytest.mark.req("DAG-6")
def test_pages_overlap_and_no_contact_is_listed_twice() -> None:
    first = [{"id": str(number), "3": f"p{number}"} for number in range(PAGE)]
    # Ten were deleted between the pages, so that the rest has moved up.
    second = [{"id": str(number), "3": f"p{number}"} for number in range(PAGE - 40, PAGE + 5)]
    client = Said(done({"result": first}), done({"result": second}))

    found = [number for number, _ in Directory(access(client)).holding("3")]

    assert found == [str(number) for number in range(PAGE + 5)]
    assert int(client.asked[1].params["offset"]) < PAGE


@pytest.mark.req("REC-1")
@pytest.mark.parametrize("second", [{"result": []}, {"result": [{"id": "x", "3": "x"}]}, {}])
def test_a_page_that_does_not_join_the_one_before_it_is_no_end(second: dict[str, Any]) -> None:
    first = [{"id": str(number), "3": f"p{number}"} for number in range(PAGE)]
    client = Said(done({"result": first}), done(second))

    with pytest.raises(IncompleteReadError):
        list(Directory(access(client)).holding("3"))


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize("result", [False, None, []])
def test_nobody_is_found_in_every_way_of_saying_so(result: Any) -> None:
    client = Said(done({"result": result, "errors": [{"key": "a@mail.test", "errorCode": 2008, "errorMsg": "none"}]}))

    found = Directory(access(client)).by_email(["a@mail.test"])

    assert (found.records, found.refused) == ([], {})


@pytest.mark.req("CON-1")
def test_of_two_contacts_of_an_address_the_one_that_left_has_the_last_word() -> None:
    rows = [{"id": "1", "3": "A@mail.test", "31": "2"}, {"id": "2", "3": "a@mail.test", "31": "1", "5001": "main-1"}]
    client = Said(done({"result": rows}))

    found = Directory(access(client)).by_email(["a@mail.test"])

    assert [record.opt_in for record in found.records] == ["1", "2"]
    assert found.by_email["a@mail.test"].key == "main-1"


@pytest.mark.req("CON-3")
def test_a_file_is_read_page_by_page_without_its_header() -> None:
    files = iter(["user_id,E-Mail\n1,a\n", "2,b\n3,c\n", "user_id,E-Mail\n"])
    client = Said(done({"id": 7}), done({"status": "done"}), files=files)

    assert Exports(access(client)).read("/contact/getchanges", "x", {}).rows == [["1", "a"], ["2", "b"], ["3", "c"]]
    assert [ask.params["offset"] for ask in client.asked[2:]] == ["0", "1", "3"]


@pytest.mark.req("CON-3")
def test_whoever_knows_no_pages_gives_the_file_once() -> None:
    client = Said(done({"id": 7}), done({"status": "done"}), files=["1,a\n"] * 2)

    assert Exports(access(client)).read("/contact/getchanges", "x", {}).rows == [["1", "a"]]


@pytest.mark.req("CON-3")
def test_one_and_the_same_export_is_waited_for() -> None:
    running = Reply(400, 4001, "The same export is already running", "")
    client = Said(running, done({"id": 7}), done({"status": "done"}), files=[""])

    assert Exports(access(client), sleep=lambda _: None).read("/contact/getchanges", "x", {}).rows == []


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(400, 4000, "Invalid export parameter", ""), ConfigurationError),
        (Reply(400, 4001, "The same export is already running", ""), UnreachableError),
        (done({"id": 7, "status": "error"}), UnreachableError),
        (done({"id": 7, "status": "in progress"}), UnreachableError),
    ],
)
def test_an_export_that_can_not_be_had_is_an_error(reply: Reply, error: type[Exception]) -> None:
    with pytest.raises(error):
        Exports(access(Said(reply))).read("/contact/getchanges", "x", {})


@pytest.mark.req("CON-3")
@pytest.mark.parametrize("minutes", range(-15, 150, 15))
def test_an_hour_that_comes_twice_leaves_no_gap(minutes: int) -> None:
    # At one o'clock by UTC, Vienna's clocks go from three back to two.
    now = datetime(2026, 10, 25, 0, 30, tzinfo=UTC) + timedelta(minutes=minutes)
    since = now - timedelta(minutes=20)
    client = Said(done({"id": 7}), done({"status": "done"}), done({"id": 8}), done({"status": "done"}), files=["", ""])

    assert list(Contacts(access(client, now), OwnFields([])).changed(since)) == []

    begin, end = (datetime.fromisoformat(text) for text in client.asked[0].body["time_range"])
    assert begin <= end
    # For whichever of two equal hours it is taken.
    assert max(begin.replace(tzinfo=VIENNA, fold=fold).astimezone(UTC) for fold in (0, 1)) <= since


@pytest.mark.req("CON-3", "CON-4")
def test_in_an_hour_that_comes_twice_a_leaving_is_late_and_what_was_told_is_early() -> None:
    made, left = "2026-10-25 02:40:00", "2026-10-25 02:30:00"
    export = {"id": 7, "status": "done", "created": made}
    record = {"id": "1", "3": "a@mail.test", "31": "2", "5001": "main-1"}
    client = Said(*[done(export)] * 4, done({"result": [record]}), files=[f"1,a,{left},unsubscribe\n", "", "", ""])
    now = datetime(2026, 10, 25, 2, tzinfo=UTC)

    (contact,) = Contacts(access(client, now), OwnFields([])).changed(now - timedelta(hours=3))

    assert contact.changed_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert contact.told_at == datetime(2026, 10, 25, 0, 40, tzinfo=UTC)
