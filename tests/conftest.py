"""What every test may ask for: one server for the session, and a fresh migrated database of it."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from retail_sync.db.database import Database
from retail_sync.db.embedded import EmbeddedServer
from retail_sync.db.migrations import migrate

_TEMPLATE = "migrated"


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """A running server that is gone after the session. It need not survive a power cut."""
    folder = Path(tempfile.mkdtemp(prefix="retail-sync-"))
    folder.chmod(0o755)
    embedded = EmbeddedServer(folder, {"fsync": "off", "shared_buffers": "64MB"})
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
    yield server.create_database(name, template)
    server.drop_database(name)


@pytest.fixture
def database(dsn: str) -> Iterator[Database]:
    """A fresh, migrated database."""
    fresh = Database(dsn)
    yield fresh
    fresh.close()
