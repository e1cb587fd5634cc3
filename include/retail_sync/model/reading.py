"""Reading a source: what is asked for, what one request brings, and what is true of a stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from .records import Record, Stream

Lane = Literal["live", "history"]
By = Literal["changed", "created"]


@dataclass(frozen=True, slots=True)
class Window:
    """A closed span of time to read: `(since, until]`, by time of change or of creation. Aware UTC."""

    since: datetime
    until: datetime
    by: By = "changed"


@dataclass(frozen=True, slots=True)
class Page:
    """What one request brought.

    Attributes:
        records: Canonical records in the order of the page.
        requested_at: When the request left, by the source's clock where ours is ahead. It orders versions whose source
            time is equal, and nothing is taken for read that was recorded later.
        refused: Vendor objects that could not become canonical, as (key, reason). They are counted and named, until a
            record of that key comes.
        readable: Where such a key is that of no record: the keys under which the vendor objects of this page would
            have been refused, and were not.
        query: Names the question that the page answers. A record that comes twice within one query is a duplicate; the
            same record in the window's pages and in those of `parents` is not. A source that puts several questions
            for one stream gives each its own name, and asks one to its end before the next.
    """

    records: Sequence[Record]
    requested_at: datetime
    refused: Sequence[tuple[str, str]] = ()
    query: str = ""
    readable: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What is true of one stream of a source.

    Attributes:
        follows: The stream whose records' numbers select further records of this one, or None. Centra's returns
            follow orders, since no filter finds a return that was changed.
        named_by: The stream whose records name records of this one by key, where the source can be asked for those
            keys (`parents` of `extract`), or None. A history reads what its orders name and nobody has read yet.
        by_change: Whether the source can select by time of change.
        whole: Whether the catalogue run takes all of it, because not every change moves the time of change, and what
            is gone moves none. Other runs read what changed.
        heavy: Whether reading it weighs on the source. In its peak hours such a read waits, as all whole reads and
            histories do.
        goes_back: Whether the time of change of a record may go back, since it is that of parts too, which may vanish.
            Then of two versions the one that was read later is the newer, whatever their times say.
        overlap: How far a window reaches back behind the watermark.
        lag: How far a window stays behind the clock.
    """

    follows: Stream | None = None
    named_by: Stream | None = None
    by_change: bool = True
    whole: bool = False
    heavy: bool = False
    goes_back: bool = False
    overlap: timedelta = timedelta(minutes=10)
    lag: timedelta = timedelta(minutes=1)
