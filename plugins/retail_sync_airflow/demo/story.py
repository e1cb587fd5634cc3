"""The demo's story: a shop is synced, nothing happens, a day goes by, and the night after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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

from .figures import figures, money
from .lanes import CLOCK_OFFSET, Lanes

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
        sandboxes: By connection, the sandboxes that their ends lead to.
        customers: How many customers the shop has.
        orders: How many orders were placed in the last eighteen months.
        seed: The same seed invents the same shop.
    """

    def __init__(
        self, pairs: list[str], sandboxes: dict[str, SandboxControl], *, customers: int, orders: int, seed: int
    ) -> None:
        self.pairs = [find(name) for name in pairs]
        self.sandboxes = sandboxes
        self._lanes = Lanes(self.pairs)
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
        """Run every pair's DAGs once, on Airflow; tell the figures of each as it ends. See `lanes.Lanes.run`.

        Args:
            label: What the chapter is called.
            at_night: Whether the audit runs first, so that what it has planned again is sent by the run behind it.
        """
        writes = {pair.pair: self._writes(pair) for pair in self.pairs}
        for ran in self._lanes.run(at_night=at_night):
            pair = ran.pair
            found = figures(_road(pair), ran.runs)
            found |= {
                "label": label,
                "outbound_writes": self._writes(pair) - writes[pair.pair],
                "seconds": ran.seconds,
            }
            yield Told(pair.pair, label, found)

    def close(self) -> None:
        """End the processes in which pairs run."""
        self._lanes.close()

    def compare(self) -> Iterator[tuple[Pair, dict[str, Any]]]:
        """Read every object of each pair back from its destination and compare all of them.

        Returns:
            Of each pair what `steps.reconcile.compare` gives; `theirs`: figures of what the destination holds;
            `theirs_proof`: how each of them is known.
        """
        return self._lanes.each(_compare)

    def money(self, pair: Pair) -> dict[str, Any]:
        """Both sides' orders by currency, as the night's audit has read them. See `figures.money`."""
        return money(_road(pair))

    def exceptions(self, pair: Pair) -> list[Entry]:
        """What is wrong with a pair and waits for a person."""
        with _road(pair).database.connection() as connection:
            return entries(connection, pair.pair)

    def source_writes(self) -> dict[str, int]:
        """What each source's own log counts, by account: pairs that share a source write to the same."""
        return {pair.source.account: self._counted(pair.source.connection) for pair in self.pairs}

    def _spring(self, fault: dict[str, Any]) -> None:
        """Switch a fault of the shop on; it strikes when its page is read."""
        fields = {name: value for name, value in fault.items() if name != "fault"}
        for name in {pair.source.connection for pair in self.pairs}:
            if fault["fault"] in self.sandboxes[name].known_faults():
                self.sandboxes[name].fault(fault["fault"], **fields)

    def _tell(self, events: list[Any]) -> int:
        with ThreadPoolExecutor() as together:
            list(together.map(lambda control: control.apply(events), self.sandboxes.values()))
        return len(events)

    def _writes(self, pair: Pair) -> int:
        """What the destination's own log counts. Nothing but the pair writes there, if it has an account of its own."""
        return self._counted(pair.destination.connection)

    def _counted(self, connection: str) -> int:
        return int(self.sandboxes[connection].log()["writes"])

    def _set_clock(self, offset: timedelta) -> None:
        os.environ[CLOCK_OFFSET] = str(offset.total_seconds())


def _road(pair: Pair) -> Road:
    return open_road(pair)


def _compare(pair: Pair) -> dict[str, Any]:
    road = _road(pair)
    totals = road.destination.totals()
    return {
        **compare(road, "demo/compare", sample=_EVERYTHING),
        "theirs": {total.name: total.value for total in totals},
        "theirs_proof": {total.name: total.proof for total in totals},
    }
