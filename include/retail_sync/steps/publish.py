"""Publishing the catalogue as one file, where the destination takes it only whole."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Sequence
from itertools import chain

from retail_sync.delivery.catalogue import Made, Shelf
from retail_sync.model.feed import Feed
from retail_sync.model.people import Listing
from retail_sync.people.views import catalogue

from .context import Road
from .perform import Report
from .runs import read_run


def publish(road: Road, run_id: str) -> Report:
    """Make the catalogue's file of every accepted product, and bring it or lay it ready.

    A file that equals the newest one changes nothing; one that has lost too many rows, or has none, waits for a person,
    and the one before it stands.

    Returns:
        `state` of the file and its `rows`; `left_out`: products without a row; `words` of whoever refuses or holds it.
        `none` where there is no such file.

    Raises:
        WaitError: The destination can't take it now; another try of the step brings it.
        ConfigurationError: The destination takes nothing until a person acts.
    """
    feed = road.destination.feed
    if feed is None or read_run(road.database, run_id).dry_run:
        return {"state": "none"}
    place = road.pair.pair, road.pair.destination.account
    with road.database.connection() as connection:
        made = write(feed, catalogue(connection, road.pair.pair))
        offered = Shelf(connection, *place).offer(made, run_id=run_id, least=feed.least, now=road.clock())
    report: Report = {
        "state": offered.state,
        "rows": offered.rows,
        "left_out": made.left_out,
        "is_new": offered.is_new,
        "words": offered.words,
    }
    if offered.state == "waiting":
        # What waits is what was just made, or equal to it.
        words = feed.push(made.content) if feed.pushed else ""
        report |= {"state": "refused" if words else "published", "words": words or None}
        with road.database.connection() as connection:
            Shelf(connection, *place).end(offered.file_id, report["state"], report["words"])
    return {name: found for name, found in report.items() if found is not None}


def write(feed: Feed, listings: Iterable[Listing]) -> Made:
    """The file of these products. Equal products make equal files."""
    packed, digest = io.BytesIO(), hashlib.blake2b(digest_size=16)
    number = left_out = 0
    # Without a time or a name, so that the packed file says no more than its text.
    with gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0) as out:
        for rows in chain([[feed.columns]], (list(feed.rows(listing)) for listing in listings)):
            text = _csv(rows)
            digest.update(text)
            out.write(text)
            number += len(rows)
            left_out += not rows
    return Made(number - 1, digest.digest(), packed.getvalue(), left_out)


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
