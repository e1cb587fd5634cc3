"""The stage of the pipeline tests: two sandboxes, a fresh database, and the oracle's word at the end of every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import Host

from .shop import Shop


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """Where the sandboxes run: processes of their own, so that they take no time from what is tested."""
    with Host() as host:
        yield host


@pytest.fixture(scope="session")
def centra(host: Host) -> Iterator[SandboxControl]:
    """The shop's sandbox."""
    with SandboxControl(host.start("centra")) as control:
        yield control


@pytest.fixture(scope="session")
def mailchimp(host: Host) -> Iterator[SandboxControl]:
    """The marketing platform's sandbox."""
    with SandboxControl(host.start("mailchimp")) as control:
        yield control


@pytest.fixture
def shop(centra: SandboxControl, mailchimp: SandboxControl, dsn: str) -> Iterator[Shop]:
    """An empty shop and audience. Unless the test says that it has spoilt them, both must agree at its end."""
    centra.reset()
    mailchimp.reset()
    shop = Shop(centra, mailchimp, dsn)
    yield shop
    shop.close()
    if not shop.spoilt:
        assert shop.differences() == []


@pytest.fixture
def no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are judged, and the data-quality site is not built: that takes as long as all the rest of a small run."""
    monkeypatch.setattr("retail_sync.quality.docs.publish", lambda *_: None)


@pytest.fixture
def past(shop: Shop) -> Shop:
    """A shop with eighteen months behind it, synced for the first time."""
    shop.live_past()
    shop.sync()
    return shop
