"""A shop, a marketing platform and the pair between them, to play with: real HTTP, real Postgres, a clock to set."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from retail_sync.model.ports import Connection
from retail_sync.model.records import Cart, CartLine
from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import find
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import in_a_hurry
from retail_sync.sandbox.world.day import day
from retail_sync.sandbox.world.events import CartLeft, ShopEvent
from retail_sync.sandbox.world.history import history
from retail_sync.sandbox.world.state import World
from retail_sync.steps.bring import bring
from retail_sync.steps.connections import connection_from
from retail_sync.steps.context import Road, open_road
from retail_sync.steps.requests import RunRequest
from retail_sync.steps.run import run_pair
from tests.oracle.account import Account
from tests.oracle.plain import lacks, plain_account, plain_books
from tests.oracle.terms import Json, Terms
from tests.oracle.verdict import differences

from .clock import SetClock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
#: Until when the shop has lived when a test begins: what it then does is the same in every test.
_UNTIL = NOON - timedelta(minutes=10)
_REST = timedelta(hours=2)
#: What of a shop changes while it lives, beside its sandboxes, database, clock and pair.
_REMEMBERED = ("spoilt", "wrong", "others", "terms", "_world", "_lived_until", "_runs")


class Memory(NamedTuple):
    """What a shop knew of itself at a time."""

    at: datetime
    stood_still: bool
    pair: Pair
    rest: Json


class Shop:
    """The sandboxes of a shop's system and of a marketing platform, with the pair of their names between them.

    Args:
        source: The shop's sandbox.
        destination: The marketing platform's.
        dsn: A migrated database that knows neither.

    Attributes:
        wrong: What the test has broken on purpose, in the oracle's words: this it must say at the end, and no more.
        spoilt: Whether that can't be told line by line.
        others: Contacts of the account that are none of the shop's business.
        terms: What the pair has promised.
    """

    def __init__(self, source: SandboxControl, destination: SandboxControl, dsn: str) -> None:
        self.source, self.destination, self.dsn = source, destination, dsn
        self.clock = SetClock(NOON)
        self.spoilt = False
        self.wrong: list[str] = []
        self.others: set[str] = set()
        self._world, self._lived_until = World(), _UNTIL
        ends = (source.health(), destination.health())
        self.system, self.platform = (str(health["sandbox"]) for health in ends)
        self.terms = Terms(lacks=lacks(self.platform))
        pair = self._pair()
        names = (pair.source.connection, pair.destination.connection)
        self._connections = {name: health["connection"] for name, health in zip(names, ends, strict=True)}
        self._runs = 0
        self.road = self._open(pair)
        self._set_clocks()

    def close(self) -> None:
        """Close what the pair holds open."""
        self.road.database.close()

    def remember(self) -> Memory:
        """What is to be recalled where its sandboxes and its database are put back."""
        rest = {name: vars(self)[name] for name in _REMEMBERED}
        return Memory(self.clock(), self.clock.stands_at is not None, self.road.pair, deepcopy(rest))

    def recall(self, memory: Memory) -> None:
        """Go on from what was remembered, at the time that it was."""
        vars(self).update(deepcopy(memory.rest))
        self.clock = SetClock(memory.at)
        if memory.stood_still:
            self.clock.stands_at = memory.at
        self.road = self._open(memory.pair)
        self._set_clocks()

    def change_pair(self, **parts: Json) -> Pair:
        """Edit the pair file: each part's keys over what is there; from now on runs are of the edited pair."""
        content = self.road.pair.model_dump(mode="json", by_alias=True)
        for part, keys in parts.items():
            content[part] = {**content[part], **keys}
        self.close()
        self.road = self._open(Pair.model_validate(content))
        return self.road.pair

    def _pair(self) -> Pair:
        """The pair of both systems, with ends that are in more of a hurry than the vendors allow."""
        content = find(f"{self.system}_to_{self.platform}").model_dump(mode="json", by_alias=True)
        for end, name in (("source", self.system), ("destination", self.platform)):
            content[end]["settings"] |= in_a_hurry(name)
        return Pair.model_validate(content)

    def _open(self, pair: Pair) -> Road:
        return open_road(pair, self._connection, self.dsn, self.clock)

    def _connection(self, name: str) -> Connection:
        return connection_from(name, self._connections[name])

    def environment(self) -> dict[str, str]:
        """What a process of its own must find in its environment to work on this pair."""
        connections = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(parts) for name, parts in self._connections.items()}
        offset = str(self.clock.offset.total_seconds())
        return {"RETAIL_SYNC_DSN": self.dsn, "RETAIL_SYNC_CLOCK_OFFSET": offset, **connections}

    # What happens.

    def tell(self, *events: ShopEvent) -> None:
        """Let something happen, at the shop and at the marketing platform."""
        self.source.apply(events)
        self.destination.apply(events)
        # The shop's own front end tells of carts: its API has none.
        carts = [msgspec.json.encode(_cart(event)) for event in events if isinstance(event, CartLeft)]
        bring(self.road, "carts", carts)

    def live_past(self, *, seed: int = 3, customers: int = 120, orders: int = 250) -> None:
        """Let the shop have lived for eighteen months until now."""
        self.tell(*history(seed, customers, orders, until=self._lived_until, world=self._world))

    def live_day(self, *, orders: int = 12) -> None:
        """Let a day pass in which something of every kind happens."""
        self.pass_time(days=1)
        # It rests while the pair works: nothing is told that lies before what was read already.
        start, self._lived_until = self._lived_until + _REST, self._lived_until + timedelta(days=1)
        self.tell(*day(self._world, self._lived_until, start=start, orders=orders))

    def pass_time(self, **span: float) -> None:
        """Let time pass for everybody; named as `timedelta` names it."""
        self.clock.pass_time(timedelta(**span))
        self._set_clocks()

    def stand_still(self) -> None:
        """Stop the clocks of everybody."""
        self.clock.stand_still()
        self._set_clocks()

    def _set_clocks(self) -> None:
        for control in (self.source, self.destination):
            if self.clock.stands_at is not None:
                control.stand_at(self.clock.stands_at)
            else:
                control.shift_clock(self.clock.offset.total_seconds())

    # What the pair does.

    def run(self, *, run_id: str | None = None, **request: Any) -> Json:
        """Do one run; the sandboxes count its requests afresh."""
        self.source.reset_log()
        self.destination.reset_log()
        return self.go_on(run_id or self._run_id(), **request)

    def go_on(self, run_id: str, **request: Any) -> Json:
        """Do a run, or do it again after a clear; the sandboxes go on counting."""
        return run_pair(self.road, run_id, RunRequest(**request))

    def sync(self, **request: Any) -> Json:
        """A while later, do the run that is due, and the consent run after it; gives the report of the first."""
        self.pass_time(minutes=5)
        report = self.run(**request)
        self.go_on(self._run_id(), dag="consent")
        return report

    def _run_id(self) -> str:
        self._runs += 1
        return f"run{self._runs}"

    def night(self) -> None:
        """The nightly history run, and what is due after it."""
        self.run(dag="history")
        self.sync()

    @property
    def writes(self) -> int:
        """How many requests of the last run tried to change something at the marketing platform."""
        return int(self.destination.log()["writes"])

    # What it has come to.

    def differences(self) -> list[str]:
        """What the oracle finds wrong."""
        terms = replace(self.terms, at=self.clock(), writes_back=self.road.writes_consent)
        return differences(self.books(), self.account(), terms, others=self.others)

    def judge(self) -> None:
        """Make sure, at the end of a test, that nothing is wrong but what it has broken on purpose."""
        if not self.spoilt:
            assert sorted(self.differences()) == sorted(self.wrong)

    def books(self) -> Json:
        """The books of the shop's system, in the plain shape."""
        return plain_books(self.system, self.source.state())

    def account(self) -> Account:
        """The books of the marketing platform, in the plain shape."""
        return plain_account(self.platform, self.destination.state())

    def query(self, statement: str) -> list[Any]:
        """What the product's own books say."""
        with self.road.database.connection() as connection:
            return connection.execute(statement).fetchall()


def _cart(left: CartLeft) -> Cart:
    """A cart as the shop's front end tells of it."""
    lines = tuple(
        CartLine(key=str(one.line_id), sku=one.sku, quantity=one.quantity, unit_price=one.unit_price)
        for one in left.lines
    )
    total = sum((one.unit_price * one.quantity for one in left.lines), Decimal(0))
    return Cart(
        key=left.cart_id,
        email=left.email,
        updated_at=left.at,
        currency=left.currency,
        total=total,
        lines=lines,
        checkout_url=left.url,
    )
