"""The Ometria destination on a bad day: what was accepted and not stored is found, and nothing is told twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import replace

from retail_sync.errors import UnreachableError, WaitError
from retail_sync.http.limits import Limits
from retail_sync.model.delivery import Errand, Outcome, Wanted
from retail_sync.sandbox.host import running
from retail_sync.vendors.ometria.sandbox import build

from .destination_goods import PARCEL, person, shipped, sold
from .destination_shop import verdicts
from .ometria_destination_shop import BRISK, Shop


@contextmanager
def account(**settings: Any) -> Iterator[Shop]:
    with running(build(BRISK | settings)) as url:
        yield Shop(url)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with account() as found:
        yield found


def people(shop: Shop, number: int) -> list[Wanted]:
    return [one for who in range(1, number + 1) for one in shop.destination.person(person(who))]


def failed(outcomes: list[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.verdict != "delivered"]


@pytest.mark.req("QUA-1")
def test_more_failures_than_ometria_remembers_are_all_found(shop: Shop) -> None:
    wanted = [replace(one, payload=one.payload | {"email": "no address"}) for one in people(shop, 250)]

    outcomes = shop.send(*wanted)

    assert verdicts(outcomes) == {"rejected": 250}
    assert {outcome.code for outcome in outcomes} == {"address"}


@pytest.mark.req("QUA-1")
def test_an_error_that_others_pushed_off_the_list_is_found_by_sending_again(shop: Shop) -> None:
    shop.send(*shop.destination.person(person(99)))
    shop.control.fault("errors_overflow", endpoint="GET /push/_errors")
    shop.control.fault("late_error", endpoint="centra_main-7", times=5)

    outcomes = shop.send(*people(shop, 40))

    assert verdicts(outcomes) == {"delivered": 39, "rejected": 1}
    assert shop.state()["counts"]["contacts"] == 40


@pytest.mark.req("QUA-1")
def test_a_record_that_ometria_lost_is_not_called_delivered() -> None:
    with account() as lossy:
        shop = Shop(lossy.url, settle_deadline=0.3)
        shop.control.fault("lost_queue_entry", endpoint="centra_main-3")

        outcomes = shop.send(*people(shop, 5))

    assert verdicts(outcomes) == {"delivered": 4, "retry": 1}
    assert failed(outcomes)[0].code == "not_stored"


@pytest.mark.req("QUA-1")
def test_a_record_that_was_refused_at_once_is_found(shop: Shop) -> None:
    shop.control.fault("rejected_at_once", endpoint="centra_main-3")

    outcomes = shop.send(*people(shop, 120))

    assert verdicts(outcomes) == {"delivered": 119, "rejected": 1}


@pytest.mark.req("QUA-1")
def test_nothing_is_delivered_before_the_queue_has_come_to_it() -> None:
    with account(validate_seconds=0.4) as shop:
        begun = time.monotonic()
        outcomes = shop.send(*people(shop, 3))
        taken = time.monotonic() - begun
        stored = shop.control.state()["counts"]["contacts"]

    assert verdicts(outcomes) == {"delivered": 3}
    assert stored == 3
    assert taken >= 0.4


@pytest.mark.req("QUA-1")
def test_a_push_that_later_ones_overtake_is_waited_for(shop: Shop) -> None:
    shop.control.fault("slow_queue", seconds=0.3)

    outcomes = shop.send(*people(shop, 150))

    assert verdicts(outcomes) == {"delivered": 150}
    assert shop.state()["counts"]["contacts"] == 150


@pytest.mark.req("QUA-1")
def test_an_event_of_a_type_that_nobody_registered_is_refused_and_says_whose_turn_it_is() -> None:
    with account(event_types=["back_in_stock"]) as shop:
        shop.send(*shop.destination.person(person()))
        (outcome,) = shop.send(*shop.destination.happening(shipped()))

        assert (outcome.verdict, outcome.code) == ("rejected", "event_type")
        assert shop.destination.capabilities.advice["event_type"][0] == "marketing"


@pytest.mark.req("OPS-4", "QUA-1")
def test_an_event_that_is_refused_after_it_counted_as_stored_is_told_by_its_receipt() -> None:
    with account(event_types=["back_in_stock"], queue_headers=False, validate_seconds=0.5) as shop:
        shop.send(*shop.destination.person(person()))
        (taken,) = shop.send(*(told := shop.destination.happening(shipped())))
        assert taken.verdict == "delivered"
        assert list(shop.destination.refused_late()) == []
        shop.state()

        (late,) = shop.destination.refused_late()

    assert (late.receipt, late.vendor_key, late.code) == (taken.receipt, told[0].vendor_key, "event_type")
    assert "not registered" in late.words


@pytest.mark.req("DAG-2")
def test_an_event_whose_answer_never_came_is_unknown_and_what_follows_waits(shop: Shop) -> None:
    shop.send(*shop.destination.person(person()))
    shop.control.fault("after_write_drop", endpoint="POST /push")
    parcels = [replace(PARCEL, key=f"s{number}") for number in (1, 2)]
    rows = shop.rows([one for parcel in parcels for one in shop.destination.happening(shipped(parcel))])
    ended: list[Outcome | Errand] = []
    delivery = shop.destination.deliver(rows)

    with pytest.raises(UnreachableError):
        ended.extend(delivery)

    (outcome,) = ended
    assert isinstance(outcome, Outcome)
    assert (outcome.row_id, outcome.verdict, outcome.code) == (rows[0].row_id, "unknown", "unanswered")
    assert list(shop.state()["custom_events"]) == ["shipment:centra_main:s1"]


@pytest.mark.req("DAG-6")
def test_a_full_queue_makes_us_pause() -> None:
    with account(queue_limit=60, validate_seconds=0.2) as shop:
        outcomes = shop.send(*people(shop, 50))

        assert verdicts(outcomes) == {"delivered": 50}
        (push,) = [budget for name, budget in shop.budgets.items() if name.endswith("push")]
        assert push.pauses


@pytest.mark.req("QUA-1")
def test_a_record_over_the_limit_is_not_sent(shop: Shop) -> None:
    big = shop.destination.person(person())[0]
    big = replace(big, payload=big.payload | {"properties": {"loyalty": "x" * 70_000}})

    outcomes = shop.send(big, *people(shop, 2)[1:])

    assert sorted((outcome.verdict, outcome.code) for outcome in outcomes) == [
        ("delivered", ""),
        ("rejected", "too_large"),
    ]


@pytest.mark.req("REC-1")
def test_lists_of_many_pages_are_read_whole_with_rows_that_come_twice(shop: Shop) -> None:
    shop.send(*people(shop, 600))
    shop.control.fault("repeated_rows", endpoint="GET /contacts/{collection}", times=2)

    assert len(list(shop.destination.keys("contact"))) == 600


@pytest.mark.req("ORD-5")
def test_an_update_whose_order_is_replaced_whole_loses_nothing() -> None:
    with account(order_update="replace", update="replace") as shop:
        shop.send(*shop.destination.person(person()), *shop.destination.order(sold()))
        shop.send(
            *shop.destination.person(person(first_name="Eva")), *shop.destination.order(sold(shipments=(PARCEL,)))
        )

        assert shop.reads_back("contact", "order") == {}
        assert shop.status("p1@mail.test") == "subscribed"


def test_the_account_is_read_the_same_where_profiles_come_one_by_one() -> None:
    with account(profile_by_email="object") as shop:
        shop.send(*shop.destination.person(person()))

        found = shop.found("p1@mail.test")

    assert found is not None
    assert (found.vendor_key, found.status) == ("centra_main-1", "subscribed")


def test_without_ids_of_ours_people_are_known_by_their_address(shop: Shop) -> None:
    shop = Shop(shop.url, account_ids=False)
    shop.send(*shop.destination.person(person()), *shop.destination.order(sold()))
    shop.send(*shop.destination.happening(shipped()))

    found = shop.found("p1@mail.test")
    (profile,) = shop.state()["profiles"].values()

    assert found is not None
    assert found.vendor_key == "centra_main-1"
    assert profile["stats"]["orders"] == 1


_NO_ROUTE = {"message": "no Route matched with those values"}


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is not answered gives up soon."""
    monkeypatch.setattr("retail_sync.vendors.ometria.client._LIMITS", Limits(tries=2, backoff=0.01))


