"""The Mailchimp destination over real HTTP, against the sandbox that refuses what Mailchimp would refuse."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import requests

from retail_sync.errors import (
    ConfigurationError,
    CredentialsError,
    IncompleteReadError,
    PermissionMissingError,
    UnreachableError,
)
from retail_sync.model.delivery import Delivery, Operation, Outcome, Wanted
from retail_sync.model.people import Facts, Listing, Person, SoldOrder, Wish
from retail_sync.model.ports import Connection, Destination, DestinationView, FieldMapping, Services
from retail_sync.model.records import Address, Discount, Order, OrderLine, Payment, Price, Product, Shipment, Variant
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import build, running
from retail_sync.sandbox.world.events import ContactLeft
from retail_sync.vendors.mailchimp import VENDOR

AUDIENCE = "5a3d0c9b1e"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAPPING = {
    "FNAME": FieldMapping("first_name", label="First name"),
    "PHONE": FieldMapping("phone", "phone", "Phone"),
    "ADDRESS": FieldMapping("address", "address", "Address"),
    "LTV": FieldMapping("facts.lifetime_value", "number", "Net lifetime value"),
    "LASTORD": FieldMapping("facts.last_order_at", "date", "Last order"),
    "BORN": FieldMapping("birthdate", "birthday", "Birthday"),
    "MARKETS": FieldMapping("facts.markets", label="Markets"),
}


class Slots:
    """A budget of one process: so many calls at once."""

    def __init__(self, slots: int) -> None:
        self._free = threading.BoundedSemaphore(slots)
        self.pauses: list[float] = []

    def acquire(self, *, cost: float = 1.0, deadline: float | None = None) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def slot(self) -> AbstractContextManager[Any]:
        return self._free


class Shop:
    """A destination with what a core remembers of it: the ledger."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.url = url
        self.control = SandboxControl(url)
        self.budgets: dict[str, Slots] = {}
        self.ledger: dict[str, Wanted] = {}
        self._settings = {"audience": AUDIENCE, "store": "main", "store_name": "Shop", "poll_from": 0.01} | settings
        self.destination = self.connect()
        self._row = 0

    def connect(self, password: str = "", view: DestinationView | None = None) -> Destination:
        key = password or self.control.health()["connection"]["password"]
        connection = Connection(name="mailchimp_default", host=self.url, password=key)
        services = Services(clock=lambda: NOW, budget=self._budget)
        return VENDOR.destination(self._settings, connection, services, view or pair())

    def _budget(self, name: str, rate: float | None, burst: float | None, slots: int | None) -> Slots:
        return self.budgets.setdefault(name, Slots(slots or 1))

    def rows(self, wanted: Sequence[Wanted], operation: Operation | None = None) -> list[Delivery]:
        rows = []
        for one in wanted:
            self._row += 1
            before = self.ledger.get(one.object_id)
            row = Delivery(
                row_id=self._row,
                kind=one.kind,
                object_id=one.object_id,
                vendor_key=one.vendor_key,
                operation=operation or ("update" if before else "create"),
                payload=one.payload,
                birth=one.birth,
                previous=before.payload if before else None,
            )
            rows.append(row)
        return rows

    def send(self, *wanted: Wanted, operation: Operation | None = None) -> list[Outcome]:
        """Deliver as a load does: kind by kind, operation by operation; remember what was delivered."""
        outcomes = []
        for kind in self.destination.capabilities.kinds:
            ours = [one for one in wanted if one.kind == kind]
            rows = self.rows(ours, operation)
            by_row = {row.row_id: one for row, one in zip(rows, ours, strict=True)}
            for sort in ("create", "update", "delete", "opt_out"):
                some = [row for row in rows if row.operation == sort]
                for outcome in self.destination.deliver(some) if some else ():
                    outcomes.append(outcome)
                    if outcome.verdict == "delivered":
                        self.ledger[by_row[outcome.row_id].object_id] = by_row[outcome.row_id]
        return outcomes

    def stand(self) -> None:
        """Deliver the structure."""
        assert verdicts(self.send(*self.destination.structure(live=True))) == {"delivered": len(MAPPING) + 2}

    def state(self) -> dict[str, Any]:
        return self.control.state()

    def reads_back(self, *kinds: str) -> dict[str, Any]:
        """What differs between the ledger and what Mailchimp gives back, by object; empty where nothing does."""
        differing: dict[str, Any] = {}
        for kind in kinds:
            ours = {one.vendor_key: one for one in self.ledger.values() if one.kind == kind}
            held = {one.vendor_key: one.payload for one in self.destination.read(kind, list(ours))}
            assert held.keys() == ours.keys()
            differing |= {
                one.object_id: (held[key], one.payload) for key, one in ours.items() if held[key] != one.payload
            }
        return differing


