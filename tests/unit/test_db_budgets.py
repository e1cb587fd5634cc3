from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from retail_sync.db.budgets import shared_budget
from retail_sync.db.database import Database
from retail_sync.errors import RateLimitedError
from retail_sync.model.ports import Budget

ALLOWANCE = 50
CALLS = 200
_WORKER = """
import sys, time
from retail_sync.db.budgets import shared_budget
from retail_sync.db.database import Database
budget = shared_budget(Database(sys.argv[1]), "shop", float(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
until = time.monotonic() + float(sys.argv[3])
while time.monotonic() < until:
    budget.acquire()
    print(time.time(), flush=True)
"""
_IRREGULAR = """
import random, sys, time
from retail_sync.db.budgets import shared_budget
from retail_sync.db.database import Database
budget = shared_budget(Database(sys.argv[1]), "shop", float(sys.argv[2]))
print("ready", flush=True)
for _ in range(int(sys.argv[3])):
    budget.acquire()
    time.sleep(random.choice((0, 0, 0, 0.2)))
"""
# Every turn that is handed out, to the microsecond and by the one clock that counts.
_LOG_TURNS = """
    create table turn (at double precision, rate double precision, burst double precision);
    create function log_turn() returns trigger language plpgsql as $$ begin
        insert into turn values (
            extract(epoch from new.refilled_at) + greatest(0, -new.tokens / new.rate), new.rate, new.burst);
        return null; end $$;
    create trigger log_turn after update on ops.budget for each row execute function log_turn();
"""
_HOLDER = """
import sys, time
from retail_sync.db.budgets import shared_budget
from retail_sync.db.database import Database
with shared_budget(Database(sys.argv[1]), "shop", None, slots=1).slot():
    print("held", flush=True)
    time.sleep(600)
"""


