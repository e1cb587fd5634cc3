"""Where parcels can be followed that the carriers' file knows nothing of: asked of the sandbox's Order API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest

from retail_sync.errors import ConfigurationError, WaitError
from retail_sync.model.ports import Connection, Services
from retail_sync.model.records import Order, Shipment
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import running
from retail_sync.vendors.carriers import read
from retail_sync.vendors.centra import VENDOR
from retail_sync.vendors.centra.sandbox import build
from tests.pipeline.tales import customer, order, product, sent

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = "centra-sandbox-orders"


class Open:
    """A budget that lets everything go."""

    def acquire(self, *, cost: float = 1.0, deadline: float | None = None) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        pass

    def slot(self) -> AbstractContextManager[None]:
        return nullcontext()


@pytest.fixture
def centra() -> Iterator[SandboxControl]:
    """Three orders: one by a carrier that is known, one by one that is not, and a letter."""
    with running(build({})) as url, SandboxControl(url) as control:
        buyer = customer(NOW, 1, "buyer@mail.test")
        known, unknown, letter = (order(NOW, number, buyer) for number in (501, 502, 503))
        parcels = (
            sent(NOW, known),
            sent(NOW, unknown, carrier="Cykelbudet", tracking_number="CB-1"),
            sent(NOW, letter, service="Varubrev", tracking_number=None),
        )
        control.apply([product(NOW), buyer, known, unknown, letter, *parcels])
        yield control


def parcels(centra: SandboxControl, secret: str = SECRET, **settings: Any) -> dict[str, Shipment]:
    """The parcel of each order, as it is read."""

    def connection(name: str) -> Connection:
        return Connection(name, f"{centra.url}/order-api", password=secret)

    services = Services(lambda: NOW, lambda *_: Open(), read(), connections=connection)
    token = centra.health()["connection"]["password"]
    source = VENDOR.source(settings, Connection("centra", centra.url, password=token), services)
    records = [record for page in source.extract("orders", None) for record in page.records]
    return {record.number: record.shipments[0] for record in records if isinstance(record, Order)}


ASKS: dict[str, Any] = {"order_api": {"connection": "centra_order_api"}}


@pytest.mark.req("SHP-1")
def test_only_parcels_that_could_be_followed_and_cannot_are_asked_about(centra: SandboxControl) -> None:
    assert parcels(centra)["502"].tracking_url is None
    centra.reset_log()
    found = parcels(centra, **ASKS)
    assert found["502"].tracking_url == "https://follow.shop.test/CB-1"
    assert found["501"].tracking_url == "https://tracking.postnord.com/se/tracking?id=0057313243986501"
    assert (found["503"].tracking_url, found["503"].untracked) == (None, True)
    assert centra.log()["by_endpoint"]["order_api"]["requests"] == 1


@pytest.mark.req("OPS-3", "SEC-1")
def test_a_wrong_secret_is_said_and_not_shown(centra: SandboxControl) -> None:
    with pytest.raises(ConfigurationError, match="secret of its connection") as refused:
        parcels(centra, secret="not-the-secret", **ASKS)
    assert "not-the-secret" not in str(refused.value)


@pytest.mark.req("SHP-1")
def test_an_api_that_is_away_does_not_make_an_address_disappear(centra: SandboxControl) -> None:
    centra.fault("status", endpoint="order_api", status=429, times=None, headers={"retry-after": "7200"})
    with pytest.raises(WaitError):
        parcels(centra, **ASKS)
