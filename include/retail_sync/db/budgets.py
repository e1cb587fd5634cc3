"""Budgets: an account's allowance, shared by every worker, process and pair that calls it.

Each account is one row, a token bucket that may go into debt: one UPDATE reserves the next free moment and tells how
long it is until then, and the worker sleeps by itself. Nobody asks twice, so the allowance is used nearly whole however
many share it. Time is the database's own, so that workers' clocks don't matter.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from retail_sync.db.database import Database
from retail_sync.db.slots import Slots
from retail_sync.errors import RateLimitedError
from retail_sync.model.ports import Budget

#: Parts of a rate that are kept for the burst and for calls that leave late, so that no second sees more than the rate.
_BURST_SHARE, _LATE_SHARE = 0.02, 0.02
#: Whoever wakes later than that share of a second, or of the time between calls, has missed its turn and asks again:
#: calls that bunch up are refused, and a refusal costs everybody a pause. On a machine that is always late it goes
#: nevertheless, after so many turns.
_TURNS = 3
#: How long a pause may go unseen by a worker that is asleep or has no rate to keep.
_LOOK_SECONDS = 1.0

_CREATE = """
    insert into ops.budget (name, rate, burst, tokens, refilled_at)
    values (%(name)s, %(rate)s, %(burst)s, coalesce(%(burst)s::double precision, 0), clock_timestamp())
    on conflict (name) do update
       set rate = excluded.rate,
           burst = excluded.burst
     where (ops.budget.rate, ops.budget.burst) is distinct from (excluded.rate, excluded.burst)
"""
# `moment` may be older than `refilled_at` where others came in between; the difference is then a debt, as it should be.
_RESERVE = """
    update ops.budget
       set tokens = least(burst, tokens + rate * extract(epoch from moment - refilled_at)) - %(cost)s,
           refilled_at = moment
      from (select clock_timestamp() as moment) as clock
     where name = %(name)s
    returning greatest(0, -tokens / rate)
"""
_PAUSE = """
    update ops.budget
       set tokens = least(tokens, 0),
           refilled_at = greatest(refilled_at, clock_timestamp() + %(seconds)s),
           paused_until = greatest(paused_until, clock_timestamp() + %(seconds)s)
     where name = %(name)s
"""
_PAUSED = """
    select greatest(0, extract(epoch from paused_until - clock_timestamp()))::double precision
      from ops.budget
     where name = %(name)s
"""


class SharedBudget:
    """The allowance of one account. See `shared_budget`."""

    def __init__(
        self,
        database: Database,
        name: str,
        *,
        rate: float | None,
        burst: float | None,
        slots: Slots | None,
        sleep: Callable[[float], None],
    ) -> None:
        self._database = database
        self._name = name
        self._rate = rate
        self._slots = slots
        self._sleep = sleep
        self._looked_at = 0.0
        with database.connection(autocommit=True) as connection:
            connection.execute(_CREATE, {"name": name, "rate": rate, "burst": burst})

    def acquire(self, *, cost: float = 1.0, deadline: float | None = None) -> float:
        """Wait until a call of this cost may go.

        Args:
            cost: How much of the allowance the call uses.
            deadline: The moment of `time.monotonic()` until which a pause is sat out, or None for any. The account's
                own pace is kept to however long that takes: whoever gave up its turn would only queue again.

        Returns:
            The seconds waited.

        Raises:
            RateLimitedError: The account pauses for longer; `retry_at` says until when.
        """
        started = time.monotonic()
        self._sit_out_pause(deadline)
        if self._rate:
            self._wait_for_turn(self._rate, cost)
            self._sit_out_pause(deadline)
        return time.monotonic() - started

    def pause(self, seconds: float) -> None:
        """Let nobody call for that long: the vendor asked everybody to wait."""
        self._looked_at = 0.0
        with self._database.connection(autocommit=True) as connection:
            connection.execute(_PAUSE, {"name": self._name, "seconds": timedelta(seconds=seconds)})

    def slot(self) -> AbstractContextManager[None]:
        """Hold one of the account's simultaneous connections."""
        return self._slots.hold() if self._slots else nullcontext()

    def _wait_for_turn(self, rate: float, cost: float) -> None:
        late = _LATE_SHARE * max(1.0, 1.0 / rate)
        for _ in range(_TURNS):
            asked = time.monotonic()
            wait = self._reserve(cost)
            self._sleep(wait)
            if time.monotonic() - asked - wait <= late:
                return

    def _reserve(self, cost: float) -> float:
        with self._database.connection(autocommit=True) as connection:
            row = connection.execute(_RESERVE, {"name": self._name, "cost": cost}).fetchone()
        return float(row[0]) if row else 0.0

    def _sit_out_pause(self, deadline: float | None) -> None:
        """Wait while the account pauses; looked for now and then, since it is rare."""
        while time.monotonic() - self._looked_at > _LOOK_SECONDS:
            with self._database.connection(autocommit=True) as connection:
                row = connection.execute(_PAUSED, {"name": self._name}).fetchone()
            left = float(row[0] or 0.0) if row else 0.0
            if left == 0.0:
                self._looked_at = time.monotonic()
                return
            if deadline is not None and time.monotonic() + left > deadline:
                raise _too_long(left)
            self._sleep(left)


def shared_budget(
    database: Database,
    name: str,
    rate: float | None,
    burst: float | None = None,
    slots: int | None = None,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Budget:
    """The allowance of an account, shared by whoever uses the same name in the same database.

    Args:
        database: Where budgets are kept.
        name: The account and sort of call, such as `mailchimp/us1`.
        rate: What the account allows in a second, or None for no such limit. No second sees more calls than that.
        burst: How many calls the vendor lets go at once after a rest, or None for as few as keep within `rate`.
        slots: How many calls may be in flight at once, or None for no such limit.
        sleep: Waits for so many seconds.
    """
    quick = Database(_without_waiting_for_disk(database.dsn))
    held = Slots(quick, name, slots) if slots else None
    if rate is not None:
        burst = burst or max(1.0, rate * _BURST_SHARE)
        rate *= 1 - _BURST_SHARE - _LATE_SHARE
    return SharedBudget(quick, name, rate=rate, burst=burst, slots=held, sleep=sleep)


def _without_waiting_for_disk(dsn: str) -> str:
    """A budget that is lost in a power cut does no harm, and waiting for the disk at every call does."""
    given = conninfo_to_dict(dsn).get("options") or ""
    return make_conninfo(dsn, options=f"{given} -c synchronous_commit=off".strip())


def _too_long(seconds: float) -> RateLimitedError:
    return RateLimitedError(
        "the vendor has asked for a pause of the account that is longer than a call waits",
        retry_at=datetime.now(UTC) + timedelta(seconds=seconds),
        fix="It is tried again later.",
    )
