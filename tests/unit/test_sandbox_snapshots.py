"""Books that are kept and put back: what was there is there again, whatever has happened meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import requests

from retail_sync.errors import ConfigurationError
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import build, running
from retail_sync.sandbox.kit import SandboxApp
from retail_sync.sandbox.world.events import ContactLeft, CustomerKnown, ShopEvent
from tests.pipeline.tales import customer, order, paid_back, product, sent

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
BUYER = customer(AT, 1, "buyer@mail.test")
ORDER = order(AT, 501, BUYER)
FIRST = (product(AT), BUYER, ORDER, sent(AT, ORDER))
LATER = (customer(AT, 2, "later@mail.test"), paid_back(AT, ORDER, "100.00"), ContactLeft(at=AT, email=BUYER.email))


class Counted:
    """Books of who was heard of, each with a number; they refer to themselves and to the time."""

    apart = frozenset({"settings"})

    def __init__(self) -> None:
        self.settings: Any = (part for part in "this can't be kept")
        self.reset()

    def apply(self, event: ShopEvent) -> None:
        if isinstance(event, CustomerKnown):
            self.people[event.email] = next(self.numbers)

    def state(self) -> dict[str, Any]:
        return {"people": self.people, "whole": self.myself is self}

    def reset(self) -> None:
        self.people: dict[str, int] = {}
        self.numbers = count(10, 5)
        self.myself = self
        self.hear = self.apply


class Careless(Counted):
    """Books that hold what can't be kept."""

    apart: frozenset[str] = frozenset()


class Silent(Counted):
    """Books that don't say what of them is apart."""

    apart = None  # type: ignore[assignment]


@pytest.fixture(params=["centra", "mailchimp", "emarsys", "ometria"])
def vendor(request: pytest.FixtureRequest) -> Iterator[SandboxControl]:
    with running(build(request.param)) as url, SandboxControl(url) as control:
        control.stand_at(AT)
        yield control


def sandbox_of(books: Counted) -> SandboxApp:
    return SandboxApp("counted", books, [], connection=lambda url: {"host": url})


def test_a_vendors_books_are_what_they_were(vendor: SandboxControl) -> None:
    vendor.apply(FIRST)
    kept = vendor.state(), vendor.events()
    vendor.take_snapshot("first")
    for _ in range(2):
        vendor.apply(LATER)
        vendor.fault("status")
        vendor.put_back("first")
        assert (vendor.state(), vendor.events()) == kept
        assert vendor.faults() == []
    vendor.reset()
    vendor.put_back("first")
    assert (vendor.state(), vendor.events()) == kept


def test_books_go_on_from_where_they_were() -> None:
    with running(sandbox_of(Counted())) as url, SandboxControl(url) as control:
        control.apply([customer(AT, 1, "one@mail.test")])
        control.take_snapshot("one")
        control.apply([customer(AT, 2, "two@mail.test")])
        control.put_back("one")
        control.apply([customer(AT, 3, "three@mail.test")])
        assert control.state() == {"people": {"one@mail.test": 10, "three@mail.test": 15}, "whole": True}


def test_requests_are_counted_on_from_what_was_counted() -> None:
    with running(sandbox_of(Counted())) as url, SandboxControl(url) as control:
        control.take_snapshot("none asked")
        requests.get(f"{url}/anything", timeout=10)
        control.take_snapshot("one asked")
        control.put_back("none asked")
        assert control.log()["requests"] == 0
        control.put_back("one asked")
        requests.get(f"{url}/anything", timeout=10)
        assert control.log()["requests"] == 2


def test_the_clock_goes_on() -> None:
    app = sandbox_of(Counted())
    with running(app) as url, SandboxControl(url) as control:
        control.take_snapshot("empty")
        control.stand_at(AT + timedelta(days=1))
        control.put_back("empty")
        assert app.clock.now() == AT + timedelta(days=1)


@pytest.mark.parametrize(
    ("books", "words"), [(Careless(), "hold what can't be kept"), (Silent(), "can't keep its books")]
)
def test_books_that_cannot_be_kept_are_refused(books: Counted, words: str) -> None:
    with (
        running(sandbox_of(books)) as url,
        SandboxControl(url) as control,
        pytest.raises(ConfigurationError, match=words),
    ):
        control.take_snapshot("any")


def test_a_snapshot_keeps_no_faults() -> None:
    with running(sandbox_of(Counted())) as url, SandboxControl(url) as control:
        control.fault("status")
        with pytest.raises(ConfigurationError, match="faults are switched on"):
            control.take_snapshot("any")


def test_what_was_never_kept_is_named() -> None:
    with (
        running(sandbox_of(Counted())) as url,
        SandboxControl(url) as control,
        pytest.raises(ConfigurationError, match="no snapshot 'first'"),
    ):
        control.put_back("first")
