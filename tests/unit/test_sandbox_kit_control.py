"""What tests, demo and CLI rely on in every sandbox: routing, counting, events, time, running and ending."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from retail_sync.errors import ConfigurationError, UnreachableError
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import Host, build, running
from retail_sync.sandbox.kit import Request, Response, Route, SandboxApp, reply
from retail_sync.sandbox.world.events import ContactLeft, Refunded, ShopEvent, TimeSkipped

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Diary:
    """Books that remember what was applied."""

    def __init__(self) -> None:
        self.heard: list[ShopEvent] = []

    def apply(self, event: ShopEvent) -> None:
        self.heard.append(event)

    def state(self) -> dict[str, Any]:
        return {"heard": [type(event).__name__ for event in self.heard], "amount": Decimal("0.10")}

    def reset(self) -> None:
        self.heard = []


def echo(request: Request) -> Response:
    return reply({"params": request.params, "query": request.query, "price": Decimal("2.50")})


def fails(_: Request) -> Response:
    raise LookupError("an oversight")


def refuses(request: Request) -> Response | None:
    return reply({"error": "who are you"}, 401) if request.header("Authorization") is None else None


def sandbox(**settings: Any) -> SandboxApp:
    routes = [
        Route("GET", "/lists/{list_id}/members/{member}", echo, "member"),
        Route("PUT", "/lists/{list_id}/members/{member}", echo, "member", write=True),
        Route("GET", "/lists/{list_id}/members/count", lambda _: reply({"count": 3}), "count"),
        Route("POST", "/query", echo, lambda r: r.argument("name") or "query", write=lambda r: b"mutation" in r.body),
        Route("GET", "/broken", fails, "broken"),
    ]
    return SandboxApp("diary", Diary(), routes, connection=lambda url: {"conn_type": "diary", "host": url}, **settings)


@pytest.fixture
def app() -> SandboxApp:
    return sandbox()


@pytest.fixture
def url(app: SandboxApp) -> Iterator[str]:
    with running(app) as found:
        yield found


@pytest.fixture
def control(url: str) -> Iterator[SandboxControl]:
    with SandboxControl(url) as one:
        yield one


def test_placeholders_are_decoded_and_amounts_are_numbers(url: str) -> None:
    answer = requests.get(f"{url}/lists/5a/members/a%2Fb?full=&full=1", timeout=10)
    assert answer.text == '{"params":{"list_id":"5a","member":"a/b"},"query":{"full":["","1"]},"price":2.50}'


def test_a_literal_segment_wins_over_a_placeholder(url: str) -> None:
    assert requests.get(f"{url}/lists/5a/members/count", timeout=10).json() == {"count": 3}


def test_an_unknown_path_differs_from_an_unknown_method(url: str) -> None:
    assert requests.get(f"{url}/lists", timeout=10).status_code == 404
    assert requests.delete(f"{url}/lists/5a/members/x", timeout=10).status_code == 405


def test_requests_and_writes_are_counted_by_endpoint(url: str, control: SandboxControl) -> None:
    requests.get(f"{url}/lists/5a/members/x", timeout=10)
    requests.put(f"{url}/lists/5a/members/x", timeout=10)
    requests.post(f"{url}/query?name=orders", data=b"query", timeout=10)
    requests.post(f"{url}/query?name=opt_out", data=b"mutation", timeout=10)
    log = control.log()
    assert (log["requests"], log["writes"]) == (4, 2)
    assert log["by_endpoint"] == {
        "member": {"requests": 2, "writes": 1},
        "opt_out": {"requests": 1, "writes": 1},
        "orders": {"requests": 1, "writes": 0},
    }
    control.reset_log()
    assert control.log()["requests"] == 0


def test_a_request_that_is_refused_before_its_handler_still_counts() -> None:
    with running(sandbox(before=refuses)) as url, SandboxControl(url) as control:
        assert requests.put(f"{url}/lists/5a/members/x", timeout=10).status_code == 401
        assert control.log()["writes"] == 1


def test_an_operation_from_inside_is_counted_only_when_asked(app: SandboxApp) -> None:
    put = Request("PUT", "/lists/5a/members/x")
    assert app.call(put).status == 200
    assert app.log.writes == 0
    app.call(put, count=True)
    assert app.log.writes == 1
    assert app.call(Request("PUT", "/nowhere")).status == 404


def test_a_fault_of_the_sandbox_itself_is_not_taken_for_the_vendors(
    url: str, control: SandboxControl, caplog: pytest.LogCaptureFixture
) -> None:
    assert requests.get(f"{url}/broken", timeout=10).status_code == 500
    assert control.log()["crashed"] == ["broken: LookupError('an oversight')"]
    assert "broken" in caplog.text


def test_requests_in_flight_at_once_are_seen() -> None:
    async def wait_for_three(_: Request) -> Response:
        while busy.log.as_dict()["peak_in_flight"] < 3:
            await asyncio.sleep(0.001)
        return reply({})

    route = Route("GET", "/wait", wait_for_three, "wait")
    busy = SandboxApp("busy", Diary(), [route], connection=lambda url: {"host": url})
    with running(busy) as url, SandboxControl(url) as control, ThreadPoolExecutor(3) as callers:
        answers = [callers.submit(requests.get, f"{url}/wait", timeout=10) for _ in range(3)]
        assert {answer.result().status_code for answer in answers} == {200}
        assert control.log()["peak_in_flight"] == 3
    assert busy.in_flight == 0


def test_events_reach_the_books_and_can_be_read_again(control: SandboxControl) -> None:
    events: list[ShopEvent] = [
        ContactLeft(at=AT, email="anna@post.test"),
        TimeSkipped(at=AT, seconds=60),
        Refunded(at=AT, number=7, amount=Decimal("12.30")),
    ]
    assert control.apply(events) == 3
    assert control.events() == events
    assert control.state() == {"heard": ["ContactLeft", "Refunded"], "amount": "0.10"}
    control.reset()
    assert control.events() == []
    assert control.state()["heard"] == []


def test_a_diary_that_is_full_says_so() -> None:
    with running(sandbox(diary=2)) as url, SandboxControl(url) as control:
        control.apply([ContactLeft(at=AT, email=f"{n}@post.test") for n in range(3)])
        assert len(control.state()["heard"]) == 3
        with pytest.raises(ConfigurationError, match="more events"):
            control.events()


def test_events_that_are_none_are_refused(url: str, control: SandboxControl) -> None:
    answer = requests.post(f"{url}/_sandbox/events", json=[{"event": "party"}], timeout=10)
    assert answer.status_code == 422
    assert control.events() == []


def test_the_clock_stands_shifts_and_runs(app: SandboxApp, control: SandboxControl) -> None:
    control.stand_at(AT)
    assert app.clock.now() == AT
    control.shift_clock(-86400)
    assert timedelta(hours=23) < datetime.now(UTC) - app.clock.now() < timedelta(hours=25)
    control.shift_clock(0)
    assert abs(datetime.now(UTC) - app.clock.now()) < timedelta(minutes=1)


def test_health_tells_the_connection_for_its_own_address(url: str, control: SandboxControl) -> None:
    assert control.health() == {
        "sandbox": "diary",
        "conn_id": "diary_default",
        "connection": {"conn_type": "diary", "host": url},
    }


def test_control_requests_pass_by_faults_and_log(control: SandboxControl) -> None:
    control.fault("drop_connection", times=None)
    control.state()
    assert control.log()["requests"] == 0


def test_a_port_that_is_taken_is_said_to_be(url: str) -> None:
    port = int(url.rsplit(":", 1)[1])
    with pytest.raises(ConfigurationError, match=str(port)), running(sandbox(), port):
        pytest.fail("two servers on one port")


def test_a_vendor_without_a_sandbox_is_said_to_be() -> None:
    with pytest.raises(ConfigurationError, match="no sandbox called 'acme'"):
        build("acme")


def test_a_process_of_its_own_serves_until_killed() -> None:
    with Host() as host:
        url = host.start("centra")
        with SandboxControl(url) as control:
            assert control.health()["sandbox"] == "centra"
            host.kill("centra")
            with pytest.raises(UnreachableError, match="no sandbox answers"):
                control.health()
        again = host.start("centra")
        with SandboxControl(again) as control:
            assert control.events() == []


def test_a_process_that_can_not_start_is_said_so() -> None:
    with Host() as host, pytest.raises(UnreachableError, match="acme"):
        host.start("acme")