def pair(**changes: Any) -> DestinationView:
    fields: dict[str, Any] = {
        "pair": "centra_to_mailchimp",
        "source_account": "centra_main",
        "mapping": MAPPING,
        "tags": ("collections", "buyer_state", "awaiting_refund"),
        "currency": "SEK",
    }
    return DestinationView(**(fields | changes))


def person(number: int = 1, wish: Wish = "opted_in", email: str | None = None, **changes: Any) -> Person:
    facts = Facts(
        currency="SEK",
        lifetime_value=Decimal("1234.50"),
        last_order_at=datetime(2026, 2, 3, tzinfo=UTC),
        markets=("Sweden", "Norway"),
        collections=("Autumn", "Basics"),
        buyer_state="repeat",
    )
    home = Address(line1="Storgatan 1", city="Umeå", postcode="903 26", country="SE")
    fields: dict[str, Any] = {"facts": facts, "first_name": "Åsa", "phone": "+46 70 123", "address": home}
    return Person(person_id=number, email=email or f"p{number}@mail.test", wish=wish, **(fields | changes))


def product(key: str = "10", sizes: Sequence[str] = ("S", "M"), **changes: Any) -> Listing:
    variants = tuple(
        Variant(
            key=f"{key}-{size}", sku=f"SKU{key}{size}", name=size, prices=(Price(currency="SEK", amount=Decimal(499)),)
        )
        for size in sizes
    )
    fields: dict[str, Any] = {"url": "https://shop.test/p", "brand": "Own", "collection": "Basics"}
    return Listing(
        product=Product(
            key=key, number=f"N{key}", name="Shirt", updated_at=NOW, variants=variants, **(fields | changes)
        )
    )


def line(key: str = "1", quantity: int = 2, size: str = "S") -> OrderLine:
    return OrderLine(
        key=key,
        name="Shirt",
        quantity=quantity,
        unit_price=Decimal("499.00"),
        total=Decimal("499.00") * quantity,
        product_key="10",
        variant_key=f"10-{size}",
    )


def sold(number: str = "1001", who: int = 1, lines: Sequence[OrderLine] = (), **changes: Any) -> SoldOrder:
    of_sale: dict[str, Any] = {
        name: changes.pop(name) for name in ("returned", "refunded", "hold_shipping", "net_total") if name in changes
    }
    fields: dict[str, Any] = {
        "status": "confirmed",
        "total": Decimal("1047.00"),
        "tax": Decimal("209.40"),
        "shipping": Decimal("49.00"),
        "discounts": (Discount(code="HELLO", amount=Decimal(50)),),
        "discount": Decimal(50),
        "payments": (Payment(key="p", kind="captured", succeeded=True, amount=Decimal("1047.00"), at=NOW),),
        "shipping_address": Address(first_name="Åsa", line1="Storgatan 1", city="Umeå", country="SE"),
    }
    order = Order(
        key=f"k{number}",
        number=number,
        placed_at=NOW - timedelta(days=3),
        updated_at=NOW,
        currency="SEK",
        rate=Decimal(1),
        lines=tuple(lines) or (line(),),
        channel={},
        **(fields | changes),
    )
    return SoldOrder(person_id=who, email=f"p{who}@mail.test", order=order, **({"net_total": order.total} | of_sale))