def spawn(script: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def _moment(budget: Budget, started: float) -> float:
    budget.acquire()
    return time.monotonic() - started


@dataclass(frozen=True)
class Grant:
    """One call that was let go, at a moment that lies between two others: no slow machine can blur that."""

    earliest: float
    latest: float


def ask(database: Database, times: int) -> list[Grant]:
    """Reserve so many calls at once, noting how long each should have slept."""
    slept: list[float] = []
    budget = shared_budget(database, "shop", ALLOWANCE, sleep=slept.append)
    grants = []
    for _ in range(times):
        before = time.monotonic()
        budget.acquire()
        grants.append(Grant(before + slept[-1], time.monotonic() + slept[-1]))
    return grants


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize("workers", [1, 4])
def test_the_allowance_is_used_nearly_whole_and_no_second_holds_more(dsn: str, workers: int) -> None:
    with ThreadPoolExecutor(workers) as threads:
        asked = [threads.submit(ask, Database(dsn), CALLS // workers) for _ in range(workers)]
    grants = sorted((grant for result in asked for grant in result.result()), key=lambda grant: grant.earliest)
    assert grants[-1].earliest - grants[0].latest <= CALLS / ALLOWANCE / 0.95
    assert all(late.latest - early.earliest >= 1.0 for early, late in zip(grants, grants[ALLOWANCE:], strict=False))


@pytest.mark.req("DAG-6")
def test_processes_keep_one_allowance_together(dsn: str) -> None:
    processes = [spawn(_WORKER, dsn, str(ALLOWANCE), "2") for _ in range(3)]
    started = time.time()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    moments = [float(line) for process in processes for line in process.communicate()[0].split()]
    assert len(moments) > 20
    assert len(moments) <= ALLOWANCE * (max(moments) - started) + 1


@pytest.mark.req("DAG-6")
def test_no_stretch_of_time_holds_more_turns_than_rate_and_burst_give(database: Database) -> None:
    with database.connection() as connection:
        connection.execute(_LOG_TURNS)
    for process in [spawn(_IRREGULAR, database.dsn, str(ALLOWANCE), "40") for _ in range(4)]:
        process.communicate()
        assert process.returncode == 0
    with database.connection() as connection:
        turns = connection.execute("select at, rate, burst from turn order by at").fetchall()
    assert len(turns) >= 4 * 40
    rate, burst = turns[0][1:]
    times = [turn[0] for turn in turns]
    for first, began in enumerate(times):
        for count, ended in enumerate(times[first:], start=1):
            assert count <= rate * (ended - began) + burst + 0.001
    assert all(late - early > 1.0 for early, late in zip(times, times[ALLOWANCE:], strict=False))


@pytest.mark.req("DAG-6")
def test_whoever_oversleeps_asks_for_another_turn_a_few_times(database: Database) -> None:
    with database.connection() as connection:
        connection.execute(_LOG_TURNS)
    naps = iter((0.1, 0.1, 0.0))
    drowsy = shared_budget(database, "shop", 1000.0, sleep=lambda seconds: time.sleep(seconds + next(naps, 0.1)))
    drowsy.acquire()
    with database.connection() as connection:
        assert connection.execute("select count(*) from turn").fetchone() == (3,)


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize("rate", [None, 1000.0])
def test_a_pause_that_is_too_long_to_sit_out_is_told_with_its_end(database: Database, rate: float | None) -> None:
    slept: list[float] = []
    budget = shared_budget(database, "shop", rate, sleep=slept.append)
    shared_budget(database, "shop", rate).pause(1800)
    with pytest.raises(RateLimitedError) as caught:
        budget.acquire(deadline=time.monotonic() + 60)
    assert caught.value.retry_at is not None
    left = caught.value.retry_at - datetime.now(UTC)
    assert timedelta(minutes=20) < left <= timedelta(minutes=30)
    assert not slept


@pytest.mark.req("DAG-6")
def test_a_slow_pace_is_kept_to_however_long_that_takes(database: Database) -> None:
    slept: list[float] = []
    budget = shared_budget(database, "shop", 0.01, sleep=slept.append)
    for _ in range(2):
        budget.acquire(deadline=time.monotonic())
    assert max(slept) > 60


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize("rate", [None, 1000.0])
def test_a_pause_holds_for_everybody(database: Database, rate: float | None) -> None:
    one = shared_budget(database, "shop", rate)
    other = shared_budget(Database(database.dsn), "shop", rate)
    one.pause(0.4)
    started = time.monotonic()
    other.acquire()
    one.acquire()
    assert time.monotonic() - started >= 0.35


def test_a_pause_does_not_end_in_a_burst(database: Database) -> None:
    budget = shared_budget(database, "shop", 20.0)
    budget.pause(0.4)
    started = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        moments = list(threads.map(lambda _: _moment(budget, started), range(8)))
    assert min(moments) >= 0.35
    assert max(moments) >= 0.35 + 6 / 20.0


def test_without_limits_nothing_waits(database: Database) -> None:
    budget = shared_budget(database, "shop", None)
    with budget.slot():
        assert sum(budget.acquire() for _ in range(1000)) < 5.0


@pytest.mark.req("DAG-6")
def test_no_more_calls_than_slots_are_in_flight(database: Database) -> None:
    budgets = [shared_budget(Database(database.dsn), "shop", None, slots=3) for _ in range(2)]
    in_flight = 0
    most = 0
    lock = threading.Lock()

    def call(n: int) -> None:
        nonlocal in_flight, most
        with budgets[n % 2].slot():
            with lock:
                in_flight += 1
                most = max(most, in_flight)
            time.sleep(0.005)
            with lock:
                in_flight -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(call, range(200)))
    assert most == 3


@pytest.mark.req("DAG-6")
def test_a_busy_process_leaves_others_their_turn(database: Database) -> None:
    busy, waiting = (shared_budget(Database(database.dsn), "shop", None, slots=1) for _ in range(2))
    enough = threading.Event()

    def keep_calling() -> None:
        while not enough.is_set():
            with busy.slot():
                time.sleep(0.001)

    with ThreadPoolExecutor(2) as threads:
        threads.submit(keep_calling)
        threads.submit(keep_calling)
        try:
            with waiting.slot():
                pass
        finally:
            enough.set()


@pytest.mark.req("DAG-6")
def test_a_killed_process_frees_its_slots(database: Database) -> None:
    process = spawn(_HOLDER, database.dsn)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with database.connection() as connection:
        query = "select expires_at - clock_timestamp() < interval '1 minute' from ops.slot where holder is not null"
        assert connection.execute(query).fetchone() == (True,)
        connection.execute("update ops.slot set expires_at = clock_timestamp()")
    with shared_budget(database, "shop", None, slots=1).slot():
        pass


def test_a_slot_in_use_does_not_expire(database: Database) -> None:
    budget = shared_budget(database, "shop", None, slots=1)
    with budget.slot(), database.connection(autocommit=True) as connection:
        first = connection.execute("select expires_at from ops.slot").fetchone()
        until = time.monotonic() + 30
        while connection.execute("select expires_at from ops.slot").fetchone() == first:
            assert time.monotonic() < until
            time.sleep(0.2)
