"""What a bad network does to the product's calls, with a proxy between it and a sandbox that does nothing wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from retail_sync.errors import UnreachableError
from retail_sync.http.client import HttpClient
from retail_sync.http.limits import Limits
from retail_sync.http.messages import Call
from retail_sync.model.ports import Connection, Services
from retail_sync.model.reading import Window
from retail_sync.model.records import Record
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import build, running
from retail_sync.sandbox.world.cases import all_cases, past
from retail_sync.vendors.carriers import read
from retail_sync.vendors.centra import VENDOR
from tests.fault_proxy import FaultProxy, Toxic, proxied

from .mailchimp_account import KEY
from .open_door import OpenDoor
from .test_centra_source import records

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
PING = Call("GET", "/3.0/ping", "ping")
#: Of a line on which nothing comes; what does come on a busy machine has longer.
QUICK = Limits(connect=0.3, read=0.3, total=0.6, tries=1, backoff=0.0)
PATIENT = Limits(connect=30.0, read=30.0, total=60.0, tries=1, backoff=0.0)
TWICE = Limits(connect=3.0, read=3.0, total=20.0, tries=2, backoff=0.0)


@pytest.fixture(scope="module")
def wire() -> Iterator[FaultProxy]:
    with running(build("mailchimp")) as url, proxied(url) as proxy:
        yield proxy


def client(proxy: FaultProxy, limits: Limits) -> HttpClient:
    return HttpClient(
        proxy.url, limits=limits, authorise=lambda headers: headers.update({"Authorization": f"Bearer {KEY}"})
    )


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("toxic", ["hang", "stall", "trickle", "late"])
def test_a_connection_that_brings_nothing_is_given_up(wire: FaultProxy, toxic: Toxic) -> None:
    wire.switch(toxic, seconds=5.0 if toxic == "late" else 0.05)
    with client(wire, QUICK) as http, pytest.raises(UnreachableError):
        http.call(PING)
    assert wire.met == 1


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("toxic", ["reset", "cut", "hang", "stall"])
def test_another_try_goes_through(wire: FaultProxy, toxic: Toxic) -> None:
    wire.switch(toxic)
    with client(wire, TWICE) as http:
        assert b"Chimpy" in http.call(PING).body
    assert wire.met == 1


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("offset", range(0, 400, 20))
def test_an_answer_that_is_cut_anywhere_is_no_answer(wire: FaultProxy, offset: int) -> None:
    path = "/3.0/lists"
    with client(wire, PATIENT) as http:
        wire.switch("cut", after=offset)
        with pytest.raises(UnreachableError):
            http.call(Call("GET", path, "lists"))
        assert http.call(Call("GET", path, "lists")).body.endswith(b"}")


@pytest.mark.req("DAG-2", "REC-1")
def test_a_whole_read_survives_a_line_that_drops_every_few_answers() -> None:
    with running(build("centra")) as url, SandboxControl(url) as control, proxied(url) as proxy:
        control.apply(past(all_cases(NOW)))
        connection = Connection("centra_test", proxy.url, password="centra-sandbox-access")
        services = Services(lambda: NOW, lambda *_: OpenDoor(), read())
        source = VENDOR.source({"page_size": 5, "prefetch": False}, connection, services)
        window = Window(NOW - timedelta(days=30), NOW)
        found: list[Record] = []
        for page in source.extract("orders", window):
            found += page.records
            assert proxy.toxic is None or proxy.met == 1
            proxy.switch("cut", after=200)
        assert len({one.key for one in found}) == len(found) == len(control.state()["orders"])
        assert records(source.extract("orders", window)) == found