def verdicts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return dict(Counter(outcome.verdict for outcome in outcomes))


@pytest.fixture
def url() -> Iterator[str]:
    with running(build("mailchimp")) as url:
        yield url


@pytest.fixture
def shop(url: str) -> Shop:
    return Shop(url)


@pytest.fixture
def standing(shop: Shop) -> Shop:
    shop.stand()
    return shop


def everything(shop: Shop, *people: Person, orders: Sequence[SoldOrder] = ()) -> list[Wanted]:
    wanted = [one for who in people for one in shop.destination.person(who)]
    wanted += shop.destination.listing(product())
    return wanted + [one for order in orders for one in shop.destination.order(order)]


def status_of(shop: Shop, email: str) -> str | None:
    found = list(shop.destination.lookup([email]))
    return found[0].status if found else None


@pytest.mark.req("REC-1")
def test_whatever_is_delivered_reads_back_equal(standing: Shop) -> None:
    born = datetime(1990, 5, 17, tzinfo=UTC).date()
    parcel = Shipment(
        key="s1",
        number="1",
        shipped=True,
        shipped_at=NOW,
        carrier="PostNord",
        tracking_number="AB1",
        tracking_url="https://track.test/AB1",
    )
    orders = [
        sold(shipments=(parcel,), status="shipped"),
        sold(
            "1002",
            lines=(line("1"), line("2", 3, "M")),
            returned={"2": 1},
            net_total=Decimal("548.00"),
            refunded=Decimal(499),
        ),
        sold("1003", returned={"1": 2}, net_total=Decimal(0), refunded=Decimal("1047.00")),
        sold("1004", status="cancelled", net_total=Decimal(0)),
        sold(
            "A/5 #1",
            lines=(OrderLine(key="g", name="Gift card", quantity=1, unit_price=Decimal(100), total=Decimal(100)),),
        ),
    ]
    people = [person(birthdate=born), person(2, "unknown", facts=Facts(currency="SEK"), phone=None, address=None)]

    outcomes = standing.send(*everything(standing, *people, orders=orders))

    assert verdicts(outcomes) == {"delivered": 3 * 2 + 1 + 5}
    assert standing.reads_back(*standing.destination.capabilities.kinds) == {}


@pytest.mark.req("DAG-2")
def test_delivering_all_of_it_again_as_new_ends_in_the_same_books(standing: Shop) -> None:
    wanted = everything(standing, person(), orders=[sold()])
    standing.send(*wanted)
    standing.ledger.clear()

    again = standing.send(*standing.destination.structure(live=True), *wanted)

    assert verdicts(again) == {"delivered": len(again) - 1, "exists": 1}
    assert len(list(standing.destination.keys("order"))) == 1
    assert standing.reads_back("order", "product", "customer", "store") == {}


@pytest.mark.req("CON-2")
@pytest.mark.parametrize(
    ("who", "status"),
    [
        (person(), "subscribed"),
        (person(wish="unknown"), "transactional"),
        (person(wish="opted_out"), "transactional"),
        (person(known_out=True), "transactional"),
    ],
)
def test_only_a_confirmed_wish_makes_a_subscriber(standing: Shop, who: Person, status: str) -> None:
    standing.send(*everything(standing, who, orders=[sold()]))

    assert status_of(standing, who.email) == status


@pytest.mark.req("CON-1")
def test_an_unsubscribe_between_two_writes_stays_one(standing: Shop) -> None:
    standing.send(*everything(standing, person(), orders=[sold()]))
    standing.control.apply([ContactLeft(at=NOW, email="p1@mail.test")])

    outcomes = standing.send(*everything(standing, person(first_name="Eva"), orders=[sold(status="shipped")]))

    assert verdicts(outcomes) == {"delivered": 5}
    found = next(iter(standing.destination.lookup(["p1@mail.test"])))
    assert (found.status, found.fields["FNAME"]) == ("unsubscribed", "Eva")


