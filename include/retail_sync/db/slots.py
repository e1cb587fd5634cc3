"""Slots: how many calls to an account may be in flight at once, over all processes.

A slot is a row that a process holds for a short time and renews while it is in use, so that a killed process frees its
slots within seconds. A process keeps a slot for a while between calls, since a visit to the database costs as much as a
quick call; after its turn it gives the slot back, so that nobody is starved.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import threading
import time
import uuid
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import psycopg

from retail_sync.db.database import Database
from retail_sync.errors import RateLimitedError, RetailSyncError

_EXPIRY = timedelta(seconds=15)
_RENEWAL_SECONDS = 4.0
#: How long a process uses a slot before others get their chance, and how long it then steps back.
_TURN_SECONDS = 1.0
_STEP_BACK_SECONDS = 0.01
_LONGEST_WAIT_SECONDS = 600.0

_CREATE = """
    insert into ops.slot (name, number)
    select %(name)s, number from generate_series(0, %(count)s - 1) as number
    on conflict do nothing
"""
_TAKE = """
    update ops.slot
       set holder = %(holder)s,
           expires_at = clock_timestamp() + %(expiry)s
     where name = %(name)s
       and number = (
           select number
             from ops.slot
            where name = %(name)s
              and number < %(count)s
              and (expires_at is null or expires_at <= clock_timestamp())
            order by number
            limit 1
              for update skip locked)
    returning number
"""
_RENEW = """
    update ops.slot
       set expires_at = clock_timestamp() + %(expiry)s
     where name = %(name)s and holder = %(holder)s and number = any(%(numbers)s)
"""
_FREE = """
    update ops.slot
       set holder = null, expires_at = null
     where name = %(name)s and holder = %(holder)s and number = any(%(numbers)s)
"""
_FREE_ALL = """
    update ops.slot
       set holder = null, expires_at = null
     where name = %(name)s and holder = %(holder)s
"""


@dataclass(frozen=True, slots=True)
class _Slot:
    number: int
    taken_at: float

    @property
    def turn_over(self) -> bool:
        return time.monotonic() - self.taken_at > _TURN_SECONDS


class Slots:
    """The simultaneous connections of one account, as seen by one process.

    Args:
        database: Where slots are kept.
        name: The account's name.
        count: How many calls may be in flight at once.
    """

    def __init__(self, database: Database, name: str, count: int) -> None:
        self._database = database
        self._row = {"name": name, "count": count, "expiry": _EXPIRY, "holder": _holder()}
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._spare: list[_Slot] = []
        self._in_use: set[int] = set()
        self._keeper: threading.Thread | None = None
        with database.connection(autocommit=True) as connection:
            connection.execute(_CREATE, self._row)
        weakref.finalize(self, _free_all, database, self._row)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold a slot while a call is in flight, waiting for one if need be.

        Raises:
            RateLimitedError: None came free in ten minutes.
        """
        slot = self._take()
        try:
            yield
        finally:
            self._give_back(slot)

    def _take(self) -> _Slot:
        until = time.monotonic() + _LONGEST_WAIT_SECONDS
        # One thread asks and the others wait for it: all at once they would keep the database busy with asking.
        with self._asking:
            while (slot := self._take_spare() or self._take_row()) is None:
                if time.monotonic() > until:
                    raise RateLimitedError(
                        "all connections of the account are in use", fix="See what else is calling it."
                    )
                time.sleep(random.uniform(0.002, _STEP_BACK_SECONDS))  # noqa: S311  # spread, not secret
        return slot

    def _take_spare(self) -> _Slot | None:
        with self._lock:
            if not self._spare:
                return None
            slot = self._spare.pop()
            self._in_use.add(slot.number)
            return slot

    def _take_row(self) -> _Slot | None:
        with self._database.connection(autocommit=True) as connection:
            row = connection.execute(_TAKE, self._row).fetchone()
        if row is None:
            return None
        with self._lock:
            self._in_use.add(row[0])
            self._watch()
        return _Slot(row[0], time.monotonic())

    def _give_back(self, slot: _Slot) -> None:
        with self._lock:
            self._in_use.discard(slot.number)
            if not slot.turn_over:
                self._spare.append(slot)
                return
        self._free([slot])
        time.sleep(_STEP_BACK_SECONDS)

    def _free(self, slots: list[_Slot]) -> None:
        with self._database.connection(autocommit=True) as connection:
            connection.execute(_FREE, self._row | {"numbers": [slot.number for slot in slots]})

    def _watch(self) -> None:
        """Start the thread that renews, unless it runs. After a fork it does not."""
        if self._keeper is None or not self._keeper.is_alive():
            self._keeper = threading.Thread(target=self._keep, name="slots", daemon=True)
            self._keeper.start()

    def _keep(self) -> None:
        """Renew what is in use, free what lies idle, and end when nothing is left."""
        renewed_at = time.monotonic()
        while True:
            time.sleep(_TURN_SECONDS)
            with self._lock:
                idle = [slot for slot in self._spare if slot.turn_over]
                self._spare = [slot for slot in self._spare if not slot.turn_over]
                held = [*self._in_use, *(slot.number for slot in self._spare)]
                if not held:
                    self._keeper = None
            with contextlib.suppress(RetailSyncError, psycopg.Error):
                if idle:
                    self._free(idle)
                if held and time.monotonic() - renewed_at > _RENEWAL_SECONDS:
                    self._renew(held)
                    renewed_at = time.monotonic()
            if not held:
                return

    def _renew(self, numbers: list[int]) -> None:
        with self._database.connection(autocommit=True) as connection:
            connection.execute(_RENEW, self._row | {"numbers": numbers})


def _holder() -> str:
    return f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"


def _free_all(database: Database, row: dict[str, object]) -> None:
    """At the end of the process; where the database is gone, expiry does it."""
    with contextlib.suppress(RetailSyncError, psycopg.Error), database.connection(autocommit=True) as connection:
        connection.execute(_FREE_ALL, row)
