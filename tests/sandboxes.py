"""The sandboxes that whole runs talk to, and a shop that begins in them: fixtures for those who ask for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import Host, in_a_hurry, settings_for
from tests.pipeline.mailchimp_shop import MailchimpShop


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


@pytest.fixture(scope="session")
def apart() -> Iterator[SandboxControl]:
    """The marketing platform's sandbox, with an audience that no pair file names: nothing contradicts it."""
    audience = {"audiences": [{"id": "e0a1b2c3d4"}]}
    with Host() as host, SandboxControl(host.start("mailchimp", settings=audience)) as control:
        yield control


@pytest.fixture(scope="session")
def fulfil(host: Host) -> Iterator[SandboxControl]:
    """A shop's sandbox that is Fulfil."""
    with SandboxControl(host.start("fulfil")) as control:
        yield control


@pytest.fixture(scope="session")
def orderwise(host: Host) -> Iterator[SandboxControl]:
    """A shop's sandbox that is OrderWise."""
    with SandboxControl(host.start("orderwise")) as control:
        yield control


@pytest.fixture(scope="session")
def emarsys(host: Host) -> Iterator[SandboxControl]:
    """A marketing platform's sandbox that is Emarsys."""
    with SandboxControl(host.start("emarsys")) as control:
        yield control


@pytest.fixture(scope="session")
def ometria(host: Host) -> Iterator[SandboxControl]:
    """A marketing platform's sandbox that is Ometria, and spares nobody."""
    settings = settings_for("ometria", [in_a_hurry("ometria")])
    with SandboxControl(host.start("ometria", settings=settings)) as control:
        yield control


@pytest.fixture
def new_shop(centra: SandboxControl, mailchimp: SandboxControl, dsn: str) -> Iterator[MailchimpShop]:
    """An empty shop and audience, with a product database that knows neither."""
    centra.reset()
    mailchimp.reset()
    shop = MailchimpShop(centra, mailchimp, dsn)
    yield shop
    shop.close()
