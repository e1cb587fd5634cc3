"""What `trace` tells of records that went the whole way, stopped on it, or never came."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.operate.changes import changes
from retail_sync.operate.trace import SECTIONS, Trace, trace
from tests.pipeline import tales
from tests.pipeline.mailchimp_shop import MailchimpShop
from tests.pipeline.shop import NOON

from .told_shop import ANNA, told_shop


@pytest.fixture(scope="module")
def shop(server: EmbeddedServer, template: str) -> Iterator[MailchimpShop]:
    with told_shop(server, template) as told:
        yield told


def told(shop: MailchimpShop, asked: str) -> list[Trace]:
    return trace(shop.road.database, asked)


def of_step(found: list[Trace], step: str) -> list[tuple[str, str]]:
    return [(item.subject, item.what) for item in found if item.step == step]


@pytest.mark.req("OPS-2")
def test_an_order_is_followed_from_its_reading_to_what_came_back(shop: MailchimpShop) -> None:
    found = told(shop, "101")

    read = of_step(found, "read")
    assert {subject for subject, _ in read} == {"order 101", "return 1000101"}
    assert all(what.startswith("as it was at 2026-02-") for _, what in read)
    assert ("order 101", "accepted") in of_step(found, "planned")
    assert of_step(found, "queued") == [("order 101", "create of the order, now delivered")]
    assert of_step(found, "answered") == [("order 101", "create of the order: delivered")]
    assert found == sorted(found, key=lambda item: item.at)


@pytest.mark.req("OPS-2")
@pytest.mark.parametrize("asked", ["anna@mail.test", " Anna@MAIL.test "])
def test_an_address_brings_everything_of_the_person(shop: MailchimpShop, asked: str) -> None:
    found = told(shop, asked)

    assert {subject for subject, _ in of_step(found, "read")} == {"customer 1", "order 101", "return 1000101"}
    assert {subject for subject, _ in of_step(found, "answered")} == {
        "customer 1 (member)",
        "customer 1 (tags)",
        "customer 1 (customer)",
        "order 101",
    }
    said = of_step(found, "consent")
    assert ("customer 1", "says yes to marketing") in said
    assert any("created as subscribed: customer 1 of centra_main said yes" in what for _, what in said)


@pytest.mark.req("OPS-2", "ORD-2")
def test_an_order_that_is_kept_out_says_why(shop: MailchimpShop) -> None:
    found = told(shop, "102")

    ((subject, what),) = of_step(found, "judged")
    assert subject == "order 102"
    assert what.startswith("order_marketplace: exclude (affiliate=zalando")
    assert ("order 102", "kept out of the destination") in of_step(found, "planned")
    assert not of_step(found, "queued")


@pytest.mark.req("OPS-2", "OPS-1")
def test_an_order_that_was_never_accepted_is_found_with_its_reason(shop: MailchimpShop) -> None:
    found = told(shop, "106")

    assert ("order 106", "order_email: hold_record") in of_step(found, "judged")
    ((subject, what),) = of_step(found, "exception")
    assert subject == "order 106"
    assert "Owner: cx. Correct the address at the source." in what


@pytest.mark.req("OPS-2", "OPS-1")
def test_what_the_vendor_said_is_told(shop: MailchimpShop) -> None:
    found = told(shop, "carla@fake.test")

    refused = [what for subject, what in of_step(found, "answered") if subject.endswith("(member)")]
    assert refused
    assert all("create of the member: rejected" in what for what in refused)
    waiting = [what for subject, what in of_step(found, "queued") if subject == "order 104"]
    assert re.match("create of the order, now (held|superseded): waits for", waiting[0])


@pytest.mark.req("OPS-2", "SEC-1")
@pytest.mark.parametrize("asked", ["101", "106", "anna@mail.test", "carla@fake.test"])
def test_no_address_is_shown(shop: MailchimpShop, asked: str) -> None:
    found = told(shop, asked)

    assert found
    # Where a vendor's words named one it is masked, as in `a…@mail.test`.
    assert not any(re.search(r"\w@", text) for item in found for text in (item.where, item.subject, item.what))


@pytest.mark.req("OPS-2")
@pytest.mark.parametrize("asked", ["999", "nobody@mail.test", "", "%", "101 "])
def test_nothing_is_told_of_what_is_not_known(shop: MailchimpShop, asked: str) -> None:
    assert bool(told(shop, asked)) == (asked == "101 ")


@pytest.mark.req("OPS-2")
def test_what_was_read_and_never_planned_is_found(shop: MailchimpShop) -> None:
    shop.pass_time(hours=1)
    shop.tell(tales.order(NOON + timedelta(minutes=30), 107, ANNA))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("retail_sync.steps.plan.apply_verdicts", None)
        with pytest.raises(TypeError):
            shop.run(run_id="broken")
    found = told(shop, "107")
    assert [subject for subject, _ in of_step(found, "read")] == ["order 107"]
    assert not of_step(found, "planned")

    shop.run(run_id="broken")
    assert ("order 107", "accepted") in of_step(told(shop, "107"), "planned")
    said = of_step(told(shop, "anna@mail.test"), "answered")
    assert any("(changed: merge_fields.AVGORDER: nothing -> " in what for _, what in said)


@pytest.mark.req("OPS-2", "OPS-4")
def test_a_change_shows_figures_and_of_a_text_no_more_than_that_it_is_another() -> None:
    before = {"merge_fields": {"LTV": "149.00", "FNAME": "Anna", "ORDERS": "3"}, "tags": ["a"], "is_vip": False}
    after = {"merge_fields": {"LTV": "49.00", "FNAME": "Åsa", "ORDERS": "2"}, "tags": ["a", "b"], "is_vip": False}
    assert list(changes(before, after)) == [
        "merge_fields.FNAME: A… (4 characters) -> Å… (3 characters)",
        "merge_fields.LTV: 149.00 -> 49.00",
        "merge_fields.ORDERS: 3 -> 2",
        "tags: 1 entries -> 2 entries",
    ]
    assert list(changes({"phone": "0701234567"}, {"phone": None, "zip": "11122"})) == [
        "phone: 0… (10 characters) -> nothing",
        "zip: nothing -> 1… (5 characters)",
    ]


@pytest.mark.req("OPS-2", "CAT-1")
@pytest.mark.parametrize("asked", ["7", "P7", "P7-S"])
def test_a_product_is_found_by_key_number_and_sku(shop: MailchimpShop, asked: str) -> None:
    found = told(shop, asked)
    assert {subject for subject, _ in of_step(found, "read")} == {"product 7"}
    assert ("product 7", "create of the product: delivered") in of_step(found, "answered")


@pytest.mark.req("OPS-2", "SHP-1")
@pytest.mark.parametrize("asked", ["0057313243986101", "101-1"])
def test_a_parcel_leads_to_its_order(shop: MailchimpShop, asked: str) -> None:
    found = told(shop, asked)
    assert "order 101" in {subject for subject, _ in of_step(found, "read")}
    assert not of_step(found, "facts")


@pytest.mark.req("OPS-2")
def test_who_somebody_is_and_what_is_known_of_them_comes_first(shop: MailchimpShop) -> None:
    found = told(shop, "anna@mail.test")
    ((subject, linked),) = of_step(found, "linked")
    assert subject.startswith("person ")
    assert linked.startswith("addresses: 1, customer records: 1, orders: ")
    ((_, facts),) = of_step(found, "facts")
    assert facts.startswith("lifetime value ")
    assert any(what.startswith("read by run told") for _, what in of_step(found, "seen"))
    assert {item.step for item in found} <= {step for steps in SECTIONS.values() for step in steps}


@pytest.mark.req("OPS-2", "QUA-3")
def test_what_is_set_aside_says_under_which_rule(shop: MailchimpShop) -> None:
    assert of_step(told(shop, "106"), "set aside") == [("order 106", "under rule order_email, still")]
