"""Push: an outbox of changed members emptied over HTTP, bound by the allowance of the account or by nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import psycopg

from retail_sync.db.budgets import shared_budget
from retail_sync.db.database import Database
from retail_sync.delivery.door import Door
from retail_sync.delivery.load import empty
from retail_sync.model.ports import Budget, Destination, Services
from retail_sync.steps.load import destination_door
from retail_sync.vendors.registry import open_destination

from . import canned, floors, tasks
from .figures import Extent, Figure, added
from .ground import Ground, road, utc_now
from .usage import Meter, Usage

_CHANGES = 100_000
_BATCH = 500
_ALLOWED = 50
_USED, _RATE = 0.95, 20_000
_MARK_LIMITED = f"≥ {_USED:.0%} of the allowance, no 429"
_MARK_FREE = f"≥ {_RATE:,}/s"

# Members that stand at the platform, and for each a change that waits: half of the fields are others now.
_STANDING = """
    insert into delivery.ledger
        (account, object_id, pair, kind, vendor_key, payload, hash, row_id, delivered_at)
    select %(account)s, 'member:' || number, %(pair)s, 'member', md5('buyer' || number || '@mail.test'),
           jsonb_build_object('email_address', 'buyer' || number || '@mail.test', 'merge_fields', jsonb_build_object(
               'FNAME', 'Åsa', 'LNAME', 'Berg', 'CITY', 'Stockholm', 'COUNTRY', 'SE', 'LTV', number,
               'ORDERS', 1, 'AVGORDER', number, 'LASTORD', '2026-03-01', 'BUYER', 'new')),
           decode(md5('before' || number), 'hex'), 0, now()
      from generate_series(1, %(changes)s) as number
"""
_WAITING = """
    insert into delivery.outbox
        (account, pair, kind, object_id, vendor_key, row, operation, payload, hash, priority, run_id, queued_at)
    select account, pair, kind, object_id, vendor_key, 'state', 'update',
           jsonb_set(payload, '{merge_fields}', payload -> 'merge_fields' || '{"ORDERS": 2, "BUYER": "repeat"}'),
           decode(md5('after' || object_id), 'hex'), 30, 'bench', now()
      from delivery.ledger
     order by object_id
"""


def measure(ground: Ground, extent: Extent) -> Iterator[Figure]:
    """Push within an allowance with one worker and with four, push without one, and the floor of that."""
    changes = extent.of(_CHANGES, _BATCH)
    for workers in (1, 4):
        yield extent.median(partial(_limited, ground, changes, workers))
    yield extent.median(partial(_free, ground, changes))
    yield extent.median(partial(_floor, ground, changes))


def _limited(ground: Ground, changes: int, workers: int) -> Figure:
    usage, taken = _push(ground, changes, workers=workers, rate=_ALLOWED)
    used = (taken["taken"] - 1) / (taken["seconds"] * _ALLOWED) if taken["seconds"] else 0.0
    processes = "1 worker" if workers == 1 else f"{workers} workers"
    return Figure(
        what=f"push, {_ALLOWED} requests/s allowed, {processes}",
        size=f"{changes:,} changes",
        usage=usage,
        count=changes,
        mark=_MARK_LIMITED,
        holds=used >= _USED and taken["refused"] == 0,
        notes={"allowance used": round(used, 3), "429": int(taken["refused"])},
    )


def _free(ground: Ground, changes: int) -> Figure:
    usage, _ = _push(ground, changes, workers=1, rate=None)
    figure = Figure(what="push, no limit", size=f"{changes:,} changes", usage=usage, count=changes, mark=_MARK_FREE)
    figure.holds = figure.rate >= _RATE
    return figure


def _floor(ground: Ground, changes: int) -> Figure:
    with canned.serving("canned_audience") as url, ground.database("push") as dsn:
        fill(dsn, changes)
        usage = tasks.run("pushing:push_plainly", Usage, url=url, dsn=dsn)
    return Figure(what="floor: select, post, mark", size=f"{changes:,} changes", usage=usage, count=changes, floor=True)


def _push(ground: Ground, changes: int, *, workers: int, rate: int | None) -> tuple[Usage, dict[str, float]]:
    with canned.serving("canned_audience", rate=rate) as url, ground.database("push") as dsn:
        fill(dsn, changes)
        settings = [{"url": url, "dsn": dsn, "rate": rate}] * workers
        usages = tasks.run_together("pushing:push", Usage, settings)
        taken = canned.books(url)
        assert taken["members"] == changes, taken  # noqa: S101 - a measurement of something else is none
        return added(usages), taken


def fill(dsn: str, changes: int) -> None:
    """Queue so many changed members."""
    way = road(dsn)
    parameters = {"account": way.pair.destination.account, "pair": way.pair.pair, "changes": changes}
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in (_STANDING, _WAITING):
            connection.execute(statement, parameters)
        connection.execute("vacuum (analyze) delivery.outbox, delivery.ledger")


def push(url: str, dsn: str, rate: int | None) -> Usage:
    """The step `load`, with the destination's budget held to a rate."""
    way = road(dsn, destination=url)
    services = Services(clock=utc_now, budget=_Allowance(way.database, rate), carriers={})
    destination: Destination = open_destination(way.pair, way.connections, services)
    vars(way)["destination"] = destination
    door: Door = destination_door(way)
    with Meter(dsn) as meter:
        empty(way.database, door, utc_now)
    return meter.usage


class _Allowance:
    """Gives budgets that are held to a rate, whatever the vendor's own facts say."""

    def __init__(self, database: Database, rate: int | None) -> None:
        self._database = database
        self._rate = rate

    def __call__(self, name: str, rate: float | None, burst: float | None, slots: int | None) -> Budget:
        return shared_budget(self._database, name, self._rate or rate, burst, slots)


def push_plainly(url: str, dsn: str) -> Usage:
    """The floor of the same."""
    with Meter(dsn) as meter:
        floors.push(url, dsn, _BATCH)
    return meter.usage
