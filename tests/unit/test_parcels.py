"""When a parcel has surely come, and what of it is told: plain values in, plain values out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from retail_sync.model.people import SoldOrder
from retail_sync.model.records import Address, Order, OrderLine, Shipment, ShipmentLine
from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import find
from retail_sync.pairs.shipments import Shipments, Transit
from retail_sync.people.parcels import Parcels, Telling

LIVE = datetime(2026, 3, 1, 12, 0, 0, 400_000, tzinfo=UTC)
LEFT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TRANSIT = Transit.model_validate(
    {"default": "7d", "by_country": {"SE": "3d"}, "by_carrier": {"postnord": "2d", "Post": "6d", "DHL Freight": "9d"}}
)


@pytest.mark.req("SHP-3")
@pytest.mark.parametrize(
    ("carrier", "country", "days"),
    [
        ("PostNord", "SE", 2),
        ("POSTNORD Sverige AB", "NO", 2),
        ("Post", "SE", 6),
        ("Poste Italiane", "IT", 7),
        ("DHL", "SE", 3),
        ("dhl-freight", "SE", 9),
        (None, "se", 3),
        ("", None, 7),
    ],
)
def test_the_carrier_says_how_long_it_takes_then_the_country(
    carrier: str | None, country: str | None, days: int
) -> None:
    assert TRANSIT.of(carrier, country) == days * DAY


@pytest.mark.req("SHP-3")
@pytest.mark.parametrize("carriers", [{"DHL": "1d", "dhl": "2d"}, {"--": "1d"}])
def test_two_lengths_for_one_carrier_are_refused(carriers: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="a name of its own"):
        Transit.model_validate({"by_carrier": carriers})


@pytest.mark.req("SHP-2")
@pytest.mark.parametrize("name", ["x", "Order Shipped", "a" * 31])
def test_an_event_has_a_name_that_destinations_take(name: str) -> None:
    with pytest.raises(ValidationError):
        Shipments.model_validate({"event": name})


def pair(**shipments: Any) -> Pair:
    content = find("centra_to_mailchimp").model_dump(mode="json", by_alias=True)
    content["shipments"] = {"review": {"after": {"default": "5d"}}, **shipments}
    return Pair.model_validate(content)


def line(key: str, quantity: int = 1) -> OrderLine:
    price = Decimal(100)
    return OrderLine(key=key, name=f"Coat {key}", quantity=quantity, unit_price=price, total=price * quantity, sku=key)


def parcel(key: str = "s1", *lines: tuple[str, int], **changes: Any) -> Shipment:
    fields: dict[str, Any] = {
        "shipped": True,
        "shipped_at": LEFT,
        "carrier": "PostNord",
        "tracking_url": "https://track.test/1",
    }
    packed = tuple(ShipmentLine(line_key=name, quantity=quantity) for name, quantity in lines)
    return Shipment(key=key, number=f"501-{key}", lines=packed, **(fields | changes))


def sold(*parcels: Shipment, status: Any = "shipped", **changes: Any) -> SoldOrder:
    order = Order(
        key="o1",
        number="501",
        status=status,
        placed_at=LEFT - DAY,
        updated_at=LEFT,
        currency="SEK",
        rate=Decimal(1),
        total=Decimal(300),
        lines=(line("a", 2), line("b")),
        channel={},
        shipping_address=Address(country="SE"),
        shipments=parcels,
    )
    return SoldOrder(person_id=1, email="ann@mail.test", order=order, **({"net_total": Decimal(300)} | changes))


def telling(about: SoldOrder, *, now: datetime = LEFT + 6 * DAY, of: Pair | None = None, live: Any = LIVE) -> Telling:
    return Parcels(of or pair(), live, now).of(about)


def ids(found: Telling) -> list[str]:
    return [happening.event_id for happening in found.happenings]


@pytest.mark.req("SHP-2", "SHP-3")
def test_a_parcel_is_told_at_once_and_a_review_is_asked_for_when_it_is_due() -> None:
    about = sold(parcel("s1", ("a", 2)), parcel("s2", ("b", 1), shipped_at=LEFT + DAY))
    early = telling(about, now=LEFT + 2 * DAY)
    assert ids(early) == ["shipment:centra_main:s1", "shipment:centra_main:s2"]
    assert early.next_due == LEFT + 5 * DAY
    assert early.unsaid == ["review:centra_main:s1", "review:centra_main:s2"]

    between = telling(about, now=LEFT + 5 * DAY)
    assert ids(between)[1] == "review:centra_main:s1"
    assert (between.next_due, between.unsaid) == (LEFT + 6 * DAY, ["review:centra_main:s2"])
    assert telling(about, now=LEFT + 6 * DAY).next_due is None


@pytest.mark.req("SHP-3")
@pytest.mark.parametrize(
    ("changes", "items"),
    [
        ({}, "2 x Coat a; 1 x Coat b"),
        ({"returned": {"a": 1}}, "1 x Coat a; 1 x Coat b"),
        ({"returned": {"a": 2}}, "1 x Coat b"),
        ({"coming_back": {"b": 1}}, "2 x Coat a"),
        ({"returned": {"a": 1}, "coming_back": {"a": 1, "b": 1}}, None),
        ({"refunded": Decimal(300), "net_total": Decimal(0)}, None),
        ({"refunded": Decimal(10), "net_total": Decimal(290)}, "2 x Coat a; 1 x Coat b"),
        ({"status": "cancelled"}, None),
    ],
)
def test_nobody_is_asked_about_what_they_did_not_keep(changes: dict[str, Any], items: str | None) -> None:
    found = telling(sold(parcel(), **changes))
    asked = [one.properties["items"] for one in found.happenings if one.name == "review_request"]
    assert asked == ([items] if items else [])
    assert ("review:centra_main:s1" in found.unsaid) is (items is None)


@pytest.mark.req("SHP-3")
def test_what_was_sent_back_is_not_among_what_a_review_is_asked_of() -> None:
    found = telling(sold(parcel("s1", ("a", 2), ("b", 1)), returned={"a": 2}))

    assert {one.name: one.content for one in found.happenings} == {
        "order_shipped": {"a": 2, "b": 1},
        "review_request": {"b": 1},
    }


@pytest.mark.req("SHP-1", "SHP-2")
@pytest.mark.parametrize(
    ("one", "changes", "told"),
    [
        (parcel(), {}, True),
        (parcel(tracking_url=None, untracked=True), {}, True),
        (parcel(tracking_url=None), {"untold": ("s1",)}, False),
        (parcel(tracking_url=None), {"untold": ("other",)}, True),
        (parcel(), {"hold_shipping": True}, False),
        (parcel(shipped=False), {}, False),
        (parcel(shipped_at=LIVE.replace(microsecond=0)), {}, True),
        (parcel(shipped_at=LIVE - timedelta(seconds=1)), {}, False),
        (parcel(shipped_at=None), {}, False),
    ],
)
def test_which_parcels_are_told(one: Shipment, changes: dict[str, Any], told: bool) -> None:
    found = telling(sold(one, **changes), now=LEFT)
    assert ids(found) == (["shipment:centra_main:s1"] if told else [])
    assert ("shipment:centra_main:s1" in found.unsaid) is not told


@pytest.mark.req("SHP-2")
def test_what_a_pair_does_not_want_is_not_told() -> None:
    about = sold(parcel())
    assert telling(about, live=None) == Telling([], [], None)
    assert telling(about, of=pair(event=None, review=None)) == Telling([], [], None)
    assert ids(telling(about, of=pair(event=None))) == ["review:centra_main:s1"]
    assert ids(telling(about, of=pair(review=None))) == ["shipment:centra_main:s1"]
