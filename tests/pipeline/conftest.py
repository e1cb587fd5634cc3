"""The stage of the pipeline tests: two sandboxes, a fresh database, and the oracle's word at the end of every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.world.events import CustomerKnown
from tests.sandboxes import apart, centra, emarsys, fulfil, host, mailchimp, new_shop, ometria, orderwise

from .beginnings import Beginnings
from .lived import lived
from .mailchimp_shop import MailchimpShop
from .shop import Shop
from .tales import customer, product

__all__ = ["apart", "centra", "emarsys", "fulfil", "host", "lived", "mailchimp", "new_shop", "ometria", "orderwise"]


@pytest.fixture
def shop(new_shop: MailchimpShop) -> Iterator[MailchimpShop]:
    """An empty shop and audience. But for what the test says that it has broken, both must agree at its end."""
    yield new_shop
    new_shop.judge()


@pytest.fixture(params=["mailchimp", "emarsys", "ometria"])
def anywhere(request: pytest.FixtureRequest, centra: SandboxControl, dsn: str) -> Iterator[Shop]:
    """An empty shop with each of the marketing platforms in turn. Both must agree at the end, as above."""
    platform: SandboxControl = request.getfixturevalue(request.param)
    centra.reset()
    platform.reset()
    shop = MailchimpShop(centra, platform, dsn) if request.param == "mailchimp" else Shop(centra, platform, dsn)
    yield shop
    shop.judge()
    shop.close()


@pytest.fixture(scope="module")
def beginnings(server: EmbeddedServer) -> Iterator[Beginnings]:
    """What the tests of a file begin with, once it has happened."""
    beginnings = Beginnings(server)
    yield beginnings
    beginnings.forget()


@pytest.fixture
def buyer(shop: MailchimpShop, beginnings: Beginnings) -> CustomerKnown:
    """Somebody who can buy two products of a shop that was synced."""
    return beginnings.begin(shop, _with_a_buyer)


def _with_a_buyer(shop: MailchimpShop) -> CustomerKnown:
    buyer = customer(shop.clock(), 1, "buyer@mail.test")
    shop.tell(product(shop.clock()), product(shop.clock(), 8), buyer)
    # The first sync is silent: nobody is told of what is long over.
    shop.sync()
    return buyer


@pytest.fixture
def sql_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are judged by SQL, which decides; the evidence of Great Expectations and its site are left out.

    They take three quarters of a small run. What they say is tried where no such word stands: on the past of a whole
    shop, on every case, on the real orders, and on Airflow.
    """
    monkeypatch.setattr("retail_sync.quality.evidence.judge", lambda *_: {})
    monkeypatch.setattr("retail_sync.quality.docs.publish", lambda *_: None)


@pytest.fixture
def past(shop: MailchimpShop, beginnings: Beginnings) -> MailchimpShop:
    """A shop with eighteen months behind it, synced for the first time."""
    beginnings.begin(shop, _with_a_past)
    return shop


def _with_a_past(shop: MailchimpShop) -> None:
    shop.live_past()
    shop.sync()