@pytest.mark.req("CON-1")
def test_creating_somebody_who_is_there_changes_nothing_and_says_so(standing: Shop) -> None:
    standing.send(*standing.destination.person(person(wish="unknown")))
    standing.ledger.clear()
    member = standing.destination.person(person(first_name="Eva"))[0]

    (outcome,) = standing.send(member)

    assert (outcome.verdict, outcome.code) == ("exists", "member_exists")
    found = next(iter(standing.destination.lookup(["p1@mail.test"])))
    assert (found.status, found.fields["FNAME"]) == ("transactional", "Åsa")


@pytest.mark.req("CON-1")
def test_updating_somebody_who_is_not_there_creates_nobody(standing: Shop) -> None:
    member = standing.destination.person(person())[0]

    (outcome,) = standing.send(member, operation="update")

    assert outcome.verdict == "gone"
    assert status_of(standing, "p1@mail.test") is None


@pytest.mark.req("CON-3")
def test_opting_out_is_the_one_status_that_is_written(standing: Shop) -> None:
    member = standing.destination.person(person())[0]
    standing.send(member)

    (outcome,) = standing.send(member, operation="opt_out")

    assert outcome.verdict == "delivered"
    assert status_of(standing, "p1@mail.test") == "unsubscribed"


@pytest.mark.req("QUA-1")
def test_one_bad_address_among_many_is_named_and_the_others_go_on(standing: Shop) -> None:
    people = [person(number) for number in range(1, 20)] + [person(99, email="who@example.com")]
    members = [standing.destination.person(who)[0] for who in people]

    outcomes = standing.send(*members)

    assert verdicts(outcomes) == {"delivered": 19, "rejected": 1}
    (refused,) = [outcome for outcome in outcomes if outcome.verdict == "rejected"]
    assert refused.code == "fake_address"
    assert "who@" not in refused.words
    assert "looks fake or invalid" in refused.words


@pytest.mark.req("QUA-1")
def test_a_row_for_which_mailchimp_refuses_the_whole_call_is_found_and_the_others_go_on(standing: Shop) -> None:
    members = [standing.destination.person(person(number))[0] for number in range(1, 8)]
    broken = msgspec.structs.replace(
        members[3], payload=members[3].payload | {"merge_fields": {"FNAME": ["a", "list"]}}
    )
    members[3] = broken

    outcomes = standing.send(*members)

    assert verdicts(outcomes) == {"delivered": 6, "rejected": 1}


@pytest.mark.req("SEC-2")
def test_a_contact_deleted_for_good_is_not_brought_back(standing: Shop) -> None:
    member = standing.destination.person(person())[0]
    standing.send(member)
    key = standing.control.health()["connection"]["password"]
    path = f"{standing.url}/3.0/lists/{AUDIENCE}/members/{member.vendor_key}/actions/delete-permanent"
    assert requests.post(path, auth=("any", key), timeout=10).status_code == 204
    standing.ledger.clear()

    (outcome,) = standing.send(member)

    assert (outcome.verdict, outcome.code) == ("rejected", "forgotten")


@pytest.mark.req("ID-5")
def test_a_new_address_moves_the_contact_and_a_second_try_finds_it_done(standing: Shop) -> None:
    old = standing.destination.person(person(email="old@mail.test"))
    new = standing.destination.person(person(email="new@mail.test"))
    standing.send(*old)

    first = standing.send(new[0], new[1])
    standing.ledger[old[0].object_id] = old[0]
    second = standing.send(new[0])

    assert verdicts(first) == {"delivered": 2}
    assert [(outcome.verdict, outcome.vendor_key) for outcome in second] == [("delivered", new[0].vendor_key)]
    assert status_of(standing, "old@mail.test") is None
    assert status_of(standing, "new@mail.test") == "subscribed"
    assert standing.reads_back("member", "tags") == {}


