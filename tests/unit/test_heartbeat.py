"""The heartbeat of a claim: a database that is away for a moment costs no claim, and a lost one stops the delivery."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from typing import Any, cast

import pytest

from retail_sync.db.database import Database
from retail_sync.delivery.heartbeat import Heartbeat
from retail_sync.delivery.workers import Worker
from retail_sync.errors import FencedError, RetailSyncError, UnreachableError

from .outbox_rows import Outbox, order

_PATIENCE = 30


class Claim:
    """A worker whose renewals end as told."""

    lease = timedelta(seconds=0.03)

    def __init__(self, *ends: RetailSyncError | None) -> None:
        self._ends = list(ends)
        self.over = Event()

    def renew(self) -> None:
        end = self._ends.pop(0) if self._ends else None
        if not self._ends:
            self.over.set()
        if end is not None:
            raise end


@pytest.mark.req("DAG-2")
def test_a_renewal_that_fails_is_tried_again() -> None:
    claim = Claim(UnreachableError("the database is starting"), UnreachableError("and still"), None)

    with Heartbeat(cast("Worker", claim)) as heartbeat:
        assert claim.over.wait(_PATIENCE)

    heartbeat.check()


@pytest.mark.req("DAG-2")
def test_a_claim_that_is_lost_is_told() -> None:
    claim = Claim(FencedError("taken over"))

    with Heartbeat(cast("Worker", claim)) as heartbeat:
        assert claim.over.wait(_PATIENCE)

    with pytest.raises(FencedError):
        heartbeat.check()


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


@pytest.mark.req("DAG-2", "SHP-2")
def test_whoever_has_lost_the_claim_sends_no_more_and_gives_back_nothing_that_may_have_left(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any) -> None:
        raise FencedError("taken over")

    outbox.want(*(order(number, kind="event") for number in range(3)))
    monkeypatch.setattr(Heartbeat, "check", lost)

    with pytest.raises(FencedError):
        outbox.load()

    assert [state for _, state in outbox.states()] == ["delivered", "claimed", "claimed"]
