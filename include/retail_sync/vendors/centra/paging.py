"""Reading a list to its end, and knowing that it was the end.

Orders are paged by key, which rows that move do not disturb. One that comes on two pages all the same is told twice:
the stage counts it and keeps the newer. Everything else is paged by offset: a row that leaves the list shifts those
behind it, and who reads forward misses one. Such lists are read from the last page to the first: rows can leave a
closed window but not enter it, so they only shift towards pages that are still to come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from retail_sync.errors import IncompleteReadError
from retail_sync.vendors.centra.envelope import Connection

T = TypeVar("T")
A = TypeVar("A")
#: How many pages back a row is known again. Rows shift by as many as were edited while the list was read.
_REMEMBERED = 10
#: A page that is short by a round figure may have been cut by a lower limit of the server's own.
_ROUND = 10


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """An answer with the time at which its request left."""

    data: T
    requested_at: datetime


class Ahead:
    """Runs one call ahead of the reader, in a thread; or at once, where that is not wanted."""

    def __init__(self, prefetch: bool) -> None:
        self._pool = ThreadPoolExecutor(1, "centra-page") if prefetch else None

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def start(self, call: Callable[[A], T], argument: A) -> Callable[[], T]:
        """Begin the call; what is returned gives its result or raises its error."""
        if self._pool is None:
            return lambda: call(argument)
        future: Future[T] = self._pool.submit(call, argument)
        return future.result


def by_cursor(
    fetch: Callable[[str | None], Answered[Connection[T]]], count: Callable[[], int], prefetch: bool
) -> Iterator[Answered[Sequence[T]]]:
    """Read a connection page by page.

    Args:
        fetch: Gives the page after a cursor.
        count: Tells how many rows the filter selects now.
        prefetch: Whether the next page is asked for while one is worked on.

    Raises:
        IncompleteReadError: A page brings nothing new, leads back, or is the last before every row was seen.
    """
    chain = _Chain()
    with Ahead(prefetch) as ahead:
        upcoming = ahead.start(fetch, None)
        while True:
            page = upcoming()
            goes_on = chain.add(page.data)
            if goes_on:
                upcoming = ahead.start(fetch, page.data.page_info.end_cursor)
            yield Answered([edge.node for edge in page.data.edges], page.requested_at)
            if not goes_on:
                break
    # Rows that were edited meanwhile have left the window; the rest must all have been read.
    if chain.rows < chain.total and chain.rows < (left := count()):
        raise _incomplete(f"{chain.rows} rows were read where {left} are")


class _Chain:
    """What was read of a connection so far; `rows` counts a row once, on however many pages it comes."""

    def __init__(self) -> None:
        self.rows = 0
        self.total = 0
        self._ends: set[str] = set()
        self._behind: deque[set[str]] = deque(maxlen=_REMEMBERED)

    def add(self, page: Connection[Any]) -> bool:
        """Take a page in; returns whether another follows."""
        cursors = {edge.cursor for edge in page.edges}
        new = cursors.difference(*self._behind)
        if len(cursors) < len(page.edges) or (cursors and not new):
            raise _incomplete("a page holds a row twice, or nothing that is new")
        if not self.rows:
            self.total = page.total_count
        self.rows += len(new)
        self._behind.append(cursors)
        if not page.page_info.has_next_page:
            return False
        end = page.page_info.end_cursor
        if not cursors or end is None or end in self._ends:
            raise _incomplete("a page that should lead on leads nowhere, or back")
        self._ends.add(end)
        return True


def by_offset(
    fetch: Callable[[int], Answered[Sequence[T]]],
    probe: Callable[[int], Sequence[object]],
    size: int,
    key: Callable[[T], object],
    prefetch: bool,
) -> Iterator[Answered[Sequence[T]]]:
    """Read a list that is paged by number, the last page first.

    Args:
        fetch: Gives a page by its number, from 1.
        probe: Gives the keys of the rows that a page holds now.
        size: How many rows a full page holds.
        key: What tells rows apart.
        prefetch: Whether the next page is asked for while one is worked on.

    Raises:
        IncompleteReadError: A page repeats, is too long, or is short in the middle, or there is more behind the end
            than may have come meanwhile.
    """
    first = fetch(1)
    if len(first.data) < size and (len(first.data) % _ROUND or not first.data or not probe(2)):
        yield first
        return
    if len(first.data) != size:
        raise _incomplete(f"a page holds {len(first.data)} rows where {size} were asked for")
    last, on_last = _last_page(probe), 0
    behind: deque[set[object]] = deque(maxlen=_REMEMBERED)
    with Ahead(prefetch) as ahead:
        upcoming = ahead.start(fetch, last)
        for number in range(last, 0, -1):
            page = upcoming()
            if number > 1:
                upcoming = ahead.start(fetch, number - 1)
            keys = [key(row) for row in page.data]
            seen: set[object] = set().union(*behind)
            if number < last and (len(keys) < size or seen.issuperset(keys)):
                _check_shift(keys, probe(number + 1), size)
            _check_page(keys, size)
            on_last = len(keys) if number == last else on_last
            # What has shifted since its page was read comes again, and is not told twice.
            yield Answered([row for row, k in zip(page.data, keys, strict=True) if k not in seen], page.requested_at)
            behind.append(set(keys))
    # The end was where one page came empty. That may have been a slip, or the list, open at its end, has grown since.
    if more := probe(last + 1):
        if on_last < size or len(more) >= size:
            raise _incomplete("a page that had come empty holds rows")
        yield fetch(last + 1)


def _check_page(keys: Sequence[object], size: int) -> None:
    if len(keys) > size or len(set(keys)) < len(keys):
        raise _incomplete("a page is too long or holds a row twice")


def _check_shift(keys: Sequence[object], following: Sequence[object], size: int) -> None:
    """A page that is short, or brings nothing new, is right where rows have left: the page behind it tells."""
    if set(keys) & set(following):
        raise _incomplete("a page repeats another one")
    if following and len(keys) < size:
        raise _incomplete("a page is short and another follows it")


def _last_page(probe: Callable[[int], Sequence[object]]) -> int:
    """The number of the last page that holds a row, found by doubling and halving; page 1 is known to be full."""
    full, empty = 1, 2
    while probe(empty):
        full, empty = empty, empty * 2
    while empty - full > 1:
        middle = (full + empty) // 2
        if probe(middle):
            full = middle
        else:
            empty = middle
    return full


def _incomplete(what: str) -> IncompleteReadError:
    return IncompleteReadError(
        f"the list was not read whole: {what}", fix="Run again. If it stays, tell Centra, and keep the log of the run."
    )