@pytest.mark.req("ID-5")
def test_a_new_address_that_is_taken_waits_for_a_decision(standing: Shop) -> None:
    old = standing.destination.person(person(email="old@mail.test"))[0]
    taken = standing.destination.person(person(2, email="new@mail.test"))[0]
    standing.send(old, taken)

    (outcome,) = standing.send(standing.destination.person(person(email="new@mail.test"))[0])

    assert (outcome.verdict, outcome.code) == ("rejected", "address_taken")
    assert status_of(standing, "old@mail.test") == "subscribed"


@pytest.mark.req("ORD-4")
def test_tags_follow_the_facts_and_leave_those_of_marketing_alone(standing: Shop) -> None:
    standing.send(*standing.destination.person(person()))
    key = standing.control.health()["connection"]["password"]
    member = standing.destination.person(person())[0].vendor_key
    body = {"tags": [{"name": "Friend of the house", "status": "active"}]}
    path = f"{standing.url}/3.0/lists/{AUDIENCE}/members/{member}/tags"
    assert requests.post(path, json=body, auth=("any", key), timeout=10).status_code == 204

    facts = Facts(currency="SEK", collections=("Basics",), buyer_state="vip", awaiting_refund=True)
    standing.send(standing.destination.person(person(facts=facts))[1])

    held = requests.get(path, auth=("any", key), timeout=10).json()["tags"]
    assert {tag["name"] for tag in held} == {
        "Awaiting refund",
        "Buyer: vip",
        "Collection: Basics",
        "Friend of the house",
    }
    assert standing.reads_back("tags") == {}


@pytest.mark.req("ORD-5")
def test_a_line_that_came_back_is_taken_out_of_the_order(standing: Shop) -> None:
    lines = (line("1"), line("2", 1, "M"))
    standing.send(*everything(standing, person(), orders=[sold(lines=lines)]))

    changed = sold(lines=lines, returned={"1": 1, "2": 1}, net_total=Decimal(49), refunded=Decimal(998))
    assert verdicts(standing.send(*standing.destination.order(changed))) == {"delivered": 1}

    (held,) = standing.destination.read("order", ["1001"])
    assert held.payload is not None
    assert [(one["id"], one["quantity"]) for one in held.payload["lines"]] == [("1", 1)]
    assert (held.payload["order_total"], held.payload["financial_status"]) == ("49.00", "partially_refunded")
    assert standing.reads_back("order") == {}


@pytest.mark.req("ORD-5")
def test_an_order_of_which_everything_came_back_keeps_a_line_of_nothing(standing: Shop) -> None:
    standing.send(*everything(standing, person(), orders=[sold()]))

    changed = sold(returned={"1": 2}, net_total=Decimal(0), refunded=Decimal("1047.00"))
    assert verdicts(standing.send(*standing.destination.order(changed))) == {"delivered": 1}

    assert standing.reads_back("order") == {}


@pytest.mark.req("SHP-1")
def test_tracking_that_is_taken_back_leaves_the_order(standing: Shop) -> None:
    parcel = Shipment(key="s", number="1", shipped=True, tracking_number="A", tracking_url="https://t.test/A")
    standing.send(*everything(standing, person(), orders=[sold(shipments=(parcel,), status="shipped")]))

    standing.send(*standing.destination.order(sold(shipments=(parcel,), status="shipped", hold_shipping=True)))

    (held,) = standing.destination.read("order", ["1001"])
    assert held.payload is not None
    assert "tracking_url" not in held.payload
    assert standing.reads_back("order") == {}


@pytest.mark.req("CAT-1")
def test_a_size_that_is_gone_leaves_the_product(standing: Shop) -> None:
    standing.send(*standing.destination.listing(product(sizes=("S", "M", "L"))))
    standing.send(*standing.destination.listing(product(sizes=("S", "XL"), url=None)))

    (held,) = standing.destination.read("product", ["10"])
    assert held.payload is not None
    assert [variant["id"] for variant in held.payload["variants"]] == ["10-S", "10-XL"]
    assert standing.reads_back("product") == {}


