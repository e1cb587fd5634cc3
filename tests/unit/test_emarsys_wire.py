"""What Emarsys' envelope says: errors in every shape in which they have been seen, and what they mean for rows."""

from __future__ import annotations

from typing import Any

import pytest

from retail_sync.model.delivery import Delivery
from retail_sync.vendors.emarsys.verdicts import halved, portions, settled, whole_refusal
from retail_sync.vendors.emarsys.wire import Refused, Reply


def reply(data: Any, status: int = 200, code: int | None = 0) -> Reply:
    return Reply(status, code, "OK" if code == 0 else "no", data)


def rows(*keys: str, payload: dict[str, Any] | None = None) -> list[Delivery]:
    return [
        Delivery(
            row_id=number,
            kind="contact",
            object_id=f"contact:{number}",
            vendor_key=key,
            operation="update",
            payload=payload or {},
        )
        for number, key in enumerate(keys)
    ]


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize(
    ("errors", "found"),
    [
        (None, {}),
        ([], {}),
        ("", {}),
        ({}, {}),
        ({"a": {"2009": "exists"}}, {"a": Refused(2009, "exists")}),
        ({"a": "gone wrong"}, {"a": Refused(0, "gone wrong")}),
        ({"a": {"errorCode": "2008", "errorMsg": "none"}}, {"a": Refused(2008, "none")}),
        ([{"key": "a", "errorCode": 2010, "errorMsg": "more"}], {"a": Refused(2010, "more")}),
    ],
)
def test_errors_are_read_in_every_shape(errors: Any, found: dict[str, Refused]) -> None:
    assert reply({"ids": [], "errors": errors}).errors == found


@pytest.mark.req("QUA-1")
def test_data_that_is_no_object_has_no_errors() -> None:
    assert reply("").errors == {}
    assert whole_refusal(reply("", 400, 1000)) == Refused(1000, "no")


@pytest.mark.req("QUA-1")
def test_what_is_said_of_no_key_is_said_of_the_whole_write() -> None:
    said = reply({"ids": [], "errors": {"<NO_KEY_ID>": {"2007": "Invalid value"}}})

    outcomes = halved(rows("a"), said, lambda _: [])

    assert outcomes is not None
    assert [(one.verdict, one.code) for one in outcomes] == [("rejected", "value_refused")]


@pytest.mark.req("QUA-1")
def test_rows_are_done_only_where_the_answer_adds_up() -> None:
    whole = settled(rows("a", "B", "c"), reply({"ids": [1, "2"], "errors": {"b": {"2008": "none"}}}), _key)
    short = settled(rows("a", "b", "c"), reply({"ids": [1], "errors": []}), _key)

    assert [one.verdict for one in whole] == ["delivered", "gone", "delivered"]
    assert [one.verdict for one in short] == ["retry", "retry", "retry"]


@pytest.mark.req("DAG-6")
def test_rows_that_share_a_key_never_share_a_call() -> None:
    calls = list(portions(rows("a", "b", "A", "c", "a"), lambda row: (row.vendor_key,), 2, 10_000))

    assert [[row.vendor_key for row in call] for call in calls] == [["a", "b"], ["A", "c"], ["a"]]


@pytest.mark.req("DAG-6")
def test_no_call_is_larger_than_emarsys_takes() -> None:
    calls = list(portions(rows("a", "b", "c", payload={"x": "y" * 500}), lambda row: (row.vendor_key,), 1000, 1500))

    assert [len(call) for call in calls] == [2, 1]


def _key(row: Delivery) -> str:
    return row.vendor_key
