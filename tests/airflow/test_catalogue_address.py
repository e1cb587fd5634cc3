"""The address from which a destination fetches a catalogue: a token of its own opens it, and nothing else does."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
import uvicorn

from retail_sync.db.database import Database
from retail_sync.delivery.catalogue import Made, Shelf
from retail_sync.model.ports import Connection
from retail_sync_airflow.ui.feed import build_feed

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PAIR, ACCOUNT = "centra_to_emarsys", "emarsys_main"
TOKEN = "a-long-word"
TEXT = b"item,title\nsku-1,Shirt\n"


@pytest.fixture
def address(database: Database) -> Iterator[str]:
    """Where catalogues are fetched, from an interface whose one connection has the token; other pairs have none."""

    def connection(name: str) -> Connection:
        extra = {"catalogue_token": TOKEN} if name == "emarsys_default" else {}
        return Connection(name=name, host="", extra=extra)

    server = uvicorn.Server(uvicorn.Config(build_feed(lambda: database, connection), log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def fetch(address: str, pair: str = PAIR, token: str | None = TOKEN, **headers: str) -> requests.Response:
    """Fetch a catalogue, as the destination does."""
    auth = None if token is None else ("emarsys", token)
    return requests.get(f"{address}/{pair}.csv", auth=auth, headers=headers, timeout=30)


def publish(database: Database) -> None:
    """Lay a catalogue ready."""
    with database.connection() as connection:
        shelf = Shelf(connection, PAIR, ACCOUNT)
        offered = shelf.offer(Made(1, b"hash", gzip.compress(TEXT)), run_id="run", least=0.7, now=NOON)
        shelf.end(offered.file_id, "published")


@pytest.mark.req("CAT-1", "SEC-1")
def test_whoever_has_the_token_gets_the_file_and_asks_cheaply_for_a_new_one(address: str, database: Database) -> None:
    publish(database)
    answer = fetch(address)
    assert (answer.status_code, answer.content) == (200, TEXT)
    assert answer.headers["last-modified"] == "Fri, 01 May 2026 12:00:00 GMT"
    assert fetch(address, **{"Accept-Encoding": "identity"}).content == TEXT
    assert fetch(address, **{"If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize(
    ("pair", "token"),
    [(PAIR, None), (PAIR, "another word"), (PAIR, ""), ("fulfil_to_emarsys", ""), ("no_such_pair", TOKEN)],
)
def test_nobody_else_gets_it_or_learns_which_pairs_there_are(
    address: str, database: Database, pair: str, token: str | None
) -> None:
    publish(database)
    answer = fetch(address, pair, token)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert b"Shirt" not in answer.content


@pytest.mark.req("CAT-1")
def test_before_the_first_file_there_is_none(address: str) -> None:
    assert fetch(address).status_code == 404
