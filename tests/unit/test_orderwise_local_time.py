"""Local times without a zone: what is written, what it is read as, and what is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_sync.vendors.orderwise.local_time import LocalTime

LONDON = LocalTime("Europe/London")
#: The clocks go back at 01:00 UTC; 01:00 to 02:00 comes twice.
TURN = datetime(2025, 10, 26, 1, tzinfo=UTC)
MOMENTS = st.integers(min_value=-4 * 3_600_000, max_value=4 * 3_600_000).map(
    lambda milliseconds: TURN + timedelta(milliseconds=milliseconds)
)


def written(moment: datetime, zone: str = "Europe/London") -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@pytest.mark.req("ORD-1")
@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-01-15T11:14:05.087", "2026-01-15T11:14:05.087"),
        ("2026-07-15T11:14:05", "2026-07-15T10:14:05"),
        ("2025-10-26T00:59:59", "2025-10-25T23:59:59"),
        ("2025-10-26T01:30:00", "2025-10-26T00:30:00"),
        ("2025-10-26T02:00:00", "2025-10-26T02:00:00"),
        ("2025-03-30T01:30:00", "2025-03-30T01:30:00"),
    ],
)
def test_a_time_is_of_the_servers_zone_and_the_earlier_one_of_two(text: str, meant: str) -> None:
    assert LONDON.utc(datetime.fromisoformat(text)) == datetime.fromisoformat(f"{meant}+00:00")


@pytest.mark.req("DAG-2")
@given(moments=st.tuples(MOMENTS, MOMENTS, MOMENTS))
def test_what_happened_within_a_window_is_asked_for(moments: tuple[datetime, datetime, datetime]) -> None:
    since, moment, until = sorted(moments)
    if since < moment:
        start, end = (datetime.fromisoformat(text) for text in LONDON.span(since, until))
        assert start < written(moment) <= end


@pytest.mark.req("DAG-2")
@given(moments=st.tuples(MOMENTS, MOMENTS))
def test_of_two_changes_the_later_is_never_read_as_the_older(moments: tuple[datetime, datetime]) -> None:
    earlier, later = sorted(moments)
    assert LONDON.change(written(earlier)) <= LONDON.change(written(later))


@pytest.mark.req("DAG-2")
def test_a_change_outside_of_that_hour_keeps_its_time() -> None:
    for moment in (TURN - timedelta(hours=1, seconds=1), TURN + timedelta(hours=1), TURN + timedelta(days=200)):
        assert LONDON.change(written(moment)) == moment


@pytest.mark.req("DAG-2")
def test_a_window_far_from_it_is_as_wide_as_it_says() -> None:
    since = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert LONDON.span(since, since + timedelta(hours=1)) == ("2026-07-01T13:00:00.000", "2026-07-01T14:00:00.000")


def test_a_zone_whose_clocks_go_back_by_half_an_hour_is_read_too() -> None:
    clock = LocalTime("Australia/Lord_Howe")
    repeated = datetime(2026, 4, 5, 1, 45)  # noqa: DTZ001 - as it is written
    early, late = clock.readings(repeated)
    assert late - early == timedelta(minutes=30)
    assert clock.change(repeated) == clock.utc(datetime(2026, 4, 5, 1, 30))  # noqa: DTZ001
