"""The check: does each live account look as the package expects it to? Said before a run finds out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from retail_sync.errors import RetailSyncError
from retail_sync.model.ports import Connections, Finding
from retail_sync.pairs.files import read_all
from retail_sync.pairs.shipments import Shipments
from retail_sync.steps.context import Road, open_road

End = Literal["source", "destination"]


def check_pair(road: Road) -> Iterator[Finding]:
    """Check both ends of a pair."""
    yield from check_end(road, "source")
    yield from check_end(road, "destination")
    yield from _told_twice(road.pair.shipments)


def _told_twice(shipments: Shipments) -> Iterator[Finding]:
    """Which of the two mails of a parcel is turned on stands at the destination, where it can't be read."""
    if shipments.event and shipments.vendor_mail:
        detail = f"the destination's own may go out, and the event {shipments.event} is told: let one of them write"
        fix = "Turn the other off there; or set shipments.vendor_mail or shipments.event in the pair file."
        yield Finding("shipping mails", True, detail, fix)


def check_end(road: Road, end: End) -> Iterator[Finding]:
    """Check one end of a pair; an end that can't be reached is a finding like any other."""
    try:
        yield from (road.source if end == "source" else road.destination).check()
    except RetailSyncError as error:
        name = road.pair.source.system if end == "source" else road.pair.destination.system
        yield Finding(name, False, error.what, error.fix)


def check_connection(name: str, connections: Connections, dsn: str) -> Iterator[Finding]:
    """Check the accounts that a connection opens, as the pair files that name it use them."""
    pairs, _ = read_all()
    used = False
    for pair in pairs:
        ends: tuple[tuple[End, str], ...] = (
            ("source", pair.source.connection),
            ("destination", pair.destination.connection),
        )
        for end, connection in ends:
            if connection == name:
                used = True
                yield from check_end(open_road(pair, connections, dsn), end)
    if not used:
        yield Finding(name, False, "no pair file names this connection", "Name it in a file of include/pairs.")
