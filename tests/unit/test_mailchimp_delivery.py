"""Taking rows to Mailchimp where its answers are odd: a double stands for the way there."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from retail_sync.errors import ConfigurationError, IncompleteReadError, UnreachableError
from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.ports import Connection, Services
from retail_sync.model.views import DestinationView
from retail_sync.vendors.mailchimp import VENDOR
from retail_sync.vendors.mailchimp.batches import Asked, Batches
from retail_sync.vendors.mailchimp.client import base_url
from retail_sync.vendors.mailchimp.delivery import MailchimpDelivery
from retail_sync.vendors.mailchimp.facts import MailchimpSettings
from retail_sync.vendors.mailchimp.paging import everything
from retail_sync.vendors.mailchimp.payloads import contact_key
from retail_sync.vendors.mailchimp.wire import Paths, Reply, Write

NOW = datetime(2026, 3, 1, tzinfo=UTC)
Answers = Callable[[Write], Reply]


class Double:
    """Stands for Mailchimp: answers as it is told and remembers what it was asked."""

    def __init__(self, answers: Answers, archive: bytes | None = None) -> None:
        self.asked: list[Write] = []
        self._answers = answers
        self._archive = archive

    def send(self, write: Write) -> Reply:
        self.asked.append(write)
        return self._answers(write)

    def fetch(self, url: str) -> bytes | None:
        return self._archive


def settings(**changes: Any) -> MailchimpSettings:
    return MailchimpSettings(audience="a1", store="main", poll_from=0.001, **changes)


@pytest.fixture
def deliver() -> Iterator[Callable[..., list[Outcome]]]:
    with ThreadPoolExecutor(2) as pool:

        def run(api: Double, rows: list[Delivery], **changes: Any) -> list[Outcome]:
            own = settings(**changes)
            delivery = MailchimpDelivery(api, pool, own, Paths("a1", "main"), lambda: NOW)
            answers = (answer for answer in delivery.deliver(rows) if isinstance(answer, Outcome))
            return sorted(answers, key=lambda outcome: outcome.row_id)

        yield run


def member(row_id: int, email: str, operation: Any = "create") -> Delivery:
    return Delivery(
        row_id=row_id,
        kind="member",
        object_id=f"member:{row_id}",
        vendor_key=contact_key(email),
        operation=operation,
        payload={"email_address": email, "merge_fields": {}},
        birth={"status": "subscribed"} if operation == "create" else {},
    )


def order(row_id: int) -> Delivery:
    return Delivery(
        row_id=row_id,
        kind="order",
        object_id=f"order:a:{row_id}",
        vendor_key=str(row_id),
        operation="create",
        payload={"id": str(row_id), "lines": []},
    )


def bulk_answer(**parts: list[str]) -> Reply:
    return Reply(200, {name: [{"email_address": email} for email in emails] for name, emails in parts.items()})


@pytest.mark.req("CON-1")
def test_updates_carry_no_status_and_creations_touch_nobody(deliver: Callable[..., list[Outcome]]) -> None:
    api = Double(lambda _: bulk_answer(updated_members=["a@mail.test"]))
    born = Delivery(**{**_fields(member(1, "a@mail.test", "update")), "birth": {"status": "subscribed"}})

    deliver(api, [born])
    deliver(api, [member(2, "a@mail.test")])

    assert [write.body["update_existing"] for write in api.asked] == [True, False]
    assert ["status" in write.body["members"][0] for write in api.asked] == [False, True]


def _fields(row: Delivery) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


@pytest.mark.req("CON-1")
def test_a_creation_without_a_word_on_its_status_gets_no_marketing(deliver: Callable[..., list[Outcome]]) -> None:
    api = Double(lambda _: bulk_answer(new_members=["a@mail.test"]))
    silent = Delivery(**{**_fields(member(1, "a@mail.test")), "birth": {}})

    deliver(api, [silent])

    assert api.asked[0].body["members"][0]["status"] == "transactional"


def test_every_row_gets_a_verdict_whatever_the_answer_leaves_out(deliver: Callable[..., list[Outcome]]) -> None:
    api = Double(lambda _: bulk_answer(new_members=["A@Mail.Test"]))

    outcomes = deliver(api, [member(1, "a@mail.test"), member(2, "b@mail.test")])

    assert [outcome.verdict for outcome in outcomes] == ["delivered", "retry"]


@pytest.mark.req("CON-2")
def test_an_update_that_made_a_contact_is_put_before_a_person(deliver: Callable[..., list[Outcome]]) -> None:
    api = Double(lambda _: bulk_answer(new_members=["a@mail.test"]))

    (outcome,) = deliver(api, [member(1, "a@mail.test", "update")])

    assert (outcome.verdict, outcome.code) == ("rejected", "created_by_update")


def test_two_rows_of_one_address_go_in_two_calls_and_no_call_is_too_large(
    deliver: Callable[..., list[Outcome]],
) -> None:
    def answers(write: Write) -> Reply:
        return bulk_answer(new_members=[one["email_address"] for one in write.body["members"]])

    api = Double(answers)
    rows = [member(number, f"p{number}@mail.test") for number in range(600)] + [member(600, "P1@mail.test")]

    outcomes = deliver(api, rows)

    assert {outcome.verdict for outcome in outcomes} == {"delivered"}
    assert len(outcomes) == 601
    assert sorted(len(write.body["members"]) for write in api.asked) == [101, 500]


@pytest.mark.req("DAG-7")
def test_while_mailchimp_breaks_at_everything_the_rest_is_not_tried(deliver: Callable[..., list[Outcome]]) -> None:
    def breaks(_: Write) -> Reply:
        raise UnreachableError("broken", status=500)

    api = Double(breaks)
    with pytest.raises(UnreachableError):
        deliver(api, [order(number) for number in range(100)])

    assert len(api.asked) < 20


@pytest.mark.req("DAG-7")
def test_one_object_at_which_mailchimp_breaks_does_not_stop_the_others(deliver: Callable[..., list[Outcome]]) -> None:
    def breaks_at_the_second(write: Write) -> Reply:
        if write.body["id"] == "2":
            raise UnreachableError("broken", status=500)
        return Reply(200, {})

    outcomes = deliver(Double(breaks_at_the_second), [order(number) for number in (1, 2, 3)])

    assert [outcome.verdict for outcome in outcomes] == ["delivered", "retry", "delivered"]


def test_a_fault_of_ours_is_not_hidden(deliver: Callable[..., list[Outcome]]) -> None:
    api = Double(lambda _: Reply(200, "no object"))

    with pytest.raises(AttributeError):
        deliver(api, [member(1, "a@mail.test")])


def test_what_mailchimp_has_no_words_for_is_rejected(deliver: Callable[..., list[Outcome]]) -> None:
    row = Delivery(row_id=1, kind="promo", object_id="c", vendor_key="1", operation="create", payload={})

    (outcome,) = deliver(Double(lambda _: Reply(200)), [row])

    assert (outcome.verdict, outcome.code) == ("rejected", "impossible")


def packed(*files: list[dict[str, Any]] | None) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for number, operations in enumerate(files):
            content = b"" if operations is None else json.dumps(operations).encode()
            entry = tarfile.TarInfo(f"{number}.json")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return written.getvalue()


def batched(write: Write) -> Reply:
    if write.method == "POST":
        return Reply(200, {"id": "b1"})
    return Reply(200, {"id": "b1", "status": "finished", "response_body_url": "https://store.test/r"})


@pytest.mark.req("DAG-6")
def test_operations_that_a_batch_lost_are_tried_again(deliver: Callable[..., list[Outcome]]) -> None:
    done = {"status_code": 200, "operation_id": "1", "response": "{}"}
    refused = {"status_code": 400, "operation_id": "2", "response": '{"detail": "could not be validated"}'}
    api = Double(batched, packed([done], None, [refused]))

    outcomes = deliver(api, [order(1), order(2), order(3)], direct_up_to=0)

    assert [outcome.verdict for outcome in outcomes] == ["delivered", "rejected", "retry"]


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("response", ["<html>busy</html>", '{"cut', 7])
def test_an_operation_whose_response_can_not_be_read_spoils_no_other(
    deliver: Callable[..., list[Outcome]], response: object
) -> None:
    done = {"status_code": 200, "operation_id": "1", "response": "{}"}
    busy = {"status_code": 503, "operation_id": "2", "response": response}
    api = Double(batched, packed([busy, done]))

    outcomes = deliver(api, [order(1), order(2)], direct_up_to=0)

    assert [outcome.verdict for outcome in outcomes] == ["delivered", "retry"]


@pytest.mark.parametrize("archive", [None, b"", b"<html>", packed([{"status_code": 200}])[:-20], packed([{"x": 1}])])
def test_results_that_can_not_be_read_leave_rows_to_try_again(
    deliver: Callable[..., list[Outcome]], archive: bytes | None
) -> None:
    (outcome,) = deliver(Double(batched, archive), [order(1)], direct_up_to=0)
    assert outcome.verdict == "retry"


def run(batches: Batches, *asked: Asked) -> list[tuple[str, Reply]]:
    return list(batches.finish(list(batches.begin(asked))))


@pytest.mark.req("DAG-2", "DAG-6")
@pytest.mark.parametrize(("status", "asked"), [("started", ["GET", "DELETE"]), ("finished", ["GET"])])
def test_what_a_killed_worker_has_begun_is_over_before_its_rows_are_sent_again(
    deliver: Callable[..., list[Outcome]], status: str, asked: list[str]
) -> None:
    def answers(write: Write) -> Reply:
        return Reply(200, {"id": "b1", "status": status}) if "batches" in write.path else Reply(200, {"lines": []})

    api = Double(answers)
    deliver(api, [msgspec.structs.replace(order(1), errand="b1"), order(2)])
    about_batches = [write for write in api.asked if write.path == "/batches/b1"]
    assert [write.method for write in about_batches] == asked
    assert api.asked[: len(asked)] == about_batches, "before anything is sent"


@pytest.mark.req("DAG-6")
def test_a_batch_that_does_not_end_is_stopped_so_that_it_can_not_run_later() -> None:
    def answers(write: Write) -> Reply:
        return Reply(200, {"id": "b1", "status": "started"}) if write.method != "DELETE" else Reply(204)

    api = Double(answers)
    waits: list[float] = []
    runs = Batches(api, settings(batch_deadline=0.001, poll_to=0.004), sleep=waits.append)

    assert run(runs, Asked("1", Write("POST", "/x", "x", {}))) == []
    assert [write.method for write in api.asked if write.method != "GET"] == ["POST", "DELETE"]


def test_waits_for_a_batch_double_up_to_their_limit() -> None:
    looks = iter(["pending", "pending", "started", "finalizing"])

    def answers(write: Write) -> Reply:
        status = next(looks, "finished") if write.method == "GET" else "pending"
        return Reply(200, {"id": "b1", "status": status, "response_body_url": "https://store.test/r"})

    waits: list[float] = []
    own = MailchimpSettings(audience="a", store="s", poll_from=0.2, poll_to=1)
    run(Batches(Double(answers, packed()), own, sleep=waits.append), Asked("1", Write("POST", "/x", "x", {})))

    assert waits == [0.2, 0.4, 0.8, 1, 1]


@pytest.mark.req("DAG-6")
def test_a_batch_is_split_by_number_and_by_bytes() -> None:
    sizes: list[int] = []

    def answers(write: Write) -> Reply:
        if write.method == "POST":
            sizes.append(len(write.body["operations"]))
        return Reply(404)

    small = [Asked(str(number), Write("POST", "/x", "x", {})) for number in range(7)]
    large = [Asked(f"l{number}", Write("POST", "/x", "x", {"text": "y" * 1_500_000})) for number in range(3)]
    run(Batches(Double(answers), settings(batch_operations=5)), *small, *large)

    assert sizes == [5, 4, 1]


def pages_of(total: int, *, lie: Callable[[int, list[dict[str, str]]], Any] | None = None) -> Answers:
    def answers(write: Write) -> Reply:
        start, count = int(write.params["offset"]), int(write.params["count"])
        rows = [{"id": str(number)} for number in range(start, min(start + count, total))]
        body: dict[str, Any] = {"things": rows, "total_items": total}
        return Reply(200, lie(start, rows) if lie else body)

    return answers


@pytest.mark.req("REC-1")
@pytest.mark.parametrize("total", [0, 1, 999, 1000, 1001, 3210])
def test_collections_are_read_whole(total: int) -> None:
    found = [one["id"] for one in everything(Double(pages_of(total)).send, "/things", "things", ("id",))]
    assert len(found) == len(set(found)) == total


@pytest.mark.req("REC-1")
@pytest.mark.parametrize(
    "lie",
    [
        lambda start, rows: {"things": rows if start == 0 else [], "total_items": 3000},
        lambda *_: {"things": [{"id": str(number)} for number in range(1000)], "total_items": 3000},
        lambda start, rows: {"things": rows, "total_items": 3000 if start == 0 else 1500},
        lambda _, rows: {"things": rows},
        lambda *_: {"error": "x"},
    ],
    ids=["empty page", "repeated page", "shrinking total", "no total", "no page"],
)
def test_a_collection_that_lies_is_not_taken_for_whole(lie: Callable[[int, list[dict[str, str]]], Any]) -> None:
    with pytest.raises(IncompleteReadError):
        list(everything(Double(pages_of(3000, lie=lie)).send, "/things", "things", ("id",)))


@pytest.mark.parametrize(
    ("host", "key", "url"),
    [
        ("", "0123-us7", "https://us7.api.mailchimp.com/3.0"),
        ("us7.api.mailchimp.com", "0123-us7", "https://us7.api.mailchimp.com/3.0"),
        ("https://us7.api.mailchimp.com/3.0/", "0123", "https://us7.api.mailchimp.com/3.0"),
        ("http://127.0.0.1:99", "0123-us7", "http://127.0.0.1:99/3.0"),
    ],
)
def test_the_key_tells_the_data_centre_unless_the_connection_does(host: str, key: str, url: str) -> None:
    assert base_url(Connection(name="m", host=host, password=key)) == url


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("key", [None, "", "0123", "0123-", "0123-us7/x"])
def test_a_key_that_can_not_be_is_told_without_being_shown(key: str | None) -> None:
    with pytest.raises(ConfigurationError) as raised:
        base_url(Connection(name="m", host="", password=key))

    assert raised.value.record == "connection m"
    assert "0123" not in str(raised.value)


def test_mailchimp_is_no_source() -> None:
    services = Services(clock=lambda: NOW, budget=lambda *_: pytest.fail("asked for a budget"))

    with pytest.raises(ConfigurationError):
        VENDOR.source({}, Connection(name="m", host=""), services)
    with pytest.raises(ConfigurationError, match="audience"):
        VENDOR.destination(
            {}, Connection(name="m", host="", password="k-us1"), services, DestinationView("p", "a", {}, (), "SEK")
        )