@pytest.mark.req("CAT-2")
def test_an_order_whose_product_was_removed_is_rejected_with_the_cause(standing: Shop) -> None:
    standing.send(*standing.destination.person(person()))

    (outcome,) = standing.send(*standing.destination.order(sold()))

    assert (outcome.verdict, outcome.code) == ("rejected", "product_missing")


def test_a_field_of_another_type_is_for_a_person_to_decide(standing: Shop) -> None:
    standing.ledger.clear()
    mapping = MAPPING | {"LTV": FieldMapping("facts.lifetime_value", "text")}
    other = standing.connect(view=pair(mapping=mapping))
    (wanted,) = [one for one in other.structure(live=True) if one.vendor_key == "LTV"]

    (outcome,) = standing.send(wanted)

    assert (outcome.verdict, outcome.code) == ("rejected", "field_type")


@pytest.mark.req("DAG-6")
def test_many_rows_go_by_batches_each_with_its_own_verdict(url: str) -> None:
    shop = Shop(url, direct_up_to=20, batch_operations=50)
    shop.stand()
    shop.send(*everything(shop, person()))
    orders = [shop.destination.order(sold(str(1000 + number)))[0] for number in range(120)]
    orders[7] = msgspec.structs.replace(orders[7], payload=orders[7].payload | {"currency_code": 7})
    shop.send(*orders[:5])
    for one in orders[:5]:
        del shop.ledger[one.object_id]
    shop.control.reset_log()

    outcomes = shop.send(*orders)

    assert verdicts(outcomes) == {"delivered": 119, "rejected": 1}
    assert [outcome.code for outcome in outcomes if outcome.verdict == "rejected"] == ["invalid"]
    assert shop.control.log()["by_endpoint"]["POST /batches"]["requests"] == 3
    assert len(list(shop.destination.keys("order"))) == 119
    assert shop.reads_back("order") == {}


@pytest.mark.req("DAG-6")
def test_a_batch_whose_results_can_not_be_had_leaves_rows_to_try_again(url: str) -> None:
    shop = Shop(url, direct_up_to=0)
    shop.stand()
    shop.control.fault("status", endpoint="*batch*/*", status=404, times=None, body={"status": 404, "title": "Gone"})
    rows = shop.destination.listing(product())

    assert verdicts(shop.send(*rows)) == {"retry": 1}
    shop.control.clear_faults()
    assert verdicts(shop.send(*rows)) == {"delivered": 1}
    assert shop.reads_back("product") == {}


@pytest.mark.req("DAG-6")
def test_results_that_arrive_cut_are_fetched_again(url: str) -> None:
    shop = Shop(url, direct_up_to=0)
    shop.stand()
    shop.control.fault("truncate", endpoint="*batch-results*", times=1)

    assert verdicts(shop.send(*shop.destination.listing(product()))) == {"delivered": 1}
    assert [fault["fired"] for fault in shop.control.faults()] == [1]


@pytest.mark.req("CON-2")
def test_where_subscribers_confirm_by_mail_they_are_born_pending() -> None:
    audience = {"id": AUDIENCE, "double_optin": True}
    with running(build("mailchimp", {"audiences": [audience]})) as url:
        shop = Shop(url)
        destination = shop.connect(view=pair(double_opt_in=True, mapping={}))
        shop.send(destination.person(person())[0], destination.person(person(2, "unknown"))[0])

        assert (status_of(shop, "p1@mail.test"), status_of(shop, "p2@mail.test")) == ("pending", "transactional")


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize("fault", ["empty_429", "html_403"])
def test_a_throttle_or_a_firewall_is_waited_out(standing: Shop, fault: str) -> None:
    standing.control.fault(fault, times=2)

    outcomes = standing.send(*standing.destination.person(person()))

    assert verdicts(outcomes) == {"delivered": 3}
    assert any(budget.pauses for budget in standing.budgets.values())


