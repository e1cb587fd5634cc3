"""What every step is given: the pair, the database, the vendors and the time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from retail_sync.db.budgets import shared_budget
from retail_sync.db.database import Database
from retail_sync.model.ports import Budget, Clock, Connections, Destination, Services, Source
from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import find
from retail_sync.vendors import carriers
from retail_sync.vendors.registry import open_destination, open_source

from .clock import system_clock
from .connections import environment_connections, environment_dsn
from .live_pairs import withheld_facts


@dataclass
class Road:
    """A pair, ready to be worked on. Source and destination are opened when a step first asks for them."""

    pair: Pair
    database: Database
    connections: Connections
    clock: Clock

    @cached_property
    def services(self) -> Services:
        """What the pair's vendors may use of the house."""
        return Services(self.clock, self._budget, carriers.read(), self.pair.load.share, self.connections)

    @cached_property
    def source(self) -> Source:
        """The pair's source account."""
        return open_source(self.pair, self.connections, self.services)

    @cached_property
    def destination(self) -> Destination:
        """The pair's destination account, as far as the pair tells it things by now."""
        with self.database.connection() as connection:
            withheld = withheld_facts(connection, self.pair.pair)
        return self.open_destination(withheld)

    @property
    def writes_consent(self) -> bool:
        """Whether leavings are written to the source; else its users get a list."""
        return self.pair.consent.write_back and self.source.writes_consent

    def open_destination(self, withheld: frozenset[str]) -> Destination:
        """The pair's destination account, which is told no fact that is withheld."""
        return open_destination(self.pair, self.connections, self.services, withheld)

    def forget_destination(self) -> None:
        """Open the destination anew when it is next asked for: what it is told has changed."""
        self.__dict__.pop("destination", None)

    def _budget(self, name: str, rate: float | None, burst: float | None, slots: int | None) -> Budget:
        """The pair's share of an allowance; the rest is left for others on the account."""
        share = self.pair.load.share
        return shared_budget(
            self.database,
            name,
            None if rate is None else rate * share,
            None if burst is None else burst * share,
            None if slots is None else max(1, int(slots * share)),
        )


def open_road(
    pair: str | Pair,
    connections: Connections = environment_connections,
    dsn: str | None = None,
    clock: Clock = system_clock,
) -> Road:
    """Make ready to work on a pair.

    Args:
        pair: The pair, or the name of its file.
        connections: Gives connections by name; Airflow's tasks bring their own.
        dsn: The product's database; without it, what the environment names.
        clock: The time.

    Raises:
        ConfigurationError: There is no such pair, or its file or the database's place can't be used.
    """
    found = find(pair) if isinstance(pair, str) else pair
    return Road(found, Database(dsn or environment_dsn()), connections, clock)
