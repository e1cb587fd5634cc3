"""The Mailchimp sandbox: what people do at the account by hand, and what saves or moves a contact afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from retail_sync.sandbox.world.events import (
    ContactArchived,
    ContactBounced,
    ContactEdited,
    ContactForgotten,
    ContactImported,
    ContactLeft,
    ContactSignedUp,
    StoreOrderDeleted,
    StoreOrderEdited,
    StoreProductDeleted,
    StoreProductEdited,
)

from .mailchimp_account import LIST, MEMBERS, STORE, Caller, account, order, product

ANN = "ann@mail.test"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account() as caller:
        yield caller


@pytest.fixture
def api(_running: Caller) -> Iterator[Caller]:
    """An account with a store that has one customer, one product and one order."""
    _running.control.reset()
    _running.control.stand_at(NOW)
    _running.store()
    customer(_running)
    _running.done("POST", f"{STORE}/products", product())
    _running.done("POST", f"{STORE}/orders", order("501"))
    yield _running
    assert _running.control.log()["crashed"] == []


def customer(api: Caller, key: str = "c1", email: str = ANN) -> None:
    api.done("PUT", f"{STORE}/customers/{key}", {"id": key, "email_address": email, "opt_in_status": False})


def member(api: Caller, email: str = ANN) -> Any:
    return api.done("GET", f"{MEMBERS}/{email}")


def history(api: Caller) -> list[tuple[str, str]]:
    (one,) = api.control.state()["lists"][LIST]["members"]
    return [(change["status"], change["cause"]) for change in one["history"]]


class TestContacts:
    @pytest.mark.req("CON-3")
    def test_who_bounced_is_cleaned_for_good(self, api: Caller) -> None:
        api.control.apply([ContactBounced(at=NOW, email=ANN.upper())])
        assert member(api)["status"] == "cleaned"
        problem = api.refused("PATCH", f"{MEMBERS}/{ANN}", {"status": "subscribed"})
        assert problem["title"] == "Member In Compliance State"

    @pytest.mark.req("SEC-2")
    def test_who_was_deleted_for_good_is_a_stranger_that_nobody_may_add(self, api: Caller) -> None:
        api.control.apply([ContactForgotten(at=NOW, email=ANN), ContactImported(at=NOW, email=ANN)])
        assert api.call("GET", f"{MEMBERS}/{ANN}").status == 404
        problem = api.refused("PUT", f"{MEMBERS}/{ANN}", {"status_if_new": "transactional"})
        assert problem["title"] == "Forgotten Email Not Subscribed"

    @pytest.mark.req("CON-1")
    def test_who_was_archived_by_hand_stays_so_whatever_is_bought(self, api: Caller) -> None:
        api.control.apply([ContactArchived(at=NOW, email=ANN)])
        api.done("POST", f"{STORE}/orders", order("502"))
        assert history(api) == [("transactional", "ecommerce"), ("archived", "archived_by_hand")]

    @pytest.mark.req("CON-7")
    def test_an_import_subscribes_without_evidence(self, api: Caller) -> None:
        api.done("PATCH", f"{MEMBERS}/{ANN}", {"status": "subscribed"})
        assert member(api)["timestamp_opt"]
        api.control.apply([ContactLeft(at=NOW, email=ANN), ContactImported(at=NOW, email=ANN, source="API - Sheets")])
        found = member(api)
        assert (found["status"], found["timestamp_opt"], found["ip_opt"]) == ("subscribed", "", "")
        assert found["source"] == "API - Sheets"

    @pytest.mark.req("CON-7")
    @pytest.mark.parametrize("before", [ContactLeft, ContactBounced, ContactForgotten])
    def test_the_hosted_form_takes_everybody_back_with_evidence(self, api: Caller, before: type[ContactLeft]) -> None:
        api.control.apply([before(at=NOW, email=ANN), ContactSignedUp(at=NOW, email=ANN, ip="192.0.2.9")])
        found = member(api)
        assert (found["status"], found["ip_opt"]) == ("subscribed", "192.0.2.9")
        assert found["timestamp_opt"] == "2026-03-02T12:00:00+00:00"
        assert found["source"] == "Hosted Signup Form"
        api.done("PATCH", f"{MEMBERS}/{ANN}", {"status": "unsubscribed"})
        assert api.done("PATCH", f"{MEMBERS}/{ANN}", {"status": "subscribed"})["status"] == "subscribed"

    @pytest.mark.req("CON-1")
    def test_an_import_makes_contacts_that_the_shop_may_never_have_heard_of(self, api: Caller) -> None:
        api.control.apply([ContactImported(at=NOW, email="bo@mail.test", status="unsubscribed")])
        assert member(api, "bo@mail.test")["status"] == "unsubscribed"

    @pytest.mark.req("CUS-1")
    def test_an_edit_is_found_by_its_time(self, api: Caller) -> None:
        api.control.shift_clock(3600)
        api.control.apply([ContactEdited(at=NOW, email=ANN, fields={"FNAME": "Anna"})])
        assert member(api)["merge_fields"]["FNAME"] == "Anna"
        changed = api.done("GET", MEMBERS, since_last_changed=NOW.isoformat())
        assert [one["email_address"] for one in changed["members"]] == [ANN]


class TestStore:
    @pytest.mark.req("REC-1")
    def test_an_order_is_edited_or_deleted_with_its_figures(self, api: Caller) -> None:
        api.control.apply([StoreOrderEdited(at=NOW, order_id="501", fields={"order_total": "7.50"})])
        assert api.done("GET", f"{STORE}/customers/c1")["total_spent"] == 7.5
        api.control.apply([StoreOrderDeleted(at=NOW, order_id="501")])
        assert api.call("GET", f"{STORE}/orders/501").status == 404
        assert api.done("GET", f"{STORE}/customers/c1")["orders_count"] == 0

    @pytest.mark.req("REC-1")
    def test_a_product_is_edited_or_deleted_and_orders_keep_their_lines(self, api: Caller) -> None:
        api.control.apply([StoreProductEdited(at=NOW, product_id="p1", fields={"title": "Cloak"})])
        assert api.done("GET", f"{STORE}/orders/501")["lines"][0]["product_title"] == "Cloak"
        api.control.apply([StoreProductDeleted(at=NOW, product_id="p1")])
        assert api.call("GET", f"{STORE}/products/p1").status == 404
        assert api.done("GET", f"{STORE}/orders/501")["lines"][0]["product_id"] == "p1"

    @pytest.mark.req("REC-1")
    def test_what_is_not_there_can_not_be_changed(self, api: Caller) -> None:
        before = api.control.state()
        nobody: dict[str, Any] = {"at": NOW, "email": "nobody@mail.test"}
        api.control.apply(
            [
                *(one(**nobody) for one in (ContactLeft, ContactBounced, ContactArchived, ContactForgotten)),
                ContactEdited(**nobody, fields={"FNAME": "Anna"}),
                StoreOrderDeleted(at=NOW, order_id="999"),
                StoreOrderEdited(at=NOW, order_id="999", fields={"order_total": "1"}),
                StoreProductDeleted(at=NOW, product_id="p9"),
                StoreProductEdited(at=NOW, product_id="p9", fields={"title": "x"}),
            ]
        )
        assert api.control.state() == before


class TestMoving:
    @pytest.mark.req("ID-5")
    def test_a_contact_whose_address_moved_is_made_anew_by_the_customer_of_the_old_one(self, api: Caller) -> None:
        moved = api.done("PATCH", f"{MEMBERS}/{ANN}", {"email_address": "anna@post.test"})
        assert moved["email_address"] == "anna@post.test"
        assert api.call("GET", f"{MEMBERS}/{ANN}").status == 404
        customer(api)
        assert member(api)["status"] == "transactional"

    @pytest.mark.req("ID-5")
    def test_a_customer_goes_and_its_orders_stay(self, api: Caller) -> None:
        api.done("DELETE", f"{STORE}/customers/c1")
        assert api.done("GET", f"{STORE}/orders/501")["customer"] == {"id": "c1"}
        assert member(api)["stats"]["ecommerce_data"]["number_of_orders"] == 0
        customer(api)
        assert api.done("GET", f"{STORE}/customers/c1")["orders_count"] == 1

    @pytest.mark.req("ID-5")
    def test_an_account_may_delete_orders_with_their_customer(self) -> None:
        with account(customer_deletion="orders_deleted") as api:
            api.store()
            customer(api)
            api.done("POST", f"{STORE}/products", product())
            api.done("POST", f"{STORE}/orders", order("501"))
            api.done("DELETE", f"{STORE}/customers/c1")
            assert api.call("GET", f"{STORE}/orders/501").status == 404

    @pytest.mark.req("ID-5")
    @pytest.mark.parametrize(("orders_move", "status"), [("ignored", 200), ("refused", 400)])
    def test_an_account_may_not_let_orders_move(self, orders_move: str, status: int) -> None:
        with account(orders_move=orders_move) as api:
            api.store()
            customer(api)
            customer(api, "c2", "bo@mail.test")
            api.done("POST", f"{STORE}/products", product())
            api.done("POST", f"{STORE}/orders", order("501"))
            body = {"customer": {"id": "c2"}, "order_total": 5}
            assert api.call("PATCH", f"{STORE}/orders/501", body).status == status
            assert api.done("GET", f"{STORE}/orders/501")["customer"]["id"] == "c1"
            assert api.done("PATCH", f"{STORE}/orders/501", {"customer": {"id": "c1"}})["id"] == "501"


class TestWhatIsSetOff:
    @pytest.mark.req("ORD-6")
    def test_the_books_say_why_a_status_sent_no_mail(self, api: Caller) -> None:
        changes = [{"financial_status": "paid"}, {"financial_status": "paid"}, {"fulfillment_status": "fulfilled"}]
        for change in changes:
            api.done("PATCH", f"{STORE}/orders/501", change)
        api.done("PATCH", STORE, {"is_syncing": True})
        api.done("PATCH", f"{STORE}/orders/501", {"fulfillment_status": "shipped"})
        books = api.control.state()
        assert [mail["kind"] for mail in books["mails"]] == ["order_invoice"]
        assert [(one["field"], one["from"], one["to"], one["why"]) for one in books["mails_not_sent"]] == [
            ("financial_status", "paid", "paid", "unchanged"),
            ("fulfillment_status", "", "fulfilled", "unknown word"),
            ("fulfillment_status", "fulfilled", "shipped", "is_syncing"),
        ]

    @pytest.mark.req("SHP-2")
    def test_tags_and_events_set_off_automations_unless_they_only_sync(self, api: Caller) -> None:
        for is_syncing in (True, False):
            name = f"parcel_{is_syncing}".lower()
            api.done("POST", f"{MEMBERS}/{ANN}/events", {"name": name, "is_syncing": is_syncing})
            tags = [{"name": f"Buyer {is_syncing}", "status": "active"}]
            for _ in range(2):
                api.done("POST", f"{MEMBERS}/{ANN}/tags", {"tags": tags, "is_syncing": is_syncing})
        books = api.control.state()
        (held,) = books["lists"][LIST]["members"]
        assert [(one["name"], one["is_syncing"]) for one in held["events"]] == [
            ("parcel_true", True),
            ("parcel_false", False),
        ]
        assert [(one["cause"], one["name"]) for one in books["automations"]] == [
            ("event", "parcel_false"),
            ("tag", "Buyer False"),
        ]
