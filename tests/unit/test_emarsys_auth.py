"""Who we are at Emarsys: the signature of WSSE, how long a token is used, and how often we may call."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from retail_sync.db.budgets import shared_budget
from retail_sync.db.database import Database
from retail_sync.model.ports import Budget, Connection, Services
from retail_sync.vendors.emarsys.allowance import until_reset
from retail_sync.vendors.emarsys.auth import Wsse, digest
from retail_sync.vendors.emarsys.client import connect
from retail_sync.vendors.emarsys.facts import EmarsysSettings

AT = datetime(2014, 3, 20, 12, 51, 45, tzinfo=UTC)


@pytest.mark.req("SEC-1")
def test_the_digest_is_base64_of_the_hexadecimal_text() -> None:
    found = digest("d36e316282959a9ed4c89851497a717f", "2014-03-20T12:51:45Z", "s3cret")

    assert found == "YTM2ODM3NzY0YWQyYmMwZDYzNWU2MTg2MWNkMDQ0MDQ0ZTVkOWY2Ng=="


@pytest.mark.req("SEC-1")
def test_each_call_is_signed_with_a_nonce_of_its_own_and_the_time() -> None:
    clock = iter([AT, AT + timedelta(seconds=1)])
    wsse = Wsse("shop001", "s3cret", lambda: next(clock))
    signed: list[dict[str, str]] = [{}, {}]

    for headers in signed:
        wsse.authorise(headers)

    nonces = [re.findall(r'Nonce="([0-9a-f]{32})"', headers["X-WSSE"])[0] for headers in signed]
    assert nonces[0] != nonces[1]
    assert 'Created="2014-03-20T12:51:45Z"' in signed[0]["X-WSSE"]
    assert "s3cret" not in signed[0]["X-WSSE"]


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-RateLimit-Reset": "1030", "Date": ""}, 31.0),
        ({"X-RateLimit-Reset": "990"}, 1.0),
        ({"X-RateLimit-Reset": "999999"}, 61.0),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({}, None),
    ],
)
def test_a_refusal_says_when_the_allowance_is_whole_again(headers: dict[str, str], wait: float | None) -> None:
    assert until_reset(headers, 1000.0) == wait


@pytest.mark.req("DAG-6")
def test_no_minute_sees_more_calls_than_it_allows(database: Database) -> None:
    waits: list[float] = []
    budgets: list[Budget] = []

    def budget(name: str, rate: float | None, burst: float | None, slots: int | None) -> Budget:
        budgets.append(shared_budget(database, name, rate, burst, slots, sleep=waits.append))
        return budgets[-1]

    account = Connection("emarsys_main", "https://api.test", login="us", password="s3cret")
    connect(account, EmarsysSettings(sales="none"), Services(clock=lambda: AT, budget=budget))
    began = time.monotonic()
    for _ in range(1000):
        budgets[0].acquire()
    asked_at = time.monotonic() - began
    budgets[0].acquire()

    # Nobody sleeps here: when a call would leave is told by how long it is to wait.
    assert asked_at + waits[-1] >= 60
