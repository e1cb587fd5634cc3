"""What the road relies on in every source, whatever its vendor does meanwhile: each source has a subclass of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any, ClassVar

import pytest

from retail_sync.errors import ConfigurationError, CredentialsError, IncompleteReadError, WaitError
from retail_sync.model.ports import Budget, Connection, Services, Source
from retail_sync.model.reading import Window
from retail_sync.model.records import Customer, Order, Product, Record, Stream
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import build, running
from retail_sync.sandbox.world.events import ShopEvent
from retail_sync.sandbox.world.history import history
from retail_sync.steps.connections import connection_from
from retail_sync.vendors.carriers import read
from retail_sync.vendors.registry import vendor
from tests.oracle.plain import plain_books
from tests.oracle.terms import Json

from .open_door import OpenDoor

#: The clocks go back in Europe on 2025-10-26, within the past of the invented shop.
NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
STREAMS: tuple[Stream, ...] = ("customers", "products", "orders", "returns")


@dataclass
class Stage:
    """A running sandbox with a past.

    Attributes:
        pauses: What the source's budgets were told to wait.
        clean: The keys of each stream, read while nothing was wrong.
    """

    control: SandboxControl
    connection: Connection
    pauses: list[OpenDoor] = field(default_factory=list)
    clean: dict[Stream, set[str]] = field(default_factory=dict)

    def services(self) -> Services:
        """What the source may use."""
        return Services(lambda: NOW, self._budget, read())

    def _budget(self, name: str, rate: float | None, burst: float | None, slots: int | None) -> Budget:
        self.pauses.append(OpenDoor())
        return self.pauses[-1]


class SourceConformance(ABC):
    """The suite. A subclass says how its vendor is set up, and how the vendor's faults strike.

    Attributes:
        system: The system's name.
        pages: Settings of the source under which every stream of a small shop has several pages.
        sandbox: Settings of the sandbox.
        reads: By stream, a pattern of the endpoints that its pages come from, as the sandbox's log names them.
        limited: The forms in which the vendor says that it is asked too often, each a fault with its fields.
        expired: The fault of a login that is no longer good.
        unheard: The fault that gives an order (option `key`, its number) a status that nobody has heard of.
    """

    system: ClassVar[str]
    pages: ClassVar[Mapping[str, Any]]
    sandbox: ClassVar[Mapping[str, Any]] = {}
    reads: ClassVar[Mapping[Stream, str]]
    limited: ClassVar[Sequence[Mapping[str, Any]]] = (
        {"fault": "status", "status": 429, "headers": {"Retry-After": "1"}},
        {"fault": "status", "status": 429, "headers": {"Retry-After": "rubbish"}},
        {"fault": "empty_429"},
    )
    expired: ClassVar[Mapping[str, Any]] = {"fault": "token_expired", "times": None}

    @abstractmethod
    def unheard(self, control: SandboxControl, number: str) -> None:
        """Let an order have a status, kind or state that no version of the vendor known so far has."""

    @pytest.fixture(scope="class")
    @classmethod
    def stage(cls) -> Iterator[Stage]:
        """A sandbox in which a small shop has lived for some months."""
        with stage(cls.system, cls.sandbox) as opened:
            source = cls.open(opened)
            opened.clean = {stream: set(keys(source, stream)) for stream in STREAMS}
            yield opened

    @pytest.fixture
    def source(self, stage: Stage) -> Iterator[Source]:
        """The source, with small pages; what was wrong in a test is right again after it."""
        stage.pauses.clear()
        stage.control.reset_log()
        yield self.open(stage)
        stage.control.clear_faults()

    @classmethod
    def open(cls, stage: Stage) -> Source:
        """The source of the stage's connection."""
        return vendor(cls.system).source(cls.pages, stage.connection, stage.services())

    def books(self, stage: Stage) -> Json:
        """The vendor's own books in the plain shape."""
        return plain_books(self.system, stage.control.state())

    # What a read brings.

    @pytest.mark.req("DAG-2")
    def test_all_that_the_vendor_has_is_read_over_several_pages(self, stage: Stage, source: Source) -> None:
        own = self.books(stage)
        found = {stream: records(source, stream) for stream in STREAMS}
        assert sorted(one.number for one in found["orders"] if isinstance(one, Order)) == sorted(
            str(one["number"]) for one in own["orders"]
        )
        skus = {one.sku for product in found["products"] if isinstance(product, Product) for one in product.variants}
        assert skus == {one["sku"] for product in own["products"] for one in product["variants"]}
        emails = {one.email.lower() for one in found["customers"] if isinstance(one, Customer)}
        assert emails == {one["email"].lower() for one in own["customers"] if one["email"]}
        for stream in STREAMS:
            assert len(pages(source, stream)) > 1, f"{stream} came in one page"

    @pytest.mark.req("DAG-2")
    @pytest.mark.parametrize("stream", STREAMS)
    def test_no_record_comes_twice_within_a_question(self, source: Source, stream: Stream) -> None:
        seen = [(page.query, record.key) for page in pages(source, stream) for record in page.records]
        assert len(seen) == len(set(seen))

    @pytest.mark.req("ORD-3", "ORD-7")
    def test_the_parts_of_every_order_add_up(self, source: Source) -> None:
        for order in records(source, "orders"):
            assert isinstance(order, Order)
            parts = sum(line.total for line in order.lines) + order.shipping + order.other_charges - order.discount
            assert parts == order.total, order.number

    # Windows and times.

    @pytest.mark.req("DAG-2", "DAG-3")
    @pytest.mark.parametrize("stream", ["customers", "orders"])
    def test_windows_that_follow_one_another_miss_nothing(self, stage: Stage, source: Source, stream: Stream) -> None:
        times = sorted({one.updated_at for one in records(source, stream)})
        edges = [BEGINNING, times[len(times) // 3], times[2 * len(times) // 3], NOW + timedelta(days=1)]
        found = {key for since, until in pairwise(edges) for key in keys(source, stream, Window(since, until))}
        assert found == stage.clean[stream]

    @pytest.mark.req("DAG-2")
    @pytest.mark.parametrize("stream", STREAMS)
    def test_a_window_in_which_nothing_happened_tells_when_it_was_asked(self, source: Source, stream: Stream) -> None:
        """Only so is it known up to when there was nothing, should our clock be ahead."""
        quiet = Window(BEGINNING + timedelta(days=1), BEGINNING + timedelta(days=2))
        assert [page.records for page in source.extract(stream, quiet)][:1] in ([[]], [()])

    @pytest.mark.req("DAG-3")
    def test_a_window_by_creation_holds_what_was_placed_in_it(self, stage: Stage, source: Source) -> None:
        placed = {str(one["number"]): datetime.fromisoformat(one["created_at"]) for one in self.books(stage)["orders"]}
        since, until = sorted(placed.values())[len(placed) // 3], sorted(placed.values())[2 * len(placed) // 3]
        window = Window(since + timedelta(minutes=1), until + timedelta(minutes=1), by="created")
        found = {one.number for one in records(source, "orders", window) if isinstance(one, Order)}
        inside = {number for number, at in placed.items() if window.since < at <= window.until}
        assert inside <= found
        assert all(abs(placed[number] - window.since) < timedelta(hours=1, minutes=1) for number in found - inside)

    @pytest.mark.req("ORD-1", "SHP-3")
    def test_times_are_those_that_the_vendor_means(self, stage: Stage, source: Source) -> None:
        own = {str(one["number"]): one for one in self.books(stage)["orders"]}
        for order in records(source, "orders"):
            assert isinstance(order, Order)
            assert order.placed_at.utcoffset() == timedelta(0)
            assert is_same(order.placed_at, datetime.fromisoformat(own[order.number]["created_at"])), order.number
            told = {one["tracking_number"]: one["shipped_at"] for one in own[order.number]["shipments"]}
            for parcel in order.shipments:
                if parcel.shipped_at and told.get(parcel.tracking_number):
                    assert is_same(parcel.shipped_at, datetime.fromisoformat(told[parcel.tracking_number]))

    # What goes wrong.

    @pytest.mark.req("DAG-2")
    @pytest.mark.parametrize("stream", STREAMS)
    def test_what_moves_while_pages_are_read_is_not_lost(self, stage: Stage, source: Source, stream: Stream) -> None:
        for skip in (0, 1):
            stage.control.fault("edited_while_paging", endpoint=self.reads[stream], skip=skip)
        self.whole_or_nothing(stage, source, stream)

    @pytest.mark.req("DAG-2")
    @pytest.mark.parametrize("fault", ["empty_page", "repeated_rows"])
    @pytest.mark.parametrize("stream", STREAMS)
    def test_a_page_that_lies_is_no_short_success(
        self, stage: Stage, source: Source, stream: Stream, fault: str
    ) -> None:
        stage.control.fault(fault, endpoint=self.reads[stream], skip=1, options={"rows": 1})
        self.whole_or_nothing(stage, source, stream)

    @pytest.mark.req("DAG-2")
    @pytest.mark.parametrize("fault", ["truncate", "drop_connection", "html_200", "html_503"])
    def test_an_answer_that_is_none_is_asked_for_again(self, stage: Stage, source: Source, fault: str) -> None:
        stage.control.fault(fault, endpoint=self.reads["orders"], skip=1, bytes=40)
        assert set(keys(source, "orders")) == stage.clean["orders"]

    @pytest.mark.req("DAG-6")
    def test_being_asked_too_often_is_waited_for(self, stage: Stage, source: Source) -> None:
        dated = {"Retry-After": format_datetime(NOW + timedelta(seconds=1), usegmt=True)}
        for form in (*self.limited, {"fault": "status", "status": 429, "headers": dated}):
            stage.control.fault(**_named({**form, "endpoint": self.reads["orders"]}))
            assert set(keys(source, "orders")) == stage.clean["orders"], form
        assert sum(len(door.paused) for door in stage.pauses) >= 1

    @pytest.mark.req("OPS-3")
    def test_a_login_that_is_no_longer_good_is_said_at_once(self, stage: Stage, source: Source) -> None:
        stage.control.fault(**_named(self.expired))
        with pytest.raises(CredentialsError) as caught:
            keys(source, "orders")
        assert caught.value.fix
        assert stage.control.log()["requests"] <= 4, "nobody is stormed with what it has refused"

    @pytest.mark.req("OPS-3")
    def test_a_missing_permission_is_said_at_once(self, stage: Stage, source: Source) -> None:
        stage.control.fault("permission_lost", endpoint=self.reads["orders"], times=None)
        with pytest.raises(ConfigurationError) as caught:
            keys(source, "orders")
        assert caught.value.fix
        assert stage.control.log()["requests"] <= 6

    @pytest.mark.req("DAG-2")
    def test_a_vendor_that_is_down_is_waited_for(self, stage: Stage, source: Source) -> None:
        stage.control.fault("status", endpoint="*", times=None, status=503)
        with pytest.raises(WaitError):
            keys(source, "orders")

    @pytest.mark.req("ORD-6", "QUA-1")
    def test_a_status_that_nobody_has_heard_of_is_data(self, stage: Stage, source: Source) -> None:
        number = next(one.number for one in records(source, "orders") if isinstance(one, Order))
        self.unheard(stage.control, number)
        found = records(source, "orders")
        (order,) = (one for one in found if isinstance(one, Order) and one.number == number)
        assert order.status == "unknown"
        assert order.status_source
        assert {one.key for one in found} == stage.clean["orders"]

    def whole_or_nothing(self, stage: Stage, source: Source, stream: Stream) -> None:
        """A read brings everything that was there, or says that it did not."""
        try:
            found = set(keys(source, stream))
        except IncompleteReadError:
            return
        assert stage.clean[stream] <= found


@contextmanager
def stage(system: str, settings: Mapping[str, Any]) -> Iterator[Stage]:
    """A sandbox of a system that a past has happened to."""
    with running(build(system, settings)) as url, SandboxControl(url) as control:
        control.stand_at(NOW)
        control.apply(past())
        health = control.health()
        yield Stage(control, connection_from(health["conn_id"], health["connection"]))


def past() -> list[ShopEvent]:
    """A few months of an invented shop."""
    return list(history(11, customers=50, orders=120, until=NOW - timedelta(hours=1), months=6))


def pages(source: Source, stream: Stream, window: Window | None = None) -> list[Any]:
    """All pages of a stream in a window, or all that there is."""
    return list(source.extract(stream, window or Window(BEGINNING, NOW + timedelta(days=1))))


def records(source: Source, stream: Stream, window: Window | None = None) -> list[Record]:
    """All records; none may be refused."""
    found: list[Record] = []
    for page in pages(source, stream, window):
        assert not page.refused
        found += page.records
    return found


def keys(source: Source, stream: Stream, window: Window | None = None) -> list[str]:
    """The keys of all records."""
    return [record.key for record in records(source, stream, window)]


def is_same(found: datetime, meant: datetime) -> bool:
    """Whether two times are one, but for parts of a second that a vendor leaves out."""
    return abs(found - meant) < timedelta(seconds=1)


def _named(fault: Mapping[str, Any]) -> dict[str, Any]:
    return {"name" if key == "fault" else key: value for key, value in fault.items()}
