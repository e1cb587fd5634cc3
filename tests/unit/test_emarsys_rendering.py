"""What the Emarsys side makes of people, orders and happenings, without a server."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from retail_sync.errors import ConfigurationError
from retail_sync.model.happenings import Happening
from retail_sync.model.moments import happened
from retail_sync.model.people import Facts, Person, SoldOrder
from retail_sync.model.records import Address, Order, OrderLine, Payment
from retail_sync.model.views import DestinationView, FieldMapping
from retail_sync.vendors.emarsys.events import Events
from retail_sync.vendors.emarsys.facts import EmarsysSettings
from retail_sync.vendors.emarsys.limits import limits
from retail_sync.vendors.emarsys.people import People
from retail_sync.vendors.emarsys.sales import Sales
from retail_sync.vendors.emarsys.structure import structure

AT = datetime(2026, 2, 1, 10, tzinfo=UTC)
SETTINGS = EmarsysSettings(merchant="M1")


def view(**changes: Any) -> DestinationView:
    fields: dict[str, Any] = {
        "pair": "p",
        "source_account": "centra_main",
        "mapping": {
            "first_name": FieldMapping("first_name"),
            "shop_ltv": FieldMapping("facts.lifetime_value", "number"),
        },
        "tags": (),
        "currency": "SEK",
    }
    return DestinationView(**(fields | changes))


def person(**changes: Any) -> Person:
    fields: dict[str, Any] = {
        "person_id": 7,
        "email": "asa@mail.test",
        "facts": Facts(currency="SEK", lifetime_value=Decimal("10.50"), markets=("Norway", "Denmark")),
        "wish": "opted_in",
        "first_name": "Åsa",
        "address": Address(line1="Storgatan 1", city="Umeå", country="SE"),
    }
    return Person(**(fields | changes))


def values(who: Person, settings: EmarsysSettings = SETTINGS, **mapping: FieldMapping) -> dict[str, str]:
    (contact,) = People(view(mapping=mapping), settings).render(who)
    return dict(contact.payload["fields"])


def line(key: str = "1", quantity: int = 2, **changes: Any) -> OrderLine:
    fields: dict[str, Any] = {"unit_price": Decimal(100), "total": Decimal(100) * quantity, "sku": f"S{key}"}
    return OrderLine(key=key, name="Shirt", quantity=quantity, **(fields | changes))


def sold(order: dict[str, Any] | None = None, **changes: Any) -> SoldOrder:
    fields: dict[str, Any] = {
        "key": "k1",
        "number": "1001",
        "status": "confirmed",
        "placed_at": AT,
        "updated_at": AT + timedelta(days=9),
        "currency": "SEK",
        "rate": Decimal(1),
        "total": Decimal(240),
        "lines": (line(),),
        "channel": {},
    }
    whole = Order(**(fields | (order or {})))
    sale: dict[str, Any] = {"person_id": 7, "email": "asa@mail.test", "order": whole, "net_total": whole.total}
    return SoldOrder(**(sale | changes))


def sale(what: SoldOrder, settings: EmarsysSettings = SETTINGS) -> dict[str, tuple[str, int, str]]:
    """The rows of an order by name: item, quantity, price."""
    (wanted,) = Sales(view(), settings).render(what)
    return {name: (row["item"], row["quantity"], row["price"]) for name, row in wanted.payload["rows"].items()}


@pytest.mark.req("SEC-2")
def test_a_contacts_key_tells_nothing_of_the_person_and_stays() -> None:
    (one,) = People(view(), SETTINGS).render(person())
    (other,) = People(view(), SETTINGS).render(person(email="new@mail.test", first_name=None))

    assert one.vendor_key == other.vendor_key == "centra_main-7"
    assert one.needs == ("field:retail_sync_id", "field:shop_ltv")


@pytest.mark.req("CON-2")
@pytest.mark.parametrize(
    ("who", "changes", "status"),
    [
        (person(), {}, "subscribed"),
        (person(), {"double_opt_in": True}, "pending"),
        (person(known_out=True), {}, "transactional"),
        (person(wish="unknown"), {}, "transactional"),
        (person(wish="unknown"), {"without_consent": "skip"}, None),
    ],
)
def test_a_wish_is_told_at_birth_and_nowhere_else(who: Person, changes: dict[str, Any], status: str | None) -> None:
    rendered = People(view(**changes), SETTINGS).render(who)

    assert [one.birth for one in rendered] == ([{"status": status}] if status else [])
    assert all(set(one.payload) == {"email", "fields"} for one in rendered)


@pytest.mark.req("ORD-4")
def test_values_are_written_as_the_fields_take_them() -> None:
    settings = EmarsysSettings(merchant="M1", choices={"country": {"SE": "167"}})
    who = person(first_name="Å😀\u202e" + "x" * 70, birthdate=date(1990, 5, 17), attributes={"web": "no address"})

    found = values(
        who,
        settings,
        first_name=FieldMapping("first_name"),
        birth_date=FieldMapping("birthdate"),
        country=FieldMapping("address.country"),
        ltv=FieldMapping("facts.lifetime_value", "number"),
        markets=FieldMapping("facts.markets"),
        count=FieldMapping("facts.markets", "number"),
        full=FieldMapping("facts.always_full_price"),
        web=FieldMapping("attributes.web", "url"),
        none=FieldMapping("facts.last_order_at", "date"),
    )

    assert found["first_name"] == "Å " + "x" * 58
    assert {name: found[name] for name in found if name != "first_name"} == {
        "birth_date": "1990-05-17",
        "country": "167",
        "ltv": "10.5",
        "markets": "Denmark, Norway",
        "count": "2",
        "full": "no",
        "web": "",
        "none": "",
    }


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"tags": ("collections",)}, "no tags"),
        ({"mapping": {"First": FieldMapping("first_name")}}, "can't be a contact field's name"),
        ({"mapping": {"optin": FieldMapping("first_name")}}, "never filled"),
        ({"mapping": {"retail_sync_id": FieldMapping("first_name")}}, "never filled"),
        ({"mapping": {"x": FieldMapping("first_name", "birthday")}}, "no field type"),
        ({"mapping": {"x": FieldMapping("facts.shoe_size")}}, "nothing that a person has"),
        ({"mapping": {"country": FieldMapping("address.country")}}, "ids of choices"),
    ],
)
def test_a_mapping_that_can_not_be_is_refused(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(ConfigurationError, match=word):
        People(view(**changes), SETTINGS)


@pytest.mark.req("QUA-1")
def test_limits_say_what_fields_take() -> None:
    found = {limit.field: limit for limit in limits(view().mapping, SETTINGS)}

    assert (found["first_name"].type, found["first_name"].length) == ("text", 60)
    assert found["shop_ltv"].type == "number"


@pytest.mark.req("ORD-6")
def test_structure_holds_our_fields_and_the_events_that_are_told() -> None:
    settings = EmarsysSettings(merchant="M1", event_ids={"paid": "77"})
    pair = view(triggers={"financial.captured": ["paid", "thanks"]}, events={"order_shipped": "shipped"})

    wanted = [(one.kind, one.vendor_key) for one in structure(pair, settings)]

    assert wanted == [
        ("field", "retail_sync_id"),
        ("field", "shop_ltv"),
        ("external_event", "shipped"),
        ("external_event", "thanks"),
    ]


@pytest.mark.req("ORD-3")
def test_an_orders_rows_are_its_lines_and_what_no_line_explains() -> None:
    assert sale(sold()) == {"ordered:1": ("S1", 2, "200.00"), "charges": ("shipping", 1, "40.00")}


@pytest.mark.req("ORD-3")
def test_orders_of_shops_that_number_alike_are_told_apart() -> None:
    (wanted,) = Sales(view(), EmarsysSettings(merchant="M1", order_prefix="SE-")).render(sold())

    assert (wanted.vendor_key, wanted.payload["order"], wanted.object_id) == (
        "SE-1001",
        "SE-1001",
        "sale:centra_main:k1",
    )


@pytest.mark.req("ORD-3")
def test_each_cause_has_a_row_and_reduces_once() -> None:
    what = sold(
        {"lines": (line("1", 3), line("2", 1, cancelled=1)), "total": Decimal(420)},
        returned={"1": 2},
        refunded=Decimal(190),
        refunded_at=AT,
        net_total=Decimal(230),
    )

    rows = sale(what)

    assert rows == {
        "ordered:1": ("S1", 3, "300.00"),
        "ordered:2": ("S2", 2, "200.00"),
        "cancelled:2": ("S2", -1, "-100.00"),
        "charges": ("shipping", 1, "20.00"),
        "returned:1": ("S1", -2, "-200.00"),
        "refunded": ("shipping", 1, "10.00"),
    }
    assert sum(Decimal(price) for _, _, price in rows.values()) == Decimal(230)


@pytest.mark.req("ORD-3")
def test_a_cancelled_order_is_taken_off_whole() -> None:
    rows = sale(sold({"status": "cancelled"}, refunded=Decimal(240), net_total=Decimal(0)))

    assert rows["returned:1"] == ("S1", -2, "-200.00")
    assert sum(Decimal(price) for _, _, price in rows.values()) == 0


@pytest.mark.req("ORD-3")
def test_a_gift_card_that_is_sold_is_no_sale() -> None:
    lines = (line("1"), line("2", 1, kind="gift_card"))

    assert set(sale(sold({"lines": lines, "total": Decimal(300)}, net_total=Decimal(200)))) == {"ordered:1"}


@pytest.mark.req("ORD-3")
@pytest.mark.parametrize(("item", "found"), [("sku", "S1"), ("variant", "v9"), ("product", "p9")])
def test_an_item_is_what_the_catalogue_calls_it(item: str, found: str) -> None:
    settings = EmarsysSettings.model_validate({"merchant": "M1", "item": item})
    lines = (line(product_key="p9", variant_key="v9"), line("2", sku=None))

    rows = sale(sold({"lines": lines, "total": Decimal(400)}), settings)

    assert rows["ordered:1"][0] == found
    assert rows["ordered:2"][0] == "shipping"


@pytest.mark.req("ORD-3")
def test_a_pair_that_sends_no_orders_renders_none() -> None:
    assert Sales(view(), EmarsysSettings(sales="none")).render(sold()) == []


@pytest.mark.req("ORD-6")
def test_an_order_tells_its_states_in_the_pairs_words() -> None:
    paid = Payment(key="c", kind="captured", succeeded=True, amount=Decimal(240), at=AT + timedelta(hours=1))
    pair = view(triggers={"financial.confirmed": ["confirmed"], "financial.captured": ["paid", "thanks"]})

    steps = Events(pair, SETTINGS).order(sold({"payments": (paid,)}))

    assert [(one.object_id, one.payload["event"]) for one in steps] == [
        ("order.financial.confirmed:centra_main:k1", "confirmed"),
        ("order.financial.captured:centra_main:k1", "paid"),
        ("order.financial.captured.2:centra_main:k1", "thanks"),
    ]
    assert {one.row for one in steps} == {"step"}
    assert all(one.payload["trigger_id"] == one.object_id for one in steps)
    assert steps[1].useful_until == paid.at + timedelta(hours=48)
    assert steps[0].needs == ("contact:7", "external_event:confirmed")
    assert "asa@mail.test" not in str(steps[0].payload["data"])


@pytest.mark.req("ORD-6")
@pytest.mark.parametrize(
    ("what", "states"),
    [
        (sold({"status": "pending"}), ["financial.pending"]),
        (sold({"status": "cancelled"}), ["financial.cancelled"]),
        (
            sold(refunded=Decimal(240), refunded_at=AT + timedelta(days=1), net_total=Decimal(0)),
            ["financial.pending", "financial.confirmed", "financial.refunded"],
        ),
        (
            sold({"total": Decimal(0)}),
            ["financial.pending", "financial.confirmed", "financial.captured"],
        ),
    ],
)
def test_an_orders_life_is_told_in_the_order_in_which_it_happened(what: SoldOrder, states: list[str]) -> None:
    assert [moment.state for moment in happened(what)] == states


@pytest.mark.req("SHP-2")
def test_a_parcel_is_told_with_its_own_lines() -> None:
    happening = Happening(
        event_id="shipment:centra_main:s",
        name="order_shipped",
        person_id=7,
        email="asa@mail.test",
        at=AT,
        properties={"tracking_number": "T1", "carrier": ""},
        sold=sold({"lines": (line("1"), line("2"))}),
        content={"2": 1},
    )

    (event,) = Events(view(events={"order_shipped": "shipped"}), SETTINGS).happening(happening)

    assert event.payload["event_time"] == "2026-02-01T10:00:00Z"
    assert event.payload["data"] == {
        "global": {"tracking_number": "T1"},
        "products": [{"sku": "S2", "name": "Shirt", "quantity": "1", "price": "100.00"}],
    }
    assert Events(view(), SETTINGS).happening(happening) == []
