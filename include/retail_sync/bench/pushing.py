"""Push: an outbox of changed members emptied over HTTP, bound by the allowance of the account or by nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

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
#: So few that the processor has time to spare: what is then lost of the allowance, the budget itself has lost.
_SMALL_CHANGES, _SMALL_BATCH = 20_000, 50
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
    """Push within an allowance with one worker and with four, push without one, and the floors of both."""
    for changes, batch in ((_CHANGES, _BATCH), (_SMALL_CHANGES, _SMALL_BATCH)):
        load = _Load(extent.of(changes, batch), batch)
        for workers in (1, 4):
            yield extent.median(partial(_limited, ground, load, workers))
        yield extent.median(partial(_limited_floor, ground, load))
    load = _Load(extent.of(_CHANGES, _BATCH), _BATCH)
    yield extent.median(partial(_free, ground, load))
    yield extent.median(partial(_floor, ground, load))


class _Load(NamedTuple):
    """What is pushed: so many changes, so many of them in a request."""

    changes: int
    batch: int

    @property
    def size(self) -> str:
        return f"{self.changes:,} changes, {self.batch} a request"


def _limited(ground: Ground, load: _Load, workers: int) -> Figure:
    usage, taken = _push(ground, load, workers=workers, rate=_ALLOWED)
    used = _used(taken)
    processes = "1 worker" if workers == 1 else f"{workers} workers"
    return Figure(
        what=f"push, {_ALLOWED} requests/s allowed, {processes}",
        size=load.size,
        usage=usage,
        count=load.changes,
        mark=_MARK_LIMITED,
        holds=used >= _USED and taken["refused"] == 0,
        notes={"allowance used": round(used, 3), "429": int(taken["refused"])},
    )


def _limited_floor(ground: Ground, load: _Load) -> Figure:
    """How much of the allowance plain code uses here, on a server that counts and refuses nobody."""
    usage, taken = _push_plainly(ground, load, rate=_ALLOWED)
    return Figure(
        what=f"floor: select, post {_ALLOWED} times a second, mark",
        size=load.size,
        usage=usage,
        count=load.changes,
        floor=True,
        notes={"allowance used": round(_used(taken), 3)},
    )


def _free(ground: Ground, load: _Load) -> Figure:
    usage, _ = _push(ground, load, workers=1, rate=None)
    figure = Figure(what="push, no limit", size=load.size, usage=usage, count=load.changes, mark=_MARK_FREE)
    figure.holds = figure.rate >= _RATE
    return figure


def _floor(ground: Ground, load: _Load) -> Figure:
    usage, _ = _push_plainly(ground, load, rate=None)
    return Figure(what="floor: select, post, mark", size=load.size, usage=usage, count=load.changes, floor=True)


def _used(taken: dict[str, float]) -> float:
    """Which part of the allowance was used between the first call and the last."""
    return (taken["taken"] - 1) / (taken["seconds"] * _ALLOWED) if taken["seconds"] else 0.0


def _push_plainly(ground: Ground, load: _Load, *, rate: int | None) -> tuple[Usage, dict[str, float]]:
    with canned.serving("canned_audience") as url, ground.database("push") as dsn:
        fill(dsn, load.changes)
        usage = tasks.run("pushing:push_plainly", Usage, url=url, dsn=dsn, batch=load.batch, rate=rate)
        return usage, canned.books(url)


def _push(ground: Ground, load: _Load, *, workers: int, rate: int | None) -> tuple[Usage, dict[str, float]]:
    with canned.serving("canned_audience", rate=rate) as url, ground.database("push") as dsn:
        fill(dsn, load.changes)
        settings = [{"url": url, "dsn": dsn, "batch": load.batch, "rate": rate}] * workers
        usages = tasks.run_together("pushing:push", Usage, settings)
        taken = canned.books(url)
        assert taken["members"] == load.changes, taken  # noqa: S101 - a measurement of something else is none
        return added(usages), taken


def fill(dsn: str, changes: int) -> None:
    """Queue so many changed members."""
    way = road(dsn)
    parameters = {"account": way.pair.destination.account, "pair": way.pair.pair, "changes": changes}
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in (_STANDING, _WAITING):
            connection.execute(statement, parameters)
        connection.execute("vacuum (analyze) delivery.outbox, delivery.ledger")


def push(url: str, dsn: str, batch: int, rate: int | None) -> Usage:
    """The step `load`, with its requests of this size and the destination's budget held to a rate."""
    way = road(dsn, destination=url)
    services = Services(clock=utc_now, budget=_Allowance(way.database, rate), carriers={})
    destination: Destination = open_destination(way.pair, way.connections, services)
    vars(way)["destination"] = destination
    door: Door = replace(destination_door(way), bulk={"member": batch})
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


def push_plainly(url: str, dsn: str, batch: int, rate: int | None) -> Usage:
    """The floor of the same."""
    with Meter(dsn) as meter:
        floors.push(url, dsn, batch, rate)
    return meter.usage
