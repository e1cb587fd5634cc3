"""Fulfil's values, as they stand in its answers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from retail_sync.errors import IncompleteReadError
from retail_sync.model.reading import Window
from retail_sync.vendors.fulfil import domains
from retail_sync.vendors.fulfil.allowance import pause
from retail_sync.vendors.fulfil.children import linked
from retail_sync.vendors.fulfil.decoding import Unknown, decoded, value
from retail_sync.vendors.fulfil.payloads import ShipmentRow
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.shapes import UnfitError, shapes
from retail_sync.vendors.fulfil.times import on_day

AT = datetime(2018, 4, 19, 20, 59, 47, 355847, tzinfo=UTC)
PARTS = {"year": 2018, "month": 4, "day": 19, "hour": 20, "minute": 59, "second": 47, "microsecond": 355847}
DAY = {"year": 2018, "month": 4, "day": 18}


@pytest.mark.req("ORD-1", "OPS-3")
@pytest.mark.parametrize(
    ("node", "read"),
    [
        ({"__class__": "datetime", "iso_string": "2018-04-19T20:59:47.355847", **PARTS}, AT),
        ({"__class__": "datetime", **PARTS}, AT),
        ({"__class__": "datetime", "iso_string": "2018-04-19T22:59:47.355847+02:00"}, AT),
        ({"__class__": "date", "iso_string": "2018-04-18", **DAY}, date(2018, 4, 18)),
        ({"__class__": "date", **DAY}, date(2018, 4, 18)),
        ({"__class__": "Decimal", "decimal": "60.00"}, Decimal("60.00")),
        ({"__class__": "Model", "model_name": "party.party", "id": 7, "rec_name": "Å"}, 7),
        ({"__class__": "Nobody", "of": "this"}, Unknown("Nobody")),
        ({"__class__": "Decimal", "decimal": "sixty"}, Unknown("Decimal")),
        ({"__class__": "date", "year": 2018}, Unknown("date")),
    ],
)
def test_a_value_is_what_its_class_says(node: Any, read: Any) -> None:
    assert value({"deep": [node]}) == {"deep": [read]}


def shipment(**fields: Any) -> ShipmentRow:
    said = {"id": 3, "create_date": AT, "state": "done", "carrier.rec_name": "Bring"}
    return shapes(Settings()).shipments.fit(said | fields)


@pytest.mark.req("SHP-1")
@pytest.mark.parametrize("number", ["370090418958613799", 17, None])
def test_a_tracking_number_is_text_an_id_or_nothing(number: str | int | None) -> None:
    found = shipment(tracking_number=number)
    assert (found.tracking_number, found.carrier) == (number, "Bring")


@pytest.mark.req("ORD-1")
def test_a_day_may_be_bare_text() -> None:
    assert shipment(effective_date="2018-04-18").effective_date == date(2018, 4, 18)


@pytest.mark.req("OPS-3")
def test_a_class_that_nobody_knows_is_named_and_its_value_is_not() -> None:
    with pytest.raises(UnfitError, match="effective_date is of the class 'Moon'"):
        shipment(effective_date=value({"__class__": "Moon", "phase": "secret"}))
    with pytest.raises(UnfitError) as raised:
        shipment(state=5, tracking_number="secret")
    assert "secret" not in str(raised.value)


@pytest.mark.req("OPS-3")
def test_letters_that_no_text_may_hold_are_no_reason_to_read_nothing() -> None:
    found = decoded(b'[{"id": 1, "name": "A\\u0000sa \\ud800", "price": 1.10}]', "party.party search_read")
    assert found == [{"id": 1, "name": "Asa \ufffd", "price": Decimal("1.10")}]
    for broken in (b'[{"id": 1', b'[{"name": "\xe9"}]', b"[" * 100_000):
        with pytest.raises(IncompleteReadError):
            decoded(broken, "party.party search_read")


@pytest.mark.req("DAG-2")
def test_a_window_asks_for_rows_that_were_never_edited_too_and_pages_stand_outside_of_it() -> None:
    window = Window(AT, AT)
    domain = domains.after(domains.within(window), 7)
    either, last = domain[1], domain[2]
    assert (domain[0], either[0], last) == ("AND", "OR", [["id", ">", 7]])
    assert either[2][0] == ["write_date", "=", None]
    assert [(clause[0], clause[1]) for clause in either[1]] == [("write_date", ">"), ("write_date", "<=")]
    assert either[1][0][2]["iso_string"] == "2018-04-19T20:59:47.355847"
    created = domains.within(Window(AT, AT, by="created"))
    assert {clause[0] for clause in created} == {"create_date"}


@pytest.mark.req("DAG-2")
def test_links_lead_where_they_say() -> None:
    assert linked("sale.line,7", "sale.line") == [7]
    assert linked("sale.line,7", "sale.sale") == linked(None, "sale.sale") == linked("sale.line,x", "sale.line") == []
    assert linked([1, 2], "sale.sale") == [1, 2]
    assert linked(5, "sale.sale") == [5]


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "1005"}, 0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1005"}, 5),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "900"}, 0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999"}, 60),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, 0),
        ({"X-RateLimit-Remaining": "nan", "X-RateLimit-Reset": "1005"}, 0),
        # The server's own clock goes before ours.
        (
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "87", "Date": "Thu, 01 Jan 1970 00:01:25 GMT"},
            2,
        ),
    ],
)
def test_nobody_calls_until_the_reset_once_nothing_remains(headers: dict[str, str], seconds: float) -> None:
    assert pause(headers, 1000.0) == seconds


@pytest.mark.req("ORD-4", "SHP-3")
@pytest.mark.parametrize(
    ("day", "zone", "at"),
    [
        (None, "UTC", AT),
        (date(2018, 4, 19), "UTC", AT),
        (date(2018, 4, 18), "UTC", datetime(2018, 4, 18, 23, 59, 59, tzinfo=UTC)),
        (date(2018, 4, 20), "UTC", datetime(2018, 4, 20, tzinfo=UTC)),
        (date(2018, 4, 20), "Asia/Tokyo", AT),
        (date(2018, 4, 18), "Europe/Stockholm", datetime(2018, 4, 18, 21, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_day_is_met_as_near_to_the_writing_as_it_allows(day: date | None, zone: str, at: datetime) -> None:
    from zoneinfo import ZoneInfo

    assert on_day(day, AT, ZoneInfo(zone)) == at
