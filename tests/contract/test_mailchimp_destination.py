"""The Mailchimp destination over real HTTP: what is written, and what never is."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
import requests

from retail_sync.model.delivery import Wanted
from retail_sync.model.people import Facts, LeftCart
from retail_sync.model.records import Cart, CartLine, Shipment
from retail_sync.model.views import FieldMapping

from .destination_goods import NOW, line, person, product, sold
from .destination_shop import everything, verdicts
from .mailchimp_shop import AUDIENCE, MAPPING, Shop, pair


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
    assert standing.status("old@mail.test") is None
    assert standing.status("new@mail.test") == "subscribed"
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


@pytest.mark.req("CON-3")
@pytest.mark.parametrize("waived", [True, False])
def test_who_leaves_has_left_whatever_fields_the_audience_requires(url: str, *, waived: bool) -> None:
    shop = Shop(url, skip_merge_validation=waived)
    shop.stand()
    shop.send(shop.contact(person()))
    key = shop.control.health()["connection"]["password"]
    field = {"name": "Shoe size", "tag": "SHOE", "type": "text", "required": True}
    path = f"{shop.url}/3.0/lists/{AUDIENCE}/merge-fields"
    assert requests.post(path, json=field, auth=("any", key), timeout=10).status_code == 200

    (outcome,) = shop.send(shop.destination.opt_out(shop.contact(person()).vendor_key), operation="opt_out")

    assert (outcome.verdict, shop.status("p1@mail.test")) == ("delivered", "unsubscribed")


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
