"""An outbox with a vendor behind its door, and what tests want to be sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from retail_sync.db.database import Database
from retail_sync.delivery.door import Door, Gate
from retail_sync.delivery.load import empty
from retail_sync.delivery.queue import Queueing, queue_differences
from retail_sync.delivery.rows import Bearer
from retail_sync.model.delivery import Delivery, Outcome, Wanted

from .road_rows import NOON

ACCOUNT = "list_main"


class Vendor:
    """A double at the port: remembers what it was given and answers as told."""

    def __init__(self) -> None:
        self.calls: list[list[Delivery]] = []
        self.answers: dict[str, Outcome | Exception] = {}

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        self.calls.append(list(rows))
        for row in rows:
            answer = self.answers.pop(row.object_id, None) or Outcome(row_id=row.row_id, verdict="delivered")
            if isinstance(answer, Exception):
                raise answer
            yield replace(answer, row_id=row.row_id)

    def sent(self) -> list[tuple[str, str]]:
        return [(row.operation, row.object_id) for call in self.calls for row in call]


class Outbox:
    """An outbox with a vendor behind its door."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.vendor = Vendor()
        self.now: datetime = NOON
        self.gate: Gate | None = None
        self.runs = 0
        self.delete_is_final = False

    def want(self, *wanted: Wanted, pair: str = "shop_to_list") -> dict[str, dict[str, int]]:
        self.runs += 1
        queueing = Queueing(ACCOUNT, pair, f"run{self.runs}", self.now, 30, "member")
        with self.database.connection() as connection:
            return queue_differences(connection, (Bearer(item) for item in wanted), queueing)

    def load(self) -> dict[str, dict[str, int]]:
        door = Door(
            deliverer=self.vendor,
            account=ACCOUNT,
            kinds=("member", "product", "order", "event"),
            bulk={"member": 2},
            connections=1,
            safe=frozenset({"member", "product", "order"}),
            contact_kind="member",
            gate=self.gate,
            lease=timedelta(seconds=30),
            delete_is_final=self.delete_is_final,
        )
        return empty(self.database, door, lambda: self.now)

    def states(self) -> list[tuple[str, str]]:
        return self.query("select object_id, state from delivery.outbox order by row_id")

    def query(self, statement: str, *parameters: Any) -> list[Any]:
        with self.database.connection() as connection:
            return connection.execute(statement, parameters).fetchall()


def member(number: int, *, needs: tuple[str, ...] = (), **fields: Any) -> Wanted:
    return Wanted(
        kind="member", object_id=f"member:{number}", vendor_key=f"h{number}", payload={"n": number, **fields},
        birth={"status": "subscribed"}, needs=needs,
    )  # fmt: skip


def order(number: int, *needs: str, kind: str = "order") -> Wanted:
    return Wanted(kind=kind, object_id=f"{kind}:{number}", vendor_key=f"{number}", payload={"n": number}, needs=needs)
