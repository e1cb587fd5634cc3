"""The Mailchimp destination over real HTTP: batches, faults, reading back, and the check."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
import requests

from retail_sync.errors import (
    ConfigurationError,
)
from retail_sync.model.views import FieldMapping
from retail_sync.sandbox.host import build, running
from retail_sync.sandbox.world.events import ContactLeft

from .destination_goods import NOW, person, product, sold
from .destination_shop import everything, verdicts
from .mailchimp_shop import AUDIENCE, MAPPING, Shop, pair


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

        assert (shop.status("p1@mail.test"), shop.status("p2@mail.test")) == ("pending", "transactional")


@pytest.mark.req("DAG-6")
def test_ten_connections_are_never_exceeded(url: str) -> None:
    with running(build("mailchimp", {"latency": 0.01})) as slow:
        shop = Shop(slow)
        shop.stand()
        shop.send(*everything(shop, *(person(number) for number in range(60))))

        log = shop.control.log()
    assert log["peak_in_flight"] <= 10
    assert "429" not in log["by_status"]


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
@pytest.mark.req("ORD-7")
def test_totals_are_mailchimps_own(standing: Shop) -> None:
    standing.send(*everything(standing, person(), person(2, "unknown"), orders=[sold(), sold("1002", 2)]))

    totals = {total.name: total.value for total in standing.destination.totals()}

    assert totals["orders"] == "2"
    assert totals["order_total.SEK"] == "2094.00"
    assert (totals["members.subscribed"], totals["members.transactional"]) == ("1", "1")
    assert (totals["customers"], totals["products"]) == ("2", "2")


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
    statuses = {"order statuses", "order status financial.captured"}
    assert wrong == {"double opt-in", "merge field LTV", "store's currency", *statuses}

    refused = list(shop.connect(password="0" * 32 + "-us99").check())
    assert [(finding.subject, finding.ok) for finding in refused] == [("API key", False)]


@pytest.mark.req("OPS-3", "QUA-1")
def test_a_choice_that_its_field_does_not_offer_is_found(shop: Shop) -> None:
    sizes = FieldMapping("attributes.size", "dropdown", choices=("S", "M"))
    shop.destination = shop.connect(view=pair(mapping={"SIZE": sizes}))
    shop.send(*shop.destination.structure(live=True))
    assert all(finding.ok for finding in shop.destination.check())

    other = pair(mapping={"SIZE": FieldMapping("attributes.size", "dropdown", choices=("S", "XL"))})
    (wrong,) = [finding for finding in shop.connect(view=other).check() if not finding.ok]
    assert (wrong.subject, wrong.detail) == ("merge field SIZE", "does not offer XL")


@pytest.mark.req("OPS-3")
def test_more_fields_than_the_audience_holds_are_found_before_they_are_refused(url: str) -> None:
    with running(build("mailchimp", {"merge_field_limit": 6})) as small:
        shop = Shop(small)
        (finding,) = [finding for finding in shop.destination.check() if finding.subject == "merge fields"]

    assert not finding.ok


def test_settings_that_can_not_be_are_named(url: str) -> None:
    with pytest.raises(ConfigurationError, match="audiense"):
        Shop(url, audiense="x")