@pytest.mark.req("DAG-6")
def test_ten_connections_are_never_exceeded(url: str) -> None:
    with running(build("mailchimp", {"latency": 0.01})) as slow:
        shop = Shop(slow)
        shop.stand()
        shop.send(*everything(shop, *(person(number) for number in range(60))))

        log = shop.control.log()
    assert log["peak_in_flight"] <= 10
    assert "429" not in log["by_status"]


@pytest.mark.req("DAG-2")
def test_a_write_whose_answer_was_lost_has_one_effect(standing: Shop) -> None:
    standing.send(*everything(standing, person()))
    standing.control.fault("after_write_drop", endpoint="*orders*", times=1)

    outcomes = standing.send(*standing.destination.order(sold()))

    assert verdicts(outcomes) == {"delivered": 1}
    assert len(list(standing.destination.keys("order"))) == 1
    assert standing.reads_back("order") == {}


@pytest.mark.req("OPS-3")
def test_a_wrong_key_and_a_missing_right_are_told_apart(standing: Shop) -> None:
    with pytest.raises(CredentialsError) as raised:
        list(standing.connect(password="f" * 32 + "-us99").lookup(["p1@mail.test"]))
    assert "f" * 32 not in str(raised.value)

    problem = {"type": "x", "title": "Forbidden", "status": 403, "detail": "Not yours.", "instance": "1"}
    standing.control.fault("status", status=403, body=problem, headers={"content-type": "application/problem+json"})
    with pytest.raises(PermissionMissingError):
        list(standing.destination.lookup(["p1@mail.test"]))


@pytest.mark.req("DAG-7")
def test_one_object_at_which_mailchimp_breaks_does_not_stop_the_others(standing: Shop) -> None:
    problem = {"type": "x", "title": "Internal Server Error", "status": 500, "detail": "Deep.", "instance": "1"}
    standing.control.fault("status", endpoint="*products*", status=500, body=problem, times=6)
    listings = [standing.destination.listing(product(str(number)))[0] for number in range(2)]

    first = standing.send(*listings[:1])
    second = standing.send(*listings[1:])

    assert verdicts(first) == {"retry": 1}
    assert verdicts(second) == {"delivered": 1}


@pytest.mark.req("ID-1")
@pytest.mark.parametrize("direct_up_to", [0, 200])
def test_contacts_are_found_whatever_their_status(url: str, direct_up_to: int) -> None:
    shop = Shop(url, direct_up_to=direct_up_to)
    shop.stand()
    members = [shop.destination.person(person(number))[0] for number in range(40)]
    shop.send(*members)
    shop.send(members[0], operation="delete")
    shop.control.apply([ContactLeft(at=NOW, email="p1@mail.test")])
    asked = [f"P{number}@mail.test" for number in range(35)] + ["nobody@mail.test"]

    found = {contact.email: contact.status for contact in shop.destination.lookup(asked)}

    assert len(found) == 35
    assert (found["p0@mail.test"], found["p1@mail.test"]) == ("archived", "unsubscribed")
    assert found["p2@mail.test"] == "subscribed"


@pytest.mark.req("CON-3")
def test_contacts_that_changed_are_read_without_the_rest(standing: Shop) -> None:
    standing.control.stand_at(NOW)
    members = [standing.destination.person(person(number))[0] for number in range(4)]
    standing.send(*members)
    standing.control.stand_at(NOW + timedelta(hours=2))
    standing.control.apply([ContactLeft(at=NOW, email="p1@mail.test")])
    standing.send(members[2], operation="delete")

    changed = {contact.email: contact for contact in standing.destination.contacts(NOW + timedelta(hours=1))}

    assert {email: contact.status for email, contact in changed.items()} == {
        "p1@mail.test": "unsubscribed",
        "p2@mail.test": "archived",
    }
    assert changed["p1@mail.test"].reason
    assert changed["p1@mail.test"].changed_at == NOW + timedelta(hours=2)


