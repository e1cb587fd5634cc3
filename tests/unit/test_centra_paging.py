"""Reading lists to their end while rows move, and noticing when pages lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from retail_sync.errors import IncompleteReadError
from retail_sync.vendors.centra.envelope import Connection, Edge, PageInfo
from retail_sync.vendors.centra.paging import Answered, by_cursor, by_offset

NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Rows:
    """A list that can be edited while it is read."""

    def __init__(self, count: int, size: int) -> None:
        self.rows = list(range(1, count + 1))
        self.size = size
        self.fetched: list[int] = []
        self.probed: list[int] = []
        self.before_fetch: Callable[[int], None] = lambda _: None

    def page(self, number: int) -> list[int]:
        return self.rows[(number - 1) * self.size : number * self.size]

    def fetch(self, number: int) -> Answered[Sequence[int]]:
        self.before_fetch(number)
        self.fetched.append(number)
        return Answered(self.page(number), NOW)

    def probe(self, number: int) -> Sequence[object]:
        self.probed.append(number)
        return self.page(number)

    def read(self) -> list[int]:
        pages = by_offset(self.fetch, self.probe, self.size, lambda row: row, prefetch=False)
        return [row for page in pages for row in page.data]


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 14, 15, 50, 343])
def test_every_row_of_a_list_is_read_once(count: int) -> None:
    rows = Rows(count, 7)
    assert sorted(rows.read()) == rows.rows


@pytest.mark.req("DAG-6")
def test_a_small_list_costs_one_request() -> None:
    rows = Rows(3, 7)
    rows.read()
    assert (rows.fetched, rows.probed) == ([1], [])


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("left", [[1], [20], [30], [1, 2, 3, 20, 21], list(range(1, 8)), list(range(1, 15))])
def test_rows_that_leave_while_a_list_is_read_hide_no_other(left: list[int]) -> None:
    """Read forward, the row that moves to a page that is already read would be missed."""
    rows = Rows(30, 7)
    edited = False

    def edit(page: int) -> None:
        nonlocal edited
        if page == 3 and not edited:
            edited = True
            rows.rows = [row for row in rows.rows if row not in left]

    rows.before_fetch = edit
    found = rows.read()
    assert set(rows.rows) <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("came", [1, 6])
def test_rows_that_come_behind_a_full_last_page_are_read_too(came: int) -> None:
    rows = Rows(28, 7)

    def grow(page: int) -> None:
        if page == 2 and len(rows.rows) == 28:
            rows.rows += range(29, 29 + came)

    rows.before_fetch = grow
    assert sorted(rows.read()) == rows.rows == list(range(1, 29 + came))


@pytest.mark.req("REC-1")
def test_a_page_that_came_empty_though_the_list_goes_on_is_noticed() -> None:
    """Once, when the end was looked for: what it hid is more than can have come since."""
    rows = Rows(60, 7)
    slips = [True]

    def probe(number: int) -> list[int]:
        return [] if number == 4 and slips and slips.pop() else rows.page(number)

    with pytest.raises(IncompleteReadError, match="holds rows"):
        list(by_offset(rows.fetch, probe, 7, lambda row: row, prefetch=False))


@pytest.mark.req("REC-1")
def test_a_repeated_page_is_noticed() -> None:
    rows = Rows(30, 7)

    def fetch(number: int) -> Answered[Sequence[int]]:
        return Answered(rows.page(1), NOW)

    def probe(number: int) -> Sequence[object]:
        return fetch(number).data if number < 6 else []

    with pytest.raises(IncompleteReadError, match="repeats"):
        list(by_offset(fetch, probe, 7, lambda row: row, prefetch=False))


@pytest.mark.req("REC-1")
def test_an_empty_page_in_the_middle_is_noticed() -> None:
    rows = Rows(30, 7)
    pages = by_offset(
        lambda number: Answered([] if number == 3 else rows.page(number), NOW), rows.probe, 7, lambda row: row, False
    )
    with pytest.raises(IncompleteReadError, match="short"):
        list(pages)


@pytest.mark.req("REC-1")
def test_a_server_with_a_lower_limit_of_its_own_is_noticed() -> None:
    rows = Rows(300, 100)
    pages = by_offset(rows.fetch, rows.probe, 200, lambda row: row, prefetch=False)
    with pytest.raises(IncompleteReadError, match="100 rows where 200"):
        list(pages)


def connection(rows: list[int], after: str | None, size: int) -> Connection[int]:
    start = next((place for place, row in enumerate(rows) if row > int(after or 0)), len(rows))
    page = rows[start : start + size]
    return Connection(
        total_count=len(rows),
        page_info=PageInfo(has_next_page=start + size < len(rows), end_cursor=str(page[-1]) if page else None),
        edges=[Edge(str(row), row) for row in page],
    )


def read_connection(fetch: Callable[[str | None], Connection[int]], count: int, *, prefetch: bool = False) -> list[int]:
    pages = by_cursor(lambda after: Answered(fetch(after), NOW), lambda: count, prefetch)
    return [row for page in pages for row in page.data]


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("prefetch", [True, False])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 50])
def test_every_row_of_a_connection_is_read_once(count: int, prefetch: bool) -> None:
    rows = list(range(1, count + 1))
    assert read_connection(lambda after: connection(rows, after, 7), count, prefetch=prefetch) == rows


@pytest.mark.req("DAG-2")
def test_rows_that_leave_a_connection_are_no_loss() -> None:
    rows = list(range(1, 31))

    def fetch(after: str | None) -> Connection[int]:
        if after == "14":
            rows[:] = [row for row in rows if row not in {3, 20}]
        return connection(rows, after, 7)

    assert set(rows) - {3, 20} <= set(read_connection(fetch, 28))


@pytest.mark.req("QUA-1", "DAG-2")
@pytest.mark.parametrize("repeated", [1, 3, 6])
def test_a_row_on_two_pages_is_told_twice_and_hides_no_other(repeated: int) -> None:
    """Both tellings go to the stage, which counts them and keeps the newer."""
    rows = list(range(1, 31))

    def fetch(after: str | None) -> Connection[int]:
        return connection(rows, str(int(after) - repeated) if after == "14" else after, 7)

    found = read_connection(fetch, 30)
    assert sorted(set(found)) == rows
    assert sorted(row for row in rows if found.count(row) > 1) == list(range(15 - repeated, 15))


@pytest.mark.req("REC-1")
def test_rows_that_come_twice_do_not_stand_in_for_rows_that_never_came() -> None:
    rows = list(range(1, 31))

    def fetch(after: str | None) -> Connection[int]:
        page = connection(rows, "10" if after == "14" else after, 7)
        if after == "14":
            page.page_info.end_cursor = "21"
        return page

    with pytest.raises(IncompleteReadError, match="26 rows were read where 30 are"):
        read_connection(fetch, 30)


@pytest.mark.req("REC-1")
def test_pages_that_bring_nothing_new_are_not_read_for_ever() -> None:
    fetched = 0

    def fetch(after: str | None) -> Connection[int]:
        nonlocal fetched
        fetched += 1
        page = connection(list(range(1, 31)), None, 7)
        page.page_info.end_cursor = str(fetched)
        return page

    with pytest.raises(IncompleteReadError, match="nothing that is new"):
        read_connection(fetch, 30)
    assert fetched <= 3


@pytest.mark.req("REC-1")
def test_a_connection_that_ends_early_is_noticed() -> None:
    rows = list(range(1, 31))

    def fetch(after: str | None) -> Connection[int]:
        page = connection(rows, after, 7)
        page.page_info.has_next_page = after is None
        return page

    with pytest.raises(IncompleteReadError, match="14 rows were read where 30 are"):
        read_connection(fetch, 30)


@pytest.mark.req("REC-1")
@pytest.mark.parametrize("lie", ["empty", "same", "no cursor", "double"])
def test_pages_that_lie_are_noticed(lie: str) -> None:
    rows = list(range(1, 31))

    def fetch(after: str | None) -> Connection[int]:
        page = connection(rows, after if lie != "same" else None, 7)
        if lie == "empty" and after:
            page.edges = []
        if lie == "no cursor":
            page.page_info.end_cursor = None
        if lie == "double":
            page.edges[1] = page.edges[0]
        return page

    with pytest.raises(IncompleteReadError):
        read_connection(fetch, 30)


@pytest.mark.req("REC-1")
def test_a_cursor_that_leads_back_is_noticed() -> None:
    rows = list(range(1, 61))

    def fetch(after: str | None) -> Connection[int]:
        return connection(rows, "0" if after == "21" else after, 7)

    with pytest.raises(IncompleteReadError):
        read_connection(fetch, 60)
