"""What people, orders and products become on their way to Ometria."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from retail_sync.errors import ConfigurationError
from retail_sync.model.happenings import Happening
from retail_sync.model.people import Facts, Person, SoldOrder
from retail_sync.model.records import Discount, Order, OrderLine
from retail_sync.model.views import DestinationView, FieldMapping
from retail_sync.vendors.ometria.events import Events
from retail_sync.vendors.ometria.facts import OmetriaSettings
from retail_sync.vendors.ometria.limits import limits
from retail_sync.vendors.ometria.orders import Orders, sale_of
from retail_sync.vendors.ometria.people import Names, People
from retail_sync.vendors.ometria.refunds import spread

SETTINGS = OmetriaSettings()
NAMES = Names(SETTINGS, "centra_main")
AT = datetime(2026, 2, 1, 10, tzinfo=UTC)
_CENTS = st.decimals(min_value=0, max_value=5000, places=2)


def view(**changes: Any) -> DestinationView:
    fields: dict[str, Any] = {
        "pair": "p",
        "source_account": "centra_main",
        "mapping": {},
        "tags": (),
        "currency": "SEK",
    }
    return DestinationView(**(fields | changes))


def person(**changes: Any) -> Person:
    fields: dict[str, Any] = {"person_id": 7, "email": "asa@mail.test", "facts": Facts(currency="SEK")}
    return Person(**(fields | changes))


def payload(who: Person, **mapping: FieldMapping) -> dict[str, Any]:
    (wanted,) = People(view(mapping=mapping), SETTINGS, NAMES).render(who)
    return wanted.payload


def line(key: str, quantity: int, total: Decimal, **changes: Any) -> OrderLine:
    return OrderLine(key=key, name="Shirt", quantity=quantity, unit_price=Decimal(1), total=total, **changes)


def sold(lines: tuple[OrderLine, ...], **changes: Any) -> SoldOrder:
    order = Order(
        key="k1",
        number="1001",
        status="confirmed",
        placed_at=AT,
        updated_at=AT,
        currency="SEK",
        rate=Decimal(1),
        total=Decimal(100),
        lines=lines,
        channel={},
    )
    fields: dict[str, Any] = {"net_total": order.total}
    return SoldOrder(person_id=7, email="asa@mail.test", order=order, **(fields | changes))


@pytest.mark.req("CON-2")
def test_consent_comes_with_a_birth_and_nowhere_else() -> None:
    render = People(view(), SETTINGS, NAMES).render
    (agreed,), (silent,), (gone,) = (
        render(person(wish=wish, known_out=out))
        for wish, out in (("opted_in", False), ("unknown", False), ("opted_in", True))
    )

    assert agreed.birth == {"marketing_optin": "EXPLICITLY_OPTEDIN"}
    assert silent.birth == gone.birth == {}
    assert not any("optin" in name for one in (agreed, silent, gone) for name in one.payload)


@pytest.mark.req("CON-2")
def test_who_never_agreed_is_no_contact_where_the_pair_says_so() -> None:
    people = People(view(without_consent="skip"), SETTINGS, NAMES)

    assert people.render(person(wish="unknown")) == ()
    assert len(people.render(person(wish="opted_in"))) == 1


@pytest.mark.req("SEC-1")
def test_a_contacts_key_tells_nothing_of_the_person() -> None:
    (wanted,) = People(view(), SETTINGS, NAMES).render(person())

    assert (wanted.vendor_key, wanted.payload["customer_id"]) == ("centra_main-7", "centra_main-7")


@pytest.mark.req("ORD-4")
@pytest.mark.parametrize(
    ("mapped", "who", "written"),
    [
        (FieldMapping("facts.average_order", "number"), {"facts": Facts(currency="SEK", average_order=Decimal("5.50"))},
         "5.5"),
        (FieldMapping("facts.skus", "number"), {"facts": Facts(currency="SEK", skus=("a", "b"))}, "2"),
        (FieldMapping("facts.skus", "list"), {"facts": Facts(currency="SEK", skus=("b", "a"))}, ["a", "b"]),
        (FieldMapping("facts.markets"), {"facts": Facts(currency="SEK", markets=("SE", "NO"))}, "NO, SE"),
        (FieldMapping("facts.last_order_at", "date"), {"facts": Facts(currency="SEK", last_order_at=AT)}, "2026-02-01"),
        (FieldMapping("facts.awaiting_refund", "boolean"), {}, False),
        (FieldMapping("attributes.since", "date"), {"attributes": {"since": "2020-02-31"}}, None),
        (FieldMapping("attributes.points", "number"), {"attributes": {"points": "many"}}, None),
        (FieldMapping("attributes.tier", choices=("gold",)), {"attributes": {"tier": "lead"}}, None),
        (FieldMapping("first_name", length=4), {"first_name": "Anna-Maria"}, "Anna"),
    ],
)  # fmt: skip
def test_a_property_holds_what_its_type_takes(mapped: FieldMapping, who: dict[str, Any], written: Any) -> None:
    found = payload(person(**who), thing=mapped).get("properties", {}).get("thing")

    assert found == written


@pytest.mark.parametrize(
    ("phone", "sent"),
    [
        ("+46 (0)70-123", "+46070123"),
        ("0046 70 123 45", "+467012345"),
        ("070-123 45 67", None),
        ("+0 123 456 78", None),
        ("call me", None),
        (None, None),
    ],
)
def test_a_telephone_number_is_sent_with_its_country_or_not_at_all(phone: str | None, sent: str | None) -> None:
    assert payload(person(phone=phone), phone_number=FieldMapping("phone")).get("phone_number") == sent


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize(
    ("name", "mapped"),
    [
        ("email", FieldMapping("first_name")),
        ("marketing_optin", FieldMapping("first_name")),
        ("two words", FieldMapping("first_name")),
        ("thing", FieldMapping("no_such")),
        ("thing", FieldMapping("facts.no_such")),
        ("thing", FieldMapping("first_name", "picture")),
    ],
)
def test_a_field_that_can_not_be_is_named(name: str, mapped: FieldMapping) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(f"contact field {name}")):
        People(view(mapping={name: mapped}), SETTINGS, NAMES)


def test_what_ometria_does_not_have_is_refused_at_once() -> None:
    for changes in ({"tags": ("collections",)}, {"double_opt_in": True}):
        with pytest.raises(ConfigurationError):
            People(view(**changes), SETTINGS, NAMES)


def test_an_events_name_that_ometria_would_cut_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="32 characters"):
        Events(view(triggers={"financial.captured": ["x" * 33]}), SETTINGS, NAMES)


@pytest.mark.req("SHP-2", "SHP-3")
@pytest.mark.parametrize(("content", "products"), [({"2": 1}, ["p2"]), ({}, ["p1", "p2"])])
def test_an_event_names_the_products_of_which_it_tells(content: dict[str, int], products: list[str]) -> None:
    lines = tuple(line(key, 1, Decimal(100), product_key=f"p{key}") for key in ("1", "2"))
    happening = Happening(
        event_id="review:centra_main:s",
        name="review_request",
        person_id=7,
        email="asa@mail.test",
        at=AT,
        sold=sold(lines),
        content=content,
    )

    (event,) = Events(view(events={"review_request": "review"}), SETTINGS, NAMES).render(happening)

    assert event.payload["properties"] == {"products": products}


@pytest.mark.req("QUA-1")
def test_limits_name_each_field_with_what_fills_it() -> None:
    mapping = {"phone_number": FieldMapping("phone"), "value": FieldMapping("facts.lifetime_value", "number")}

    found = {limit.field: limit for limit in limits(mapping, SETTINGS)}

    assert found["value"].type == "number"
    form = found["phone_number"].form
    assert form is not None
    assert re.fullmatch(form, "+46 70 123 45")
    assert not re.fullmatch(form, "070 123 45")


@pytest.mark.req("ORD-5")
@given(
    amount=_CENTS,
    totals=st.lists(st.tuples(st.integers(0, 5), _CENTS, st.integers(0, 7)), min_size=1, max_size=6),
)
def test_what_went_back_is_spread_to_the_last_digit(amount: Decimal, totals: list[tuple[int, Decimal, int]]) -> None:
    lines = [line(str(place), quantity, total) for place, (quantity, total, _) in enumerate(totals)]
    returned = {str(place): back for place, (_, _, back) in enumerate(totals)}

    parts = spread(amount, lines, returned)

    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)


@pytest.mark.req("ORD-5")
def test_what_went_back_stands_on_the_lines_that_came_back() -> None:
    lines = [line("1", 2, Decimal(200)), line("2", 1, Decimal(50))]

    assert spread(Decimal(110), lines, {"1": 1}) == [Decimal(110), Decimal(0)]
    assert spread(Decimal(25), lines, {}) == [Decimal(20), Decimal(5)]


@pytest.mark.req("ORD-5")
@given(net=st.decimals(min_value=0, max_value=100, places=4), count=st.integers(0, 3))
def test_an_order_counts_for_its_net_value_whatever_went_back(net: Decimal, count: int) -> None:
    lines = tuple(line(str(number), 1, Decimal(10)) for number in range(count))
    what = sold(lines, net_total=net, refunded=Decimal(100) - net, refunded_at=AT)

    wanted = Orders(view(), SETTINGS, NAMES).render(what)

    assert sale_of(wanted.payload).total == net.quantize(Decimal("0.01"), "ROUND_HALF_UP")


@pytest.mark.req("DAG-2")
def test_an_order_does_not_move_with_the_order_of_its_lines() -> None:
    one, other = line("1", 1, Decimal(50)), line("2", 1, Decimal(50), product_key="10", variant_key="v")
    render = Orders(view(), SETTINGS, NAMES).render

    assert render(sold((one, other))) == render(sold((other, one)))


@pytest.mark.req("ORD-9")
def test_what_an_order_came_by_stays_on_it() -> None:
    plain = sold((line("1", 1, Decimal(100)),))
    vouchers = (Discount(code="WELCOME", amount=Decimal(5)), Discount(code="SPRING", amount=Decimal(5)))
    order = replace(plain.order, affiliate="blog", campaign="spring", discounts=vouchers)

    with_origin, without = (
        Orders(view(), SETTINGS, NAMES).render(one).payload for one in (replace(plain, order=order), plain)
    )

    # An order has one coupon at Ometria.
    assert with_origin["coupon_code"] == "SPRING"
    assert with_origin["properties"] == {"source": "centra_main", "affiliate": "blog", "campaign": "spring"}
    assert "coupon_code" not in without
    assert without["properties"] == {"source": "centra_main"}
