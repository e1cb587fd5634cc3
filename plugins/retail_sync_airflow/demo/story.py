"""The demo's story: a shop is synced, nothing happens, a day goes by, and the night after it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from retail_sync.exceptions.entries import Entry, entries
from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import find
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.world import cases
from retail_sync.sandbox.world.day import day
from retail_sync.sandbox.world.history import history
from retail_sync.sandbox.world.state import World
from retail_sync.steps.context import Road, open_road
from retail_sync.steps.reconcile import compare

from .figures import Runs, figures

_OFFSET = "RETAIL_SYNC_CLOCK_OFFSET"
_DAY = timedelta(days=1)
#: Enough to compare every object that a demo makes.
_EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True)
class Told:
    """One chapter of the story for one pair: its label and its figures."""

    pair: str
    label: str
    figures: dict[str, Any]


class Story:
    """A shop and the pairs that follow it.

    Args:
        pairs: Names of pair files.
        sandboxes: The sandboxes of all their systems.
        customers: How many customers the shop has.
        orders: How many orders were placed in the last eighteen months.
        seed: The same seed invents the same shop.
    """

    def __init__(
        self, pairs: list[str], sandboxes: dict[str, SandboxControl], *, customers: int, orders: int, seed: int
    ) -> None:
        self.pairs = [find(name) for name in pairs]
        self.sandboxes = sandboxes
        self._size = {"customers": customers, "orders": orders}
        self._seed = seed
        self._world = World()
        self._today = datetime.now(UTC)
        self._cases = cases.all_cases(self._today - _DAY)

    def invent(self) -> int:
        """Let the shop have lived until a day ago; return how many things happened in it."""
        self._set_clock(-_DAY)
        past = list(history(self._seed, until=self._today - _DAY, world=self._world, **self._size))
        for case in self._cases:
            if case.fault:
                self._spring(case.fault)
        return self._tell([*past, *cases.past(self._cases)])

    def live_on(self) -> int:
        """Let a day go by; return how many things happened."""
        news = list(day(self._world, self._today - timedelta(minutes=5), start=self._today - _DAY, seed=self._seed))
        self._set_clock(timedelta(0))
        return self._tell([*news, *cases.news(self._cases)])

    def run(self, label: str, *, at_night: bool = False) -> Iterator[Told]:
        """Run every pair's DAGs once, on Airflow; tell the figures of each as it ends.

        Args:
            label: What the chapter is called.
            at_night: Whether the audit runs first, so that what it has planned again is sent by the run behind it.
        """
        for pair in self.pairs:
            writes = self._writes(pair)
            started = time.monotonic()
            audit = _on_airflow(f"{pair.pair}__audit") if at_night else None
            live = _on_airflow(pair.pair)
            consent = _on_airflow(f"{pair.pair}__consent")
            found = figures(_road(pair), Runs(live, consent, audit))
            found |= {
                "label": label,
                "outbound_writes": self._writes(pair) - writes,
                "seconds": round(time.monotonic() - started, 1),
            }
            yield Told(pair.pair, label, found)

    def compare(self, pair: Pair) -> dict[str, Any]:
        """Read every object of a pair back from its destination and compare all of them; `theirs`: its own figures."""
        road = _road(pair)
        theirs = {total.name: total.value for total in road.destination.totals()}
        return {**compare(road, "demo/compare", sample=_EVERYTHING), "theirs": theirs}

    def exceptions(self, pair: Pair) -> list[Entry]:
        """What is wrong with a pair and waits for a person."""
        with _road(pair).database.connection() as connection:
            return entries(connection, pair.pair)

    def _spring(self, fault: dict[str, Any]) -> None:
        """Switch a fault of the shop on; it strikes when its page is read."""
        fields = {name: value for name, value in fault.items() if name != "fault"}
        for system in {pair.source.system for pair in self.pairs}:
            if fault["fault"] in self.sandboxes[system].known_faults():
                self.sandboxes[system].fault(fault["fault"], **fields)

    def _tell(self, events: list[Any]) -> int:
        for control in self.sandboxes.values():
            control.apply(events)
        return len(events)

    def _writes(self, pair: Pair) -> int:
        """What the destination's own log counts."""
        return int(self.sandboxes[pair.destination.system].log()["writes"])

    def _set_clock(self, offset: timedelta) -> None:
        os.environ[_OFFSET] = str(offset.total_seconds())


def _road(pair: Pair) -> Road:
    return open_road(pair)


def _on_airflow(dag_id: str) -> str:
    """Run a DAG as Airflow's own test runner does, by hand and without a logical date; return our name of the run."""
    from retail_sync_airflow.trial import run_here

    run = run_here(dag_id)
    name = f"{dag_id}/{run.run_id}"
    if run.state != "success":
        raise SystemExit(f"{name} ended as {run.state}")
    return name
