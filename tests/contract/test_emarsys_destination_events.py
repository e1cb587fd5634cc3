"""External events at Emarsys, over real HTTP: told once, to somebody, and what becomes of those that can't be told."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from retail_sync.sandbox.host import build, running

from .destination_goods import parcel, person, shipped, sold
from .destination_shop import verdicts
from .emarsys_destination_shop import Shop, pair, told


@pytest.fixture
def shop() -> Iterator[Shop]:
    with running(build("emarsys")) as url:
        standing = Shop(url)
        standing.stand()
        standing.send(*standing.destination.person(person()))
        yield standing


@pytest.mark.req("ORD-6")
def test_an_order_tells_its_states_once_whatever_is_sent_again(shop: Shop) -> None:
    for _ in range(3):
        assert verdicts(shop.send(*told(shop, sold()))) == {"delivered": 2}

    found = {one["trigger_id"]: (one["event"], one["times"]) for one in shop.state()["triggers"]}
    assert found == {
        "order.financial.confirmed:centra_main:k1001": ("order_confirmed", 3),
        "order.financial.captured:centra_main:k1001": ("payment_captured", 3),
    }
    assert shop.state()["counts"]["mails"] == 2


@pytest.mark.req("SHP-2")
def test_each_parcel_is_told_once_with_what_follows_it(shop: Shop) -> None:
    parcels = [one for number in (1, 2, 3) for one in shop.destination.happening(shipped(parcel(number)))]

    outcomes = shop.send(*parcels) + shop.send(*parcels)

    assert verdicts(outcomes) == {"delivered": 6}
    triggers = shop.state()["triggers"]
    assert [one["data"]["global"]["tracking_number"] for one in triggers] == ["AB1", "AB2", "AB3"]
    assert triggers[0]["data"]["products"] == [{"name": "Shirt", "price": "499.00", "quantity": "2", "sku": "SKU10S"}]


@pytest.mark.req("ID-7")
def test_whom_another_pair_has_made_is_told_by_address_and_nobody_is_nobody(shop: Shop) -> None:
    shop.send(*shop.connect(pair(source_account="fulfil_main")).person(person(9, email="p5@mail.test")))

    outcomes = shop.send(
        *shop.destination.happening(shipped(who=5)), *shop.destination.happening(shipped(parcel(2), who=2))
    )

    assert {outcome.verdict: outcome.code for outcome in outcomes} == {"delivered": "", "rejected": "nobody_to_tell"}
    assert shop.state()["counts"]["triggers"] == 1


@pytest.mark.req("ORD-6")
def test_an_event_that_somebody_deleted_waits_until_it_stands_again(shop: Shop) -> None:
    event = msgspec.structs.replace(shop.destination.happening(shipped())[0])
    unknown = msgspec.structs.replace(event, payload=event.payload | {"event": "nothing_of_the_kind"})

    (outcome,) = shop.send(unknown)

    assert (outcome.verdict, outcome.code) == ("lacking", "event_missing")
    assert outcome.code in shop.destination.capabilities.lacking


@pytest.mark.req("QUA-1")
def test_a_refused_trigger_is_named_with_emarsys_words(shop: Shop) -> None:
    shop.control.fault("trigger_refused", options={"code": 2010, "text": "More contacts found: p1@mail.test"})

    (outcome,) = shop.send(*shop.destination.happening(shipped()))

    assert (outcome.verdict, outcome.code) == ("rejected", "several_contacts")
    assert "p1@" not in outcome.words


@pytest.mark.req("QUA-1")
def test_an_event_that_nothing_listens_to_is_marketings_affair() -> None:
    settings = {"interactions": False, "mail_on_new_events": False}
    with running(build("emarsys", settings)) as url:
        shop = Shop(url)
        shop.stand()
        shop.send(*shop.destination.person(person()))

        outcomes = shop.send(*told(shop, sold()))

        assert {(one.verdict, one.code) for one in outcomes} == {("rejected", "nothing_listens")}
        assert shop.destination.capabilities.advice["nothing_listens"][0] == "marketing"
