"""Lanes: pairs run beside each other, but that the first of a source goes before the others, which share its pages."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

from retail_sync.pairs.config import Pair

from .figures import Runs

T = TypeVar("T")
#: How many pairs run beside each other: a run waits for its sandboxes and for Postgres, too.
_LANES = 3
#: Says by how many seconds a process's clock is ahead of the real time.
CLOCK_OFFSET = "RETAIL_SYNC_CLOCK_OFFSET"
#: Loaded once for all lanes: that takes longer than many a run.
_HEAVY = [
    "great_expectations",
    "airflow.api_fastapi.execution_api.app",
    "airflow.dag_processing.dagbag",
    "airflow.models.dagrun",
    "airflow.sdk.execution_time.supervisor",
    "retail_sync_airflow.trial",
    "retail_sync_airflow.demo.execution_api",
]


@dataclass(frozen=True, slots=True)
class Ran:
    """That the DAGs of a pair ran once: which runs they were, and for how many seconds."""

    pair: Pair
    runs: Runs
    seconds: float


class Lanes:
    """Processes in which pairs run.

    Args:
        pairs: The pairs that run.
    """

    def __init__(self, pairs: Sequence[Pair]) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_HEAVY)
        self._pairs = pairs
        self._pool = ProcessPoolExecutor(_LANES, context, _end_with_parent)
        # First and alone: what Airflow writes when it first sees a database, two processes can't write at once.
        self._ready = self._pool.submit(_greet_airflow)

    def run(self, *, at_night: bool) -> Iterator[Ran]:
        """Run every pair's DAGs once, at the time that this process has; tells of each as it ends.

        Args:
            at_night: Whether the audit runs first, so that what it has planned again is sent by the run behind it.
        """
        self._ready.result()
        offset = os.environ.get(CLOCK_OFFSET, "0")
        behind: dict[str, list[Pair]] = defaultdict(list)
        for pair in self._pairs:
            behind[pair.source.account].append(pair)
        running = {self._start(pairs.pop(0), offset, at_night) for pairs in behind.values()}
        while running:
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for one in ended:
                ran = one.result()
                running |= {self._start(pair, offset, at_night) for pair in behind.pop(ran.pair.source.account, ())}
                yield ran

    def _start(self, pair: Pair, offset: str, at_night: bool) -> Future[Ran]:
        return self._pool.submit(_run, pair, offset, at_night)

    def each(self, work: Callable[[Pair], T]) -> Iterator[tuple[Pair, T]]:
        """Do a piece of work for every pair, beside each other; gives what came of it in their order."""
        return zip(self._pairs, self._pool.map(work, self._pairs), strict=True)

    def close(self) -> None:
        """End the processes; what still runs is waited for."""
        self._pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Let this process end when the one that it works for has, however that ended."""
    logging.disable(logging.INFO)
    # What was loaded once for all is never looked at again, so that what tasks leave behind is found quickly.
    gc.freeze()
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=follow, name="parent", daemon=True).start()


def _greet_airflow() -> None:
    """Make Airflow's database, here where Airflow is loaded: a process of its own would load it once more."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.utils.db import initdb

    initdb()
    DagBundlesManager().sync_bundles_to_db()  # type: ignore[no-untyped-call]


def _run(pair: Pair, offset: str, at_night: bool) -> Ran:
    os.environ[CLOCK_OFFSET] = offset
    started = time.monotonic()
    audit = _on_airflow(f"{pair.pair}__audit") if at_night else None
    runs = Runs(_on_airflow(pair.pair), _on_airflow(f"{pair.pair}__consent"), audit)
    return Ran(pair, runs, round(time.monotonic() - started, 1))


def _on_airflow(dag_id: str) -> str:
    """Run a DAG as Airflow's own test runner does, by hand and without a logical date; return our name of the run."""
    from retail_sync_airflow.trial import run_here

    run = run_here(dag_id)
    # A task's process ends with it, and its connections with that; here they would pile up.
    gc.collect()
    name = f"{dag_id}/{run.run_id}"
    if run.state != "success":
        raise SystemExit(f"{name} ended as {run.state}")
    return name
