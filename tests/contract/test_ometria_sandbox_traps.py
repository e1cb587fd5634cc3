"""The Ometria sandbox on a bad day: each of its faults, as a client meets it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from retail_sync.vendors.ometria.sandbox import serving

from .ometria_account import NOW, Caller, account, contact, order


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account() as caller:
        yield caller


@pytest.fixture
def api(_running: Caller) -> Caller:
    """The account as it is at the start, at a time that stands still."""
    _running.control.reset()
    _running.control.stand_at(NOW)
    return _running


def emails(api: Caller, offset: int, limit: int = 2) -> list[str]:
    return [one["email"][0] for one in api.get("/profiles", offset=offset, limit=limit)]


@pytest.fixture
def four(api: Caller) -> Caller:
    """An account with four profiles."""
    api.stored(*(contact(str(number), f"{name}@mail.test") for number, name in enumerate("abcd")))
    return api


class TestAccess:
    def test_a_withdrawn_key_is_refused(self, api: Caller) -> None:
        api.control.fault("token_expired", endpoint="POST /push")
        assert [api.call("POST", "/push", [contact()]).status for _ in range(2)] == [403, 200]

    @pytest.mark.req("DAG-6")
    def test_a_spent_quota_fills_again(self) -> None:
        with account(push_per_second=0.01) as slow:
            slow.control.fault("quota_spent")
            assert [slow.call("POST", "/push", [contact()]).status for _ in range(2)] == [429, 429]
            slow.control.shift_clock(101)
            assert slow.call("POST", "/push", [contact()]).status == 200


class TestQueue:
    @pytest.mark.req("REC-1")
    def test_one_record_of_a_push_fails_late(self, api: Caller) -> None:
        api.control.fault("late_error", endpoint="2", options={"message": "No such country", "path": "country_id"})
        answer = api.push(contact("1"), contact("2", "two@mail.test"))
        (error,) = api.errors()
        assert (error["request_id"], error["record_id"]) == (answer["request_id"], "2")
        assert error["message"] == {"error_message": "No such country", "error_path": "country_id"}
        assert [one["id"] for one in api.get("/contacts/shop")] == ["1"]

    @pytest.mark.req("REC-1")
    def test_a_lost_record_leaves_no_error(self, api: Caller) -> None:
        api.control.fault("lost_queue_entry", endpoint="2")
        api.stored(contact("1"), contact("2", "two@mail.test"))
        assert api.call("GET", "/contacts/shop/2").status == 404
        assert [one["id"] for one in api.control.state()["queue"]["lost"]] == ["2"]

    def test_a_record_is_rejected_at_once_and_only_counted(self, api: Caller) -> None:
        api.control.fault("rejected_at_once", endpoint="2")
        answer = api.done("POST", "/push", [contact("1"), contact("2", "two@mail.test")])
        assert (answer["status"], answer["accepted"], answer["rejected"]) == ("OK", 1, 1)

    @pytest.mark.req("REC-1")
    def test_errors_of_others_push_ours_out(self, api: Caller) -> None:
        api.control.fault("errors_overflow", skip=1)
        ours = api.push(contact(email="nowhere"))["request_id"]
        assert [one["request_id"] for one in api.errors()] == [ours]
        later = api.errors()
        assert len(later) == 100
        assert ours not in {one["request_id"] for one in later}

    def test_a_slow_push_is_overtaken(self, api: Caller) -> None:
        api.control.fault("slow_queue", seconds=3600)
        api.stored(order(status="pending"))
        api.stored(order(status="shipped"))
        assert api.get("/orders/100")["status"] == "shipped"
        api.control.stand_at(NOW + timedelta(hours=2))
        assert api.get("/orders/100")["status"] == "pending"


class TestPages:
    def test_a_page_repeats_a_row(self, four: Caller) -> None:
        four.control.fault("repeated_rows")
        assert [emails(four, 0), emails(four, 2), emails(four, 2)] == [["a", "b"], ["b", "c"], ["c", "d"]]

    def test_a_page_is_empty_though_more_comes(self, four: Caller) -> None:
        four.control.fault("empty_page")
        assert [emails(four, 0), emails(four, 0)] == [[], ["a", "b"]]

    def test_a_profile_edited_between_two_pages_moves_the_others(self, four: Caller) -> None:
        since = "2026-03-02T12:30:00Z"
        four.control.stand_at(NOW.replace(hour=13))
        four.stored(*(contact(str(number), f"{name}@mail.test") for number, name in enumerate("abcd") if number))
        first = four.get("/profiles", updateSince=since, limit=2)
        four.control.fault("edited_while_paging", options={"email": "a@mail.test"})
        second = four.get("/profiles", updateSince=since, limit=2, offset=2)
        assert [one["email"][0] for one in first + second] == ["b", "c", "c", "d"]


@pytest.mark.parametrize(
    ("ends", "granted"),
    [
        ([{}], {}),
        ([{"push_rate": 20}, {"push_rate": 5, "data_rate": 9}], {"push_per_second": 20.0, "data_per_second": 9.0}),
    ],
)
def test_the_account_grants_the_rates_that_pairs_count_on(
    ends: list[dict[str, float]], granted: dict[str, float]
) -> None:
    assert serving(ends) == granted
