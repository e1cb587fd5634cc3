from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from retail_sync.db.database import Database
from retail_sync.db.leases import Lease, lease
from retail_sync.errors import FencedError, LeaseTakenError

MINUTE = timedelta(minutes=1)
#: A lease that has run out by the time anybody looks.
GONE = timedelta(seconds=-1)


@contextmanager
def overtaken(database: Database) -> Iterator[tuple[Lease, Lease]]:
    """A holder who was silent for too long, and the one who has taken over."""
    with lease(database, "load", "late", GONE) as late, lease(database, "load", "present", MINUTE) as present:
        yield late, present


@pytest.mark.req("DAG-2")
def test_one_holder_at_a_time_and_the_other_learns_when(database: Database) -> None:
    with lease(database, "load", "first", MINUTE):
        with pytest.raises(LeaseTakenError, match="first is at work") as caught, ExitStack() as stack:
            stack.enter_context(lease(database, "load", "second", MINUTE))
        with lease(database, "audit", "second", MINUTE):
            pass
    assert caught.value.retry_at is not None
    assert timedelta(0) < caught.value.retry_at - datetime.now(UTC) <= MINUTE


def test_tokens_grow_with_every_holder(database: Database) -> None:
    tokens = []
    for holder in ("a", "b", "a"):
        with lease(database, "load", holder, MINUTE) as held:
            tokens.append(held.token)
    assert tokens == sorted(set(tokens))


@pytest.mark.req("DAG-2")
def test_whoever_was_overtaken_can_neither_renew_nor_write(database: Database) -> None:
    with overtaken(database) as (late, present):
        assert present.token > late.token
        with pytest.raises(FencedError):
            late.renew()
        with database.connection() as connection:
            present.confirm(connection)
            with pytest.raises(FencedError):
                late.confirm(connection)


def test_the_release_of_a_late_holder_does_not_end_the_present_ones_turn(database: Database) -> None:
    with overtaken(database) as (late, present):
        late.release()
        present.renew()
        with pytest.raises(LeaseTakenError), ExitStack() as stack:
            stack.enter_context(lease(database, "load", "third", MINUTE))


def test_a_late_holder_whom_nobody_overtook_goes_on(database: Database) -> None:
    with lease(database, "load", "late", GONE) as held:
        held.renew()
        with database.connection() as connection:
            held.confirm(connection)


@pytest.mark.req("DAG-2")
def test_a_cleared_task_takes_over_from_its_own_dead_predecessor_only(database: Database) -> None:
    with lease(database, "load", "run-1/load", MINUTE) as dead:
        with pytest.raises(LeaseTakenError), ExitStack() as stack:
            stack.enter_context(lease(database, "load", "run-2/load", MINUTE, take_over=True))
        with lease(database, "load", "run-1/load", MINUTE, take_over=True), pytest.raises(FencedError):
            dead.renew()


def test_an_error_ends_the_turn(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), lease(database, "load", "first", MINUTE):
        raise ZeroDivisionError
    with lease(database, "load", "second", MINUTE):
        pass
