"""The Mailchimp destination over real HTTP: what is written, and what never is."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
import requests

from retail_sync.model.delivery import Wanted
from retail_sync.model.people import Facts, LeftCart, Person
from retail_sync.model.records import Cart, CartLine, OrderLine, Shipment
from retail_sync.model.views import FieldMapping
from retail_sync.sandbox.world.events import ContactLeft

from .mailchimp_shop import (
    AUDIENCE,
    MAPPING,
    NOW,
    Shop,
    everything,
    line,
    pair,
    person,
    product,
    sold,
    status_of,
    verdicts,
)


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


@pytest.mark.req("CON-3")
def test_a_contact_that_is_not_there_needs_no_opting_out(standing: Shop) -> None:
    (outcome,) = standing.send(standing.destination.opt_out("0" * 32), operation="opt_out")
    assert outcome.verdict == "delivered"


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


@pytest.mark.req("ID-5", "CON-1")
def test_who_takes_the_address_of_a_contact_joins_it(standing: Shop) -> None:
    old = standing.destination.person(person(email="old@mail.test"))[0]
    taken = standing.destination.person(person(2, email="new@mail.test"))[0]
    standing.send(old, taken)

    (outcome,) = standing.send(standing.destination.person(person(email="new@mail.test"))[0])

    assert (outcome.verdict, outcome.moved_from, outcome.left_behind) == ("delivered", old.vendor_key, True)
    assert outcome.vendor_key == taken.vendor_key


@pytest.mark.req("ID-5")
def test_a_new_address_that_an_archived_contact_has_waits(standing: Shop) -> None:
    standing.send(standing.destination.person(person(email="old@mail.test"))[0])
    taken = standing.destination.person(person(2, email="new@mail.test"))[0]
    standing.send(taken)
    standing.send(taken, operation="delete")

    (outcome,) = standing.send(standing.destination.person(person(email="new@mail.test"))[0])

    assert (outcome.verdict, outcome.code) == ("retry", "address_archived")


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

    back = {"1": 1, "2": 1}
    changed = sold(lines=lines, returned=back, net_total=Decimal(49), refunded=Decimal(998), refunded_at=NOW)
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
def test_an_order_whose_product_was_removed_says_what_it_lacks(standing: Shop) -> None:
    standing.send(*standing.destination.person(person()))

    (outcome,) = standing.send(*standing.destination.order(sold()))

    assert (outcome.verdict, outcome.code) == ("lacking", "product_missing")


def test_a_field_of_another_type_is_for_a_person_to_decide(standing: Shop) -> None:
    standing.ledger.clear()
    mapping = MAPPING | {"LTV": FieldMapping("facts.lifetime_value", "text")}
    other = standing.connect(view=pair(mapping=mapping))
    (wanted,) = [one for one in other.structure(live=True) if one.vendor_key == "LTV"]

    (outcome,) = standing.send(wanted)

    assert (outcome.verdict, outcome.code) == ("rejected", "field_type")


@pytest.mark.req("EVT-1")
def test_a_cart_is_sent_changed_and_taken_back(standing: Shop) -> None:
    standing.send(*everything(standing, person(), orders=[sold(lines=(line("1"), line("2", 3, "M")))]))
    bought = (line("1"), line("2", 3, "M"))
    goods = [
        CartLine(
            key=one.key,
            quantity=2,
            unit_price=one.unit_price,
            product_key=one.product_key,
            variant_key=one.variant_key,
        )
        for one in bought
    ]

    def left(*lines: CartLine) -> Wanted:
        cart = Cart(
            key="c1",
            email="p1@mail.test",
            updated_at=NOW,
            currency="SEK",
            total=Decimal(998),
            lines=lines,
            checkout_url="https://shop.test/cart/c1",
        )
        known = LeftCart(object_id="cart:centra_main:c1", person_id=1, email="p1@mail.test", cart=cart)
        (wanted,) = standing.destination.cart(known)
        return wanted

    for lines in (goods, goods[1:]):
        assert verdicts(standing.send(left(*lines))) == {"delivered": 1}
        assert standing.reads_back("cart") == {}
    standing.ledger.clear()
    assert verdicts(standing.send(left(*goods))) == {"delivered": 1}, "told anew, it is the same cart"
    for _ in range(2):
        assert verdicts(standing.send(left(*goods), operation="delete")) == {"delivered": 1}
        assert list(standing.destination.keys("cart")) == []
