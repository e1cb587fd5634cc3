"""All of Airflow, as `make up` starts it: the tests of its tasks, of its watchers and of the browser share one."""

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
#: The name of a pair file that can't be read.
BROKEN = "broken_shop"


@pytest.fixture(scope="session")
def watched() -> Iterator[Up]:
    """The command, with a broken pair file and a pair that was synced; its runs and orders are late after seconds."""
    folder = Path(tempfile.mkdtemp(prefix="retail-sync-up-"))
    folder.chmod(0o755)
    pairs = write_pair(
        folder / "pairs",
        schedule={"live": NEVER, "consent": NEVER, "history": "0 0 * * *", "audit": NEVER},
        deadline={"run": {"live": "15s"}, "record": "15s"},
        # What has just happened in the shop is read at once.
        streams={"customers": {"lag": "0s"}, "orders": {"lag": "0s"}},
        load={"lease": "10s"},
    )
    write_pair(pairs, BROKEN, schedule={"yearly": NEVER})
    started = Up(folder / "house", pairs, "--customers", "12", "--orders", "20")
    started.ask("PATCH", f"dags/{PAIR}", json={"is_paused": False})
    # The first load is scheduled at once; a contact that was there before is left to the next run.
    (first,) = started.wait(lambda: started.runs(PAIR))
    assert started.finish(PAIR, first["dag_run_id"]) == "success"
    assert started.finish(PAIR, started.trigger(PAIR)) == "success"
    yield started
    started.end(signal.SIGTERM)
    shutil.rmtree(folder)
