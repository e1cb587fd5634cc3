"""What several tests begin with, brought about once: sandboxes, database and clock are put back for each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from psycopg.conninfo import conninfo_to_dict

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.errors import ConfigurationError
from retail_sync.quality import evidence
from tests.databases import copied

from .shop import Memory, Shop

_S = TypeVar("_S", bound=Shop)
_T = TypeVar("_T")
_judge = evidence.judge


@dataclass(frozen=True, slots=True)
class _Beginning:
    """A state to begin from.

    Attributes:
        name: Of the snapshots and of the database.
        memory: What the shop's harness knew.
        outcome: What the story gave.
    """

    name: str
    memory: Memory
    outcome: Any


class Beginnings:
    """States that stories have led to, for a shop in which nothing has happened yet.

    Args:
        server: Has the databases of the shops.
    """

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server
        self._known: dict[str, _Beginning] = {}

    def begin(self, shop: _S, story: Callable[..., _T], *parts: Any) -> _T:
        """Have a story happen in the shop, or put back what it came to in another test; gives what it gave.

        Args:
            shop: As it is when a test begins, but for its pair file.
            story: Gets the shop and the parts, and does the same every time.
            parts: What else it depends on.
        """
        name = _name(shop, story, parts)
        outcome: _T
        if known := self._known.get(name):
            self._put_back(shop, known)
            outcome = known.outcome
        else:
            outcome = story(shop, *parts)
            self._keep(shop, name, outcome)
        return outcome

    def forget(self) -> None:
        """Drop the databases."""
        for name in self._known:
            self._server.drop_database(name)
        self._known.clear()

    def _keep(self, shop: Shop, name: str, outcome: Any) -> None:
        try:
            for control in (shop.source, shop.destination):
                control.take_snapshot(name)
        except ConfigurationError:
            # Not every sandbox can keep its books: there, each test brings its beginning about itself.
            return
        memory = shop.remember()
        shop.close()
        copied(self._server, name, _database(shop))
        self._known[name] = _Beginning(name, memory, outcome)

    def _put_back(self, shop: Shop, beginning: _Beginning) -> None:
        for control in (shop.source, shop.destination):
            control.put_back(beginning.name)
        shop.close()
        self._server.drop_database(_database(shop))
        copied(self._server, _database(shop), beginning.name)
        shop.recall(beginning.memory)


def _name(shop: Shop, story: Callable[..., Any], parts: tuple[Any, ...]) -> str:
    """A name for all that a beginning depends on; whether rows are judged by SQL alone is of it."""
    told = (story.__module__, story.__qualname__, parts, evidence.judge is _judge)
    where = (shop.source.url, shop.destination.url, shop.road.pair.model_dump_json())
    return f"begin_{sha256(repr((told, where)).encode()).hexdigest()[:16]}"


def _database(shop: Shop) -> str:
    return str(conninfo_to_dict(shop.dsn)["dbname"])