@pytest.mark.req("REC-1")
def test_large_collections_are_read_whole_over_several_pages(standing: Shop) -> None:
    members = [standing.destination.person(person(number))[0] for number in range(2300)]
    assert verdicts(standing.send(*members)) == {"delivered": 2300}

    assert len(set(standing.destination.keys("member"))) == 2300
    assert standing.reads_back("member") == {}


@pytest.mark.req("REC-1")
def test_a_page_that_lacks_its_rows_is_no_end(standing: Shop) -> None:
    standing.send(*standing.destination.person(person()))
    standing.control.fault("status", status=200, body={"members": [], "total_items": 1}, endpoint="*members*", times=1)

    with pytest.raises(IncompleteReadError):
        list(standing.destination.contacts())


@pytest.mark.req("REC-1")
@pytest.mark.req("ORD-7")
def test_totals_are_mailchimps_own(standing: Shop) -> None:
    standing.send(*everything(standing, person(), person(2, "unknown"), orders=[sold(), sold("1002", 2)]))

    totals = {total.name: total.value for total in standing.destination.totals()}

    assert totals["orders"] == "2"
    assert totals["order_total.SEK"] == "2094.00"
    assert (totals["members.subscribed"], totals["members.transactional"]) == ("1", "1")
    assert (totals["customers"], totals["products"]) == ("2", "2")


@pytest.mark.req("REC-1")
def test_what_is_not_there_is_read_as_nothing(standing: Shop) -> None:
    for kind in standing.destination.capabilities.readable:
        (held,) = standing.destination.read(kind, ["nowhere"])
        assert held.payload is None


@pytest.mark.req("REC-1")
def test_what_marketing_changed_by_hand_is_seen(standing: Shop) -> None:
    standing.send(*everything(standing, person(), orders=[sold()]))
    key = standing.control.health()["connection"]["password"]
    path = f"{standing.url}/3.0/ecommerce/stores/main/orders/1001"
    assert requests.patch(path, json={"order_total": 1}, auth=("any", key), timeout=10).ok

    assert list(standing.reads_back("order", "member", "customer")) == ["order:centra_main:k1001"]


@pytest.mark.req("OPS-3")
def test_the_check_finds_what_would_go_wrong(shop: Shop) -> None:
    before = {finding.subject: finding for finding in shop.destination.check()}
    assert all(finding.ok for finding in before.values())

    shop.stand()
    other = pair(
        currency="EUR",
        double_opt_in=True,
        mapping=MAPPING | {"LTV": FieldMapping("facts.lifetime_value", "text")},
        statuses={"financial.captured": "paid", "financial.lost": "x"},
    )
    wrong = {finding.subject for finding in shop.connect(view=other).check() if not finding.ok}
    assert wrong == {"double opt-in", "merge field LTV", "store's currency", "order statuses"}

    refused = list(shop.connect(password="0" * 32 + "-us99").check())
    assert [(finding.subject, finding.ok) for finding in refused] == [("API key", False)]


@pytest.mark.req("OPS-3")
def test_more_fields_than_the_audience_holds_are_found_before_they_are_refused(url: str) -> None:
    with running(build("mailchimp", {"merge_field_limit": 6})) as small:
        shop = Shop(small)
        (finding,) = [finding for finding in shop.destination.check() if finding.subject == "merge fields"]

    assert not finding.ok


def test_an_unreachable_host_is_a_reason_to_wait(url: str) -> None:
    with running(build("mailchimp")) as gone:
        shop = Shop(gone)
        shop.stand()
        destination = shop.destination
    with pytest.raises(UnreachableError):
        list(destination.deliver(shop.rows(destination.person(person())[:1])))


def test_settings_that_can_not_be_are_named(url: str) -> None:
    with pytest.raises(ConfigurationError, match="audiense"):
        Shop(url, audiense="x")
