"""Every fault of the kit does over real HTTP what its name says, as often as it was told to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from retail_sync.errors import ConfigurationError
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import running
from retail_sync.sandbox.kit import Faults, Request, Response, Route, SandboxApp, reply
from retail_sync.sandbox.world.events import ShopEvent


class Counter:
    """Books of one figure, so that a test sees whether the work was done."""

    def __init__(self) -> None:
        self.worked = 0

    def apply(self, event: ShopEvent) -> None:
        raise NotImplementedError(event)

    def state(self) -> dict[str, Any]:
        return {"worked": self.worked}

    def reset(self) -> None:
        self.worked = 0

    def work(self, _: Request) -> Response:
        self.worked += 1
        return reply({"text": "a body that is long enough to be cut"})


class Running:
    """A sandbox that runs, with both ends of it."""

    def __init__(self, app: SandboxApp, url: str, session: requests.Session) -> None:
        self.app = app
        self.control = SandboxControl(url)
        self._session = session

    def post(self, path: str = "/work") -> requests.Response:
        return self._session.post(self.control.url + path, timeout=10)

    @property
    def worked(self) -> int:
        return int(self.control.state()["worked"])


@pytest.fixture
def sandbox() -> Iterator[Running]:
    shop = Counter()
    routes = [
        Route("POST", "/work", shop.work, "work", write=True),
        Route("POST", "/other", shop.work, "other", write=True),
    ]
    faults = Faults({"strange": "is the vendor's own"}, seed=3)
    app = SandboxApp("counter", shop, routes, connection=lambda url: {"host": url}, faults=faults)
    with running(app) as url, requests.Session() as session:
        one = Running(app, url, session)
        yield one
        one.control.close()


def test_a_status_fault_answers_in_place_of_the_work(sandbox: Running) -> None:
    sandbox.control.fault("status", status=503, body={"title": "down"}, headers={"Retry-After": "7"})
    answer = sandbox.post()
    assert (answer.status_code, answer.json(), answer.headers["Retry-After"]) == (503, {"title": "down"}, "7")
    assert sandbox.worked == 0
    assert sandbox.post().status_code == 200


def test_the_ugly_refusals_look_as_they_do_in_the_field(sandbox: Running) -> None:
    sandbox.control.fault("empty_429")
    sandbox.control.fault("html_403")
    limited, blocked = sandbox.post(), sandbox.post()
    assert (limited.status_code, limited.content) == (429, b"")
    assert (blocked.status_code, blocked.headers["content-type"]) == (403, "text/html")
    assert sandbox.worked == 0


def test_a_dropped_connection_did_no_work(sandbox: Running) -> None:
    sandbox.control.fault("drop_connection")
    with pytest.raises(requests.ConnectionError):
        sandbox.post()
    assert sandbox.worked == 0
    assert sandbox.control.log()["by_status"] == {"0": 1}


def test_a_drop_after_the_write_has_done_the_work(sandbox: Running) -> None:
    sandbox.control.fault("after_write_drop")
    with pytest.raises(requests.ConnectionError):
        sandbox.post()
    assert sandbox.worked == 1
    assert sandbox.control.log()["writes"] == 1


def test_a_truncated_answer_promises_more_than_it_brings(sandbox: Running) -> None:
    sandbox.control.fault("truncate", bytes=5)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="5 bytes read"):
        sandbox.post()
    assert sandbox.worked == 1


def test_a_trickled_answer_arrives_whole(sandbox: Running) -> None:
    sandbox.control.fault("trickle", seconds=0)
    assert sandbox.post().json()["text"].startswith("a body")


def test_a_slow_fault_joins_the_next_one(sandbox: Running) -> None:
    sandbox.control.fault("slow", seconds=0)
    sandbox.control.fault("status", status=500)
    assert sandbox.post().status_code == 500
    assert [fault["fired"] for fault in sandbox.control.faults()] == [1, 1]


def test_a_fault_keeps_to_its_endpoint_its_times_and_its_skips(sandbox: Running) -> None:
    sandbox.control.fault("status", endpoint="w*k", times=2, skip=1)
    assert [sandbox.post("/other").status_code for _ in range(2)] == [200, 200]
    assert [sandbox.post().status_code for _ in range(5)] == [200, 500, 500, 200, 200]


def test_a_fault_without_times_strikes_until_cleared(sandbox: Running) -> None:
    sandbox.control.fault("status", times=None)
    assert {sandbox.post().status_code for _ in range(4)} == {500}
    sandbox.control.clear_faults()
    assert sandbox.post().status_code == 200


def test_chance_strikes_the_same_requests_every_time(sandbox: Running) -> None:
    rounds = []
    for _ in range(2):
        sandbox.control.clear_faults()
        sandbox.control.fault("status", times=None, probability=0.5)
        rounds.append([sandbox.post().status_code for _ in range(20)])
    assert rounds[0] == rounds[1]
    assert set(rounds[0]) == {200, 500}


def test_a_fault_of_the_vendors_own_waits_for_the_vendor(sandbox: Running) -> None:
    sandbox.control.fault("strange", endpoint="work", options={"page": 2})
    assert sandbox.post().status_code == 200
    taken = sandbox.app.faults.take("strange", "work")
    assert taken is not None
    assert taken.options == {"page": 2}
    assert sandbox.app.faults.take("strange", "work") is None


def test_an_unknown_fault_or_field_is_refused_by_name(sandbox: Running) -> None:
    with pytest.raises(ConfigurationError, match="no fault 'gremlin'"):
        sandbox.control.fault("gremlin")
    with pytest.raises(ConfigurationError, match="often"):
        sandbox.control.fault("status", often=3)
