"""Plan: a shop of a million orders of which one in a hundred has changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from retail_sync.steps.open_run import open_run
from retail_sync.steps.perform import perform
from retail_sync.steps.registry import function_of
from retail_sync.steps.requests import RunRequest

from . import floors, staged, tasks
from .figures import Extent, Figure
from .ground import Ground, road
from .usage import Meter, Usage

_ORDERS = 1_000_000
_SECONDS = 3.0
_STEPS = ("seal", "validate", "plan")
_MARK = f"≤ {_SECONDS:g} s, only changed rows leave Postgres"


class Planned(Struct):
    """What a step used, and its report."""

    usage: Usage
    report: dict[str, Any]


def measure(ground: Ground, extent: Extent) -> Iterator[Figure]:
    """Plan the changes of one run; seal and validate stand beside it, and a floor."""
    orders = extent.of(_ORDERS, 1000)
    size = f"{orders:,} orders, 1 % changed"
    with ground.database("plan") as dsn:
        way = road(dsn)
        staged.fill(way, orders, delivered=True)
        staged.make_due(way)
        open_run(way, "before", RunRequest())
        for step in _STEPS:
            perform(way, "before", step, function_of(step))
        staged.deliver(way)
        staged.change(way)
        way.database.close()
        floor = tasks.run("planning:plan_plainly", Usage, dsn=dsn)
        planned = {step: tasks.run("planning:do_step", Planned, dsn=dsn, step=step) for step in _STEPS}
    for step, done in planned.items():
        yield _figure(step, done, size, orders)
    yield Figure(what="floor: read changes, sum, queue", size=size, usage=floor, floor=True)


def _figure(step: str, done: Planned, size: str, orders: int) -> Figure:
    if step != "plan":
        return Figure(what=step, size=size, usage=done.usage)
    read = done.report["people"] + sum(done.report["touched"].values())
    queued = sum(sum(counts.values()) for counts in done.report["queued"].values())
    return Figure(
        what="plan",
        size=size,
        usage=done.usage,
        mark=_MARK,
        holds=done.usage.seconds <= _SECONDS and read <= orders // 20,
        notes={"rows read": read, "queued": queued},
    )


def do_step(dsn: str, step: str) -> Planned:
    """One of the steps of a run that finds the changes."""
    way = road(dsn)
    _ = way.destination
    if step == _STEPS[0]:
        open_run(way, "bench", RunRequest())
    with Meter(dsn) as meter:
        report = perform(way, "bench", step, function_of(step))
    return Planned(meter.usage, report)


def plan_plainly(dsn: str) -> Usage:
    """The floor of `plan`. It queues in a table of its own."""
    with Meter(dsn) as meter:
        floors.plan(dsn)
    return meter.usage