@pytest.mark.req("REC-1", "CON-1")
@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("number", [1, 7], ids=["looked for one by one", "listed"])
@pytest.mark.parametrize("routes", ["GET /contacts/*", "GET /contacts/{collection}/{id}"])
def test_a_gateway_that_finds_nothing_does_not_make_contacts_seem_gone(shop: Shop, routes: str, number: int) -> None:
    wanted = people(shop, number)
    shop.send(*wanted)
    hasty = Shop(shop.url, listed_for=0, settle_deadline=0.1)
    hasty.ledger = shop.ledger
    shop.control.fault("status", status=404, body=_NO_ROUTE, endpoint=routes, times=None)

    changed = [replace(one, payload=one.payload | {"firstname": "Eva"}) for one in wanted]

    assert "gone" not in verdicts(hasty.attempt(*changed))
    with pytest.raises(WaitError):
        list(shop.destination.read("contact", [one.vendor_key for one in wanted]))


@pytest.mark.req("REC-1", "CON-5")
@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("kind", ["contact", "order", "product"])
def test_a_list_that_a_gateway_does_not_find_is_not_empty(shop: Shop, kind: str) -> None:
    shop.control.fault("status", status=404, body=_NO_ROUTE, endpoint="GET /*", times=None)

    with pytest.raises(WaitError):
        list(shop.destination.read_all(kind))
    with pytest.raises(WaitError):
        list(shop.destination.contacts())


@pytest.mark.req("CON-3")
@pytest.mark.usefixtures("brief")
def test_an_opt_out_of_a_profile_that_a_gateway_does_not_find_waits(shop: Shop) -> None:
    shop.push({"@type": "contact", "@collection": "till", "id": "7", "email": "p1@mail.test"})
    (found,) = shop.destination.lookup(["p1@mail.test"])
    shop.control.fault("status", status=404, body=_NO_ROUTE, endpoint="GET /profiles/{id}", times=None)

    assert shop.attempt(shop.destination.opt_out(found.vendor_key), operation="opt_out") == []


@pytest.mark.req("DAG-2", "SHP-2")
@pytest.mark.parametrize("wanted", ["contact", "event"])
def test_a_push_that_a_gateway_does_not_find_is_made_again_and_refuses_nothing(shop: Shop, wanted: str) -> None:
    shop.send(*shop.destination.person(person()))
    rows = people(shop, 3) if wanted == "contact" else list(shop.destination.happening(shipped()))
    shop.control.fault("status", status=404, body=_NO_ROUTE, endpoint="POST /push", times=1)

    assert verdicts(shop.send(*rows)) == {"delivered": len(rows)}


@pytest.mark.req("OPS-3")
def test_the_check_says_that_the_host_is_wrong(shop: Shop) -> None:
    shop.control.fault("status", status=404, body=_NO_ROUTE, endpoint="GET /contacts", times=None)

    (found,) = (one for one in shop.destination.check() if one.subject == "collection")

    assert not found.ok
    assert "host" in found.fix
