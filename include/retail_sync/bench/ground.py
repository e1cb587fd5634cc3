"""What measurements stand on: the embedded server as it is shipped, a fresh database for each, and a road in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from retail_sync.db.database import Database
from retail_sync.db.embedded import EmbeddedServer
from retail_sync.db.migrations import migrate
from retail_sync.model.ports import Connection
from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import find
from retail_sync.steps.context import Road

PAIR = "centra_to_mailchimp"
_TEMPLATE = "bench_template"
#: Canned servers ask for no key, but clients want one.
_NO_KEY = "none-us1"


class Ground:
    """A server with its settings as shipped, fsync included.

    Args:
        folder: Where it keeps its data.
    """

    def __init__(self, folder: Path) -> None:
        self._server = EmbeddedServer(folder / "postgres")

    def open(self) -> None:
        """Start the server and make the database that all others are copied from."""
        self._server.start()
        self._server.drop_database(_TEMPLATE)
        migrate(self._server.create_database(_TEMPLATE))

    def close(self) -> None:
        """Stop the server."""
        self._server.stop()

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """The DSN of a fresh, migrated database, which is gone afterwards."""
        name = f"bench_{name}"
        self._server.drop_database(name)
        yield self._server.create_database(name, _TEMPLATE)
        self._server.drop_database(name)


def pair(**source_settings: Any) -> Pair:
    """The pair whose file is shipped, with these settings of its source."""
    found = find(PAIR)
    return found.model_copy(update={"source": found.source.model_copy(update={"settings": source_settings})})


def road(dsn: str, *, source: str = "", destination: str = "") -> Road:
    """The shipped pair, ready to be worked on.

    Args:
        dsn: Its database.
        source: The URL of what answers in the shop's place.
        destination: The URL of what answers in the platform's place.
    """
    urls = {"centra_default": source, "mailchimp_default": destination}

    def connection(name: str) -> Connection:
        return Connection(name=name, host=urls[name], password=_NO_KEY, extra={"plain_http": True})

    return Road(pair(), Database(dsn), connection, utc_now)


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)
