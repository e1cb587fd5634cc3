"""All of Airflow with a pair whose deadlines are seconds, for the tests of what its watchers see and of the browser."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .pair_files import PAIR, write_pair
from .up_process import Up

#: A schedule that comes round on the next 29th of February.
NEVER = "0 0 29 2 *"
_running: list[Up] = []


@pytest.fixture(scope="session")
def watched() -> Iterator[Up]:
    """The command, with a pair that has been synced and whose runs and orders are late after some seconds."""
    folder = Path(tempfile.mkdtemp(prefix="retail-sync-watched-"))
    folder.chmod(0o755)
    schedule = {"live": NEVER, "consent": NEVER, "history": NEVER, "audit": NEVER}
    deadline = {"run": {"live": "15s"}, "record": "15s"}
    # What has just happened in the shop is read at once.
    streams = {"customers": {"lag": "0s"}, "orders": {"lag": "0s"}}
    pairs = write_pair(folder / "pairs", schedule=schedule, streams=streams, deadline=deadline)
    started = Up(folder / "house", pairs, "--customers", "12", "--orders", "20")
    started.ask("PATCH", f"dags/{PAIR}", json={"is_paused": False})
    # The first load is scheduled at once; a contact that was there before is left to the next run.
    (first,) = started.wait(lambda: started.runs(PAIR))
    assert started.finish(PAIR, first["dag_run_id"]) == "success"
    assert started.finish(PAIR, started.trigger(PAIR)) == "success"
    _running.append(started)
    yield started
    end()
    shutil.rmtree(folder)


def end() -> None:
    """End it as soon as nobody needs it any more: it takes a third of a core from the tests that follow."""
    while _running:
        _running.pop().end(signal.SIGTERM)
