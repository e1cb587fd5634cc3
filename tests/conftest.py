"""What every test may ask for: one server for the session, and a fresh migrated database of it."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from retail_sync.db.database import Database
from retail_sync.db.embedded import EmbeddedServer
from retail_sync.db.migrations import migrate
from tests.airflow.watched_up import watched
from tests.databases import copied

__all__ = ["watched"]

_TEMPLATE = "migrated"
#: Nothing of it need survive a power cut, and each of its databases lives for seconds.
_SHORT_LIVED = {
    "shared_buffers": "64MB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}
#: What the databases of a session may need, and as much again (bytes).
_ROOM = 4 << 30
# A worker of pytest's is given the width of a terminal, and consoles that are made while it is would keep to that.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)


#: Folders whose tests run all of Airflow, which wants the machine for itself.
_ONE_AT_A_TIME = ("tests/airflow/", "tests/browser/")
#: What begins first: the longest, so that workers come to their end together.
_LONGEST = (*_ONE_AT_A_TIME, "tests/unit/test_bench_suite.py", "tests/pipeline/")


class _OneAirflow(LoadFileScheduling):  # type: ignore[misc]
    """Workers share the tests out by files, and never do two of them run Airflow."""

    def _split_scope(self, nodeid: str) -> str:
        return "airflow" if nodeid.startswith(_ONE_AT_A_TIME) else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> _OneAirflow:
    """How several workers divide the tests, where there are several."""
    return _OneAirflow(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Marks of our own."""
    config.addinivalue_line("markers", "last: the test ends what those of its folders share, and comes after them")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests into the order in which they begin; within a file it stays as it is."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[int, bool]:
    """Where a test stands: those that run Airflow are of one place, of which some are last."""
    first = next((place for place, part in enumerate(_LONGEST) if item.nodeid.startswith(part)), len(_LONGEST))
    return max(first, len(_ONE_AT_A_TIME) - 1), item.get_closest_marker("last") is not None


def _in_memory() -> Path | None:
    """Where files live in memory, if there is room: a run makes and drops a hundred small tables."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < _ROOM:
        return None
    return memory


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """A running server that is gone after the session."""
    folder = Path(tempfile.mkdtemp(prefix="retail-sync-", dir=_in_memory()))
    folder.chmod(0o755)
    embedded = EmbeddedServer(folder, _SHORT_LIVED)
    embedded.start()
    yield embedded
    embedded.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template(server: EmbeddedServer) -> str:
    """The name of a migrated database that nobody connects to, so that it can be copied."""
    migrate(server.create_database(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def dsn(server: EmbeddedServer, template: str) -> Iterator[str]:
    """The DSN of a fresh, migrated database."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield copied(server, name, template)
    server.drop_database(name)


@pytest.fixture
def database(dsn: str) -> Iterator[Database]:
    """A fresh, migrated database."""
    fresh = Database(dsn)
    yield fresh
    fresh.close()
