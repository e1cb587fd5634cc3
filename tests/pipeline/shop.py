"""A shop, its audience and the pair between them, for a test to play with: real HTTP, real Postgres, a clock to set."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec
import requests

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
from tests.oracle.plain import plain_books
from tests.oracle.terms import Json, Terms
from tests.oracle.verdict import differences

from .clock import SetClock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PAIR = "centra_to_mailchimp"
#: Until when the shop has lived when a test begins: what it then does is the same in every test.
_UNTIL = NOON - timedelta(minutes=10)
_REST = timedelta(hours=2)


class Shop:
    """The sandboxes of a shop's system and of a marketing platform, with a pair between them.

    Args:
        source: The shop's sandbox; its system has the pair that is called after it.
        mailchimp: The marketing platform's.
        dsn: A migrated database that knows neither.

    Attributes:
        spoilt: What is wrong on purpose: the test has broken something, and says so.
        others: Contacts in the audience that are none of the shop's business.
        terms: What the pair has promised.
    """

    def __init__(self, source: SandboxControl, mailchimp: SandboxControl, dsn: str) -> None:
        self.source, self.mailchimp, self.dsn = source, mailchimp, dsn
        self.clock = SetClock(NOON)
        self.spoilt = False
        self.others: set[str] = set()
        self.terms = Terms()
        self._world, self._lived_until = World(), _UNTIL
        self.system = str(source.health()["sandbox"])
        self._connections = {
            health["conn_id"]: health["connection"] for health in (source.health(), mailchimp.health())
        }
        self._numbers = count(1)
        self.road = self._open(self._pair())
        self._set_clocks()

    def close(self) -> None:
        """Close what the pair holds open."""
        self.road.database.close()

    def change_pair(self, **parts: Json) -> Pair:
        """Edit the pair file: each part's keys over what is there; from now on runs are of the edited pair."""
        content = self.road.pair.model_dump(mode="json", by_alias=True)
        for part, keys in parts.items():
            content[part] = {**content[part], **keys}
        self.close()
        self.road = self._open(Pair.model_validate(content))
        return self.road.pair

    def second_brand(self, fields: Json) -> Road:
        """Another pair that feeds the same audience from a store of its own, and fills only these fields."""
        content = self.road.pair.model_dump(mode="json", by_alias=True)
        settings = {**content["destination"]["settings"], "store": "second-store"}
        changes = {"pair": "second_brand", "mapping": {"fields": fields}}
        return self._open(
            Pair.model_validate({**content, **changes, "destination": {**content["destination"], "settings": settings}})
        )

    def _pair(self) -> Pair:
        """The system's pair, with the audience that the sandbox has, and in more of a hurry than an ERP allows."""
        content = find(f"{self.system}_to_mailchimp").model_dump(mode="json", by_alias=True)
        (content["destination"]["settings"]["audience"],) = self.mailchimp.state()["lists"]
        content["source"]["settings"] |= in_a_hurry(self.system)
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
        self.mailchimp.apply(events)
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
        for control in (self.source, self.mailchimp):
            if self.clock.stands_at is not None:
                control.stand_at(self.clock.stands_at)
            else:
                control.shift_clock(self.clock.offset.total_seconds())

    # What the pair does.

    def run(self, *, run_id: str | None = None, **request: Any) -> Json:
        """Do one run; the sandboxes count its requests afresh."""
        self.source.reset_log()
        self.mailchimp.reset_log()
        return self.go_on(run_id or f"run{next(self._numbers)}", **request)

    def go_on(self, run_id: str, **request: Any) -> Json:
        """Do a run, or do it again after a clear; the sandboxes go on counting."""
        return run_pair(self.road, run_id, RunRequest(**request))

    def sync(self, **request: Any) -> Json:
        """A while later, do the run that is due, and the consent run after it; gives the report of the first."""
        self.pass_time(minutes=5)
        report = self.run(**request)
        self.go_on(f"run{next(self._numbers)}", dag="consent")
        return report

    def night(self) -> None:
        """The nightly history run, and what is due after it."""
        self.run(dag="history")
        self.sync()

    @property
    def writes(self) -> int:
        """How many requests of the last run tried to change something at the marketing platform."""
        return int(self.mailchimp.log()["writes"])

    # What it has come to.

    def differences(self) -> list[str]:
        """What the oracle finds wrong."""
        terms = replace(self.terms, at=self.clock(), writes_back=self.road.writes_consent)
        return differences(self.books(), self.mailchimp.state(), terms, others=self.others)

    def books(self) -> Json:
        """The books of the shop's system, in the plain shape."""
        return plain_books(self.system, self.source.state())

    def member(self, email: str) -> Json:
        """A contact of the audience, as its books show it."""
        (audience,) = self.mailchimp.state()["lists"].values()
        found: list[Json] = [one for one in audience["members"] if one["email_address"].lower() == email.lower()]
        assert len(found) == 1, f"{len(found)} contacts of {email}"
        return found[0]

    def emails(self) -> set[str]:
        """The addresses of all contacts."""
        (audience,) = self.mailchimp.state()["lists"].values()
        return {one["email_address"] for one in audience["members"]}

    def store(self) -> Json:
        """The store of the marketing platform, as its books show it."""
        (store,) = self.mailchimp.state()["stores"].values()
        found: Json = store
        return found

    def order(self, number: int) -> Json:
        """An order of the store."""
        found: Json = self.store()["orders"][str(number)]
        return found

    def mails(self, number: int) -> list[str]:
        """The kinds of the mails that went out about an order."""
        sent: Iterable[Json] = self.mailchimp.state()["mails"]
        return [mail["kind"] for mail in sent if mail.get("order_id") == str(number)]

    def query(self, statement: str) -> list[Any]:
        """What the product's own books say."""
        with self.road.database.connection() as connection:
            return connection.execute(statement).fetchall()

    def say(self, method: str, path: str, body: Json | None = None) -> Json:
        """Speak to the marketing platform's own API, as some other program of the account would."""
        key = self._connections["mailchimp_default"]["password"]
        url = f"{self.mailchimp.url}/3.0{path.format(**self._places())}"
        answer = requests.request(method, url, json=body, auth=("test", key), timeout=30)
        assert answer.ok, answer.text
        content: Json = answer.json() if answer.content else {}
        return content

    def _places(self) -> dict[str, str]:
        settings = self.road.pair.destination.settings
        return {"list": f"/lists/{settings['audience']}", "store": f"/ecommerce/stores/{settings['store']}"}


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
