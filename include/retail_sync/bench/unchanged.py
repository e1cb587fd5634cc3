"""An unchanged run: real sandboxes, a long history beside them in the stage, and nothing that is new."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from retail_sync.operate.house import as_environment
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import Host
from retail_sync.sandbox.world.history import history
from retail_sync.steps.close_run import close_run
from retail_sync.steps.context import open_road
from retail_sync.steps.open_run import open_run
from retail_sync.steps.perform import perform
from retail_sync.steps.registry import function_of, steps_of
from retail_sync.steps.requests import RunRequest
from retail_sync.steps.run import run_pair
from retail_sync.steps.runs import read_run

from . import floors, staged, tasks
from .figures import Extent, Figure
from .ground import PAIR, Ground, road
from .usage import Meter, Usage

_STAGED = 100_000
_CUSTOMERS, _ORDERS = 200, 500
_SECONDS = 1.0
_MARK = f"no outbound write, ≤ {_SECONDS:g} s of our own per step"


class Ran(Struct):
    """What each step of a run used."""

    steps: dict[str, Usage]


def measure(ground: Ground, extent: Extent) -> Iterator[Figure]:
    """Run a pair twice; the second run finds nothing. A floor asks both sides for what is new."""
    orders = extent.of(_STAGED, 1000)
    past = history(
        1,
        until=datetime.now(UTC) - timedelta(days=1),
        customers=extent.of(_CUSTOMERS, 20),
        orders=extent.of(_ORDERS, 20),
    )
    with Host() as host, ground.database("unchanged") as dsn:
        controls = {name: SandboxControl(host.start(name)) for name in ("centra", "mailchimp")}
        environment = _environment(controls)
        controls["centra"].apply(list(past))
        way = road(dsn)
        staged.fill(way, orders, delivered=False)
        way.database.close()
        tasks.run("unchanged:run_first", Ran, dsn=dsn, environment=environment)
        for control in controls.values():
            control.reset_log()
        ran = tasks.run("unchanged:run_again", Ran, dsn=dsn, environment=environment)
        writes = sum(control.log()["writes"] for control in controls.values())
        urls = {name: control.url for name, control in controls.items()}
        floor = tasks.run("unchanged:ask_plainly", Usage, dsn=dsn, urls=urls)
    yield _figure(ran, writes, f"{orders:,} orders staged")
    for step, usage in sorted(ran.steps.items(), key=lambda done: -_own(done[1]))[:5]:
        yield Figure(what=f"  {step}", size="", usage=usage)
    yield Figure(what="floor: ask what is new", size="", usage=floor, floor=True)


def _environment(controls: dict[str, SandboxControl]) -> dict[str, str]:
    connections = [control.health() for control in controls.values()]
    return as_environment({health["conn_id"]: health["connection"] for health in connections})


def _own(usage: Usage) -> float:
    """Time that is ours: what we wait for the other side's answers is not."""
    return usage.own_cpu + usage.postgres_cpu


def _figure(ran: Ran, writes: int, size: str) -> Figure:
    total = Usage(
        seconds=sum(usage.seconds for usage in ran.steps.values()),
        own_cpu=sum(usage.own_cpu for usage in ran.steps.values()),
        postgres_cpu=sum(usage.postgres_cpu for usage in ran.steps.values()),
        base_mb=max(usage.base_mb for usage in ran.steps.values()),
        peak_mb=max(usage.peak_mb for usage in ran.steps.values()),
    )
    slowest = max(_own(usage) for usage in ran.steps.values())
    return Figure(
        what="unchanged run",
        size=size,
        usage=total,
        mark=_MARK,
        holds=writes == 0 and slowest <= _SECONDS,
        notes={"writes": writes, "longest step, CPU s": round(slowest, 2)},
    )


def run_first(dsn: str, environment: dict[str, str]) -> Ran:
    """A whole run that takes the shop over."""
    os.environ |= environment
    report = run_pair(open_road(PAIR, dsn=dsn), "first", RunRequest(trigger="cli"))
    assert report["state"] == "closed", report["undone"]  # noqa: S101 - a measurement of something else is none
    return Ran({})


def run_again(dsn: str, environment: dict[str, str]) -> Ran:
    """A whole run that finds nothing, step by step."""
    os.environ |= environment
    way = open_road(PAIR, dsn=dsn)
    usages: dict[str, Usage] = {}
    with Meter(dsn) as meter:
        open_run(way, "again", RunRequest(trigger="cli"))
    usages["open_run"] = meter.usage
    run = read_run(way.database, "again")
    for step in (*steps_of(run.dag, run.streams), "close_run"):
        function: Any = close_run if step == "close_run" else function_of(step)
        with Meter(dsn) as meter:
            perform(way, "again", step, function)
        usages[step] = meter.usage
    return Ran(usages)


def ask_plainly(dsn: str, urls: dict[str, str]) -> Usage:
    """The floor of the same."""
    with Meter(dsn) as meter:
        floors.ask(urls, dsn)
    return meter.usage
