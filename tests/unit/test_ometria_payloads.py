"""JSON as Ometria writes and takes it, lists page by page, and the watch over errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from retail_sync.errors import IncompleteReadError, UnreachableError
from retail_sync.model.delivery import Delivery
from retail_sync.vendors.ometria.facts import OmetriaSettings
from retail_sync.vendors.ometria.paging import everything
from retail_sync.vendors.ometria.payloads import decoded, encoded, off_the_wire, on_the_wire, read_moment
from retail_sync.vendors.ometria.people import Names
from retail_sync.vendors.ometria.push_errors import ErrorWatch
from retail_sync.vendors.ometria.records import Records
from retail_sync.vendors.ometria.refusals import REFUSALS, refused


class Answers:
    """A client that gives these answers, one after the other, and the last one for ever."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.asked: list[Mapping[str, Any]] = []

    def get(self, path: str, endpoint: str, params: Mapping[str, Any] | None = None) -> Any:
        self.asked.append(params or {})
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class Rows(Answers):
    """A client with a list of so many rows."""

    def __init__(self, count: int) -> None:
        super().__init__(None)
        self._rows = [{"id": str(number)} for number in range(count)]

    def get(self, path: str, endpoint: str, params: Mapping[str, Any] | None = None) -> Any:
        given = params or {}
        return self._rows[given["offset"] : given["offset"] + given["limit"]]


def errors(*numbers: int) -> list[dict[str, Any]]:
    message = {"error_message": "Not valid", "error_path": "email"}
    return [{"request_id": "r", "record_id": str(one), "timestamp": "t", "message": message} for one in numbers]


def watch(*answers: Any, kept: int = 3) -> ErrorWatch:
    return ErrorWatch(Answers(*answers), kept)  # type: ignore[arg-type]


def listed(client: Answers) -> list[dict[str, Any]]:
    return list(everything(client, "/orders", "order.list"))  # type: ignore[arg-type]


def row(**changes: Any) -> Delivery:
    fields: dict[str, Any] = {
        "row_id": 1,
        "kind": "contact",
        "object_id": "contact:7",
        "vendor_key": "centra_main-7",
        "operation": "update",
        "payload": {"email": "asa@mail.test", "customer_id": "centra_main-7"},
    }
    return Delivery(**(fields | changes))


def record(one: Delivery, numbers: Sequence[str] = ()) -> dict[str, Any]:
    found = Records(Names(OmetriaSettings(), "centra_main"), frozenset(numbers)).of(one)
    assert found is not None
    return found.record


def test_amounts_go_out_as_numbers_and_come_back_as_they_were() -> None:
    payload = {"grand_total": "10.10", "lineitems": [{"refunded": "0.3333", "sku": "1"}], "properties": {"total": "1"}}

    body = encoded(on_the_wire(payload))

    assert b'"grand_total":10.10' in body
    assert b'"properties":{"total":"1"}' in body
    assert off_the_wire(decoded(body)) == payload


@pytest.mark.parametrize(
    "text", ["2017-05-17 22:08:07+00", "2017-05-17T22:08:07", "2017-05-17T22:08:07Z", "2017-05-18T00:08:07+02:00"]
)
def test_times_are_read_in_whatever_form_ometria_writes_them(text: str) -> None:
    assert read_moment(text) == datetime(2017, 5, 17, 22, 8, 7, tzinfo=UTC)


@pytest.mark.req("REC-1")
@pytest.mark.parametrize("count", [0, 1, 249, 250, 251, 1234])
def test_a_list_is_read_whole_whatever_its_length(count: int) -> None:
    assert len(listed(Rows(count))) == count


@pytest.mark.req("REC-1")
def test_a_page_that_joins_nothing_is_an_error() -> None:
    first = [{"id": str(number)} for number in range(250)]

    for second in ([], [{"id": "x"}], {"error": "?"}):
        with pytest.raises(IncompleteReadError):
            listed(Answers(first, second))


@pytest.mark.req("QUA-1")
def test_an_error_that_was_seen_once_is_known_for_good() -> None:
    watched = watch([], errors(1), errors(2, 3, 4))
    watched.begin()
    watched.look()
    watched.look()

    assert watched.of("r", "1") == watched.of("r", "4") == "email: Not valid"
    assert watched.of("other", "1") is None


@pytest.mark.req("QUA-1")
def test_errors_count_as_lost_where_a_full_list_has_nothing_that_was_known() -> None:
    watched = watch([], errors(1, 2), errors(2, 3, 4), errors(5, 6, 7))
    watched.begin()
    losses = []
    for _ in range(3):
        watched.look()
        losses.append(watched.losses)

    assert losses == [0, 0, 1]


def test_errors_that_can_not_be_read_are_no_empty_list() -> None:
    with pytest.raises(UnreachableError):
        watch({"error": "?"}).begin()


@pytest.mark.req("CON-1")
def test_an_update_says_nothing_of_consent_whatever_the_row_was_born_with() -> None:
    sent = record(row(birth={"marketing_optin": "EXPLICITLY_OPTEDIN"}))

    assert "marketing_optin" not in sent
    assert "@force_optin" not in sent
    assert sent["@merge"] is True


@pytest.mark.req("CON-3")
def test_an_opt_out_says_nothing_else() -> None:
    sent = record(row(operation="opt_out", payload={"marketing_optin": "EXPLICITLY_OPTEDOUT"}))

    assert {name for name in sent if not name.startswith("@")} == {"id", "marketing_optin"}


def test_what_is_no_longer_wanted_is_sent_as_nothing() -> None:
    before = {"email": "asa@mail.test", "firstname": "Åsa", "properties": {"tier": "gold", "value": "5"}}
    after = {"email": "asa@mail.test", "properties": {"value": "7.5"}}

    sent = record(row(previous=before, payload=after), numbers=["value"])

    assert sent["firstname"] is None
    assert sent["properties"] == {"tier": None, "value": Decimal("7.5")}


def test_an_event_is_never_sent_as_an_update() -> None:
    records = Records(Names(OmetriaSettings(), "centra_main"), frozenset())

    assert records.of(row(kind="event", operation="update")) is None
    assert records.of(row(kind="order", operation="opt_out")) is None


@pytest.mark.req("OPS-1")
def test_words_that_nobody_knows_are_kept_and_every_code_says_whose_turn_it_is() -> None:
    outcome = refused(row(), "Something new about asa@mail.test")

    assert (outcome.verdict, outcome.code) == ("rejected", "refused")
    assert "Something new" in outcome.words
    assert "asa@" not in outcome.words
    assert all(refusal.next_step for refusal in REFUSALS)
    assert len({refusal.code for refusal in REFUSALS}) == len(REFUSALS)
