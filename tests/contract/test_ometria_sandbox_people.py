"""The Ometria sandbox: listings and profiles, whose consent is resolved, and what people do by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
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
    ShopEvent,
    StoreOrderDeleted,
    StoreOrderEdited,
    StoreProductDeleted,
    StoreProductEdited,
)

from .ometria_account import IN, NOW, OUT, UNSAID, Caller, account, contact, event, order, product

ANN = "ann@mail.test"


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account() as caller:
        yield caller


@pytest.fixture
def api(_running: Caller) -> Caller:
    """The account as it is at the start, at a time that stands still."""
    _running.control.reset()
    _running.control.stand_at(NOW)
    return _running


def happens(api: Caller, *events: ShopEvent) -> None:
    api.control.apply(events)


def left(api: Caller, email: str = ANN) -> None:
    happens(api, ContactLeft(at=NOW, email=email))


def optin(api: Caller, email: str = ANN) -> Any:
    return api.profile(email)["marketing_optin"]


class TestClusters:
    def test_a_customer_is_one_profile_in_whatever_collection(self, api: Caller) -> None:
        api.stored(contact(), contact("x", "old@mail.test", "till", customer_id="1"))
        assert api.profile(ANN)["id"] == api.profile("old@mail.test")["id"]

    @pytest.mark.req("ID-2")
    def test_one_address_of_two_customers_is_two_profiles(self, api: Caller) -> None:
        api.stored(contact("1"), contact("2", ANN.upper()))
        found = api.get("/profiles", email=ANN)
        assert [one["customer_id"] for one in found] == ["1", "2"]

    def test_what_names_no_customer_joins_the_profile_that_was_taken_in_last(self, api: Caller) -> None:
        api.stored(contact("1", marketing_optin=OUT), contact("2", marketing_optin=IN), contact("1"))
        api.stored(contact("x", collection="form", customer_id=None))
        assert api.get("/contacts/form/x")["@profile_id"] == api.get("/contacts/shop/1")["@profile_id"]

    def test_a_customer_takes_the_profile_of_its_address_that_has_none(self, api: Caller) -> None:
        api.stored(contact("x", collection="form", customer_id=None))
        api.stored(contact("1"))
        assert api.profile(ANN)["customer_id"] == "1"

    @pytest.mark.req("ID-4")
    def test_a_new_address_moves_the_listing_and_keeps_the_profile(self, api: Caller) -> None:
        api.stored(contact(), order())
        before = api.profile(ANN)["id"]
        api.stored(contact(email="new@mail.test"))
        assert api.profile("new@mail.test")["id"] == before
        assert api.profile("new@mail.test")["email"] == "new@mail.test"

    def test_an_order_of_somebody_unknown_makes_a_profile_without_consent(self, api: Caller) -> None:
        api.stored(order("100", {"email": "new@mail.test"}), order("101", {"firstname": "Ann"}))
        assert optin(api, "new@mail.test") is None
        assert api.control.state()["orders"]["101"]["profile_id"] == ""

    def test_an_order_with_an_address_alone_prefers_who_has_no_customer(self, api: Caller) -> None:
        api.stored(contact("2", "two@mail.test"), contact("x", collection="form", customer_id=None))
        nameless = api.profile(ANN)["id"]
        api.stored(contact("y", collection="till", customer_id="2"), order("100", {"email": ANN}))
        assert len(api.get("/profiles", email=ANN)) == 2
        assert api.control.state()["orders"]["100"]["profile_id"] == nameless

    @pytest.mark.req("ID-5")
    def test_an_order_that_names_another_customer_moves(self, api: Caller) -> None:
        api.stored(contact("1"), contact("2", "two@mail.test"))
        api.stored(order())
        api.stored(order(customer={"id": "2", "email": "two@mail.test"}))
        assert [api.profile(one)["stats"]["orders"] for one in (ANN, "two@mail.test")] == [0, 1]


class TestConsent:
    @pytest.mark.req("CON-1")
    def test_an_optout_of_any_listing_keeps_the_profile_out(self, api: Caller) -> None:
        api.stored(contact(marketing_optin=IN))
        assert optin(api) is True
        api.stored(contact("x", collection="till", customer_id="1", marketing_optin=OUT))
        api.stored(contact("y", collection="form", customer_id="1", marketing_optin=IN))
        assert optin(api) is False

    @pytest.mark.req("CON-1")
    def test_a_listing_does_not_lift_its_own_optout_unforced(self, api: Caller) -> None:
        for said in (OUT, IN, UNSAID):
            api.stored(contact(marketing_optin=said))
        assert optin(api) is False
        with account(optout_sticks=False) as loose:
            for said in (OUT, IN):
                loose.stored(contact(marketing_optin=said))
            assert optin(loose) is True

    @pytest.mark.req("CON-6")
    def test_only_force_overrides_force(self, api: Caller) -> None:
        api.stored(contact(marketing_optin=OUT))
        api.stored(contact(marketing_optin=IN) | {"@force_optin": True})
        api.stored(contact("x", collection="till", customer_id="1", marketing_optin=OUT))
        assert optin(api) is True
        api.stored(contact(marketing_optin=OUT) | {"@force_optin": True})
        assert optin(api) is False

    def test_nothing_said_is_neither(self, api: Caller) -> None:
        api.stored(contact(marketing_optin=UNSAID), order())
        assert optin(api) is None

    def test_who_subscribes_is_greeted_once_if_the_listing_says_when(self, api: Caller) -> None:
        api.stored(contact(marketing_optin=IN))
        assert api.control.state()["automations"] == []
        for _ in range(2):
            api.stored(contact(marketing_optin=IN, timestamp_subscribed="2026-03-01T00:00:00Z"))
        assert [one["kind"] for one in api.control.state()["automations"]] == ["subscribed"]

    @pytest.mark.req("CON-3")
    def test_who_left_by_hand_is_listed_and_who_was_unsubscribed_by_the_api_is_not(self, api: Caller) -> None:
        api.stored(contact(marketing_optin=IN), contact("2", "two@mail.test", marketing_optin=OUT))
        left(api)
        (listed,) = api.get("/unsubscribes")
        assert listed == {
            "profile_id": api.profile(ANN)["id"],
            "email_address": ANN,
            "type": "link_unsubscribe",
            "timestamp": "2026-03-02 12:00:00+00",
            "reason": "Clicked unsubscribe in an email",
        }
        assert [one["type"] for one in api.control.state()["unsubscribes"]] == ["api", "link_unsubscribe"]

    def test_who_left_is_filtered_by_time_and_type(self, api: Caller) -> None:
        api.stored(contact(marketing_optin=IN))
        left(api)
        assert len(api.get("/unsubscribes", since="2026-03-02T12:00:00", type="link_unsubscribe")) == 1
        assert api.get("/unsubscribes", before="2026-03-02T12:00:00") == []
        assert api.get("/unsubscribes", type="app") == []
        assert api.call("GET", "/unsubscribes", since="2026-03-02").status == 400

    def test_sms_consent_comes_by_its_own_collections_only(self, api: Caller) -> None:
        allowed = {"sms": {"allow_marketing": True, "dt_updated_marketing": "2026-03-01T00:00:00Z"}}
        api.stored(contact(channels=allowed))
        (before,) = api.control.state()["profiles"].values()
        api.stored(contact(collection="optin:sms", channels=allowed))
        (after,) = api.control.state()["profiles"].values()
        assert (before["sms_optin"], after["sms_optin"]) == (None, True)
        api.push(contact(collection="optin:sms", channels=allowed, firstname="Ann"))
        assert api.errors()[0]["message"]["error_path"] == "firstname"


class TestByHand:
    @pytest.mark.req("CON-1")
    def test_the_persons_own_word_outweighs_what_systems_said_before(self, api: Caller) -> None:
        api.stored(contact(marketing_optin=OUT))
        happens(api, ContactSignedUp(at=NOW, email=ANN))
        assert optin(api) is True
        left(api)
        api.stored(contact(marketing_optin=IN))
        happens(api, ContactImported(at=NOW, email=ANN))
        assert optin(api) is False
        (profile,) = api.control.state()["profiles"].values()
        assert [one["marketing_optin"] for one in profile["history"]] == [False, True, False]

    def test_a_system_that_says_no_after_a_sign_up_is_heeded(self, api: Caller) -> None:
        happens(api, ContactSignedUp(at=NOW, email=ANN))
        api.stored(contact(marketing_optin=OUT))
        assert optin(api) is False

    def test_arrivals_make_listings_and_the_rest_needs_a_profile(self, api: Caller) -> None:
        happens(api, ContactLeft(at=NOW, email=ANN), ContactArchived(at=NOW, email=ANN))
        assert api.control.state()["counts"]["profiles"] == 0
        happens(api, ContactImported(at=NOW, email=ANN, status="unsubscribed"))
        assert [one["collection"] for one in api.get("/contacts")] == ["csv_import"]
        assert optin(api) is False

    def test_a_bounce_is_in_the_books_alone(self, api: Caller) -> None:
        api.stored(contact(marketing_optin=IN))
        happens(api, ContactBounced(at=NOW, email=ANN))
        (profile,) = api.control.state()["profiles"].values()
        assert (profile["bounced"], optin(api)) == (True, True)

    @pytest.mark.req("SEC-2")
    def test_who_is_forgotten_leaves_orders_without_a_name(self, api: Caller) -> None:
        api.stored(contact(marketing_optin=IN), contact("2", "two@mail.test"))
        api.stored(order())
        happens(api, ContactForgotten(at=NOW, email=ANN))
        state = api.control.state()
        assert ANN not in str(state)
        assert state["orders"]["100"]["net_value"] == "125.2"
        assert state["counts"]["contacts"] == 1

    def test_what_admins_edit_and_delete(self, api: Caller) -> None:
        api.stored(contact())
        api.stored(order(), order("101"))
        api.stored(product(), product("p2"))
        happens(
            api,
            ContactEdited(at=NOW, email=ANN, fields={"firstname": "Eve", "points": "7"}),
            StoreOrderEdited(at=NOW, order_id="100", fields={"grand_total": "1.00"}),
            StoreOrderDeleted(at=NOW, order_id="101"),
            StoreProductEdited(at=NOW, product_id="p1", fields={"title": "Hat"}),
            StoreProductDeleted(at=NOW, product_id="p2"),
        )
        listing = api.get("/contacts/shop/1")
        assert (listing["firstname"], listing["properties"]) == ("Eve", {"points": "7"})
        state = api.control.state()
        assert ({key: one["net_value"] for key, one in state["orders"].items()}) == {"100": "1.00"}
        assert {key: one["title"] for key, one in state["products"].items()} == {"p1": "Hat"}


class TestProfiles:
    def test_the_sweep_gives_what_changed_since(self, api: Caller) -> None:
        api.stored(contact(), contact("2", "two@mail.test"))
        api.control.stand_at(NOW + timedelta(hours=1))
        left(api)
        changed = api.get("/profiles/", updateSince="2026-03-02T12:30:00Z", limit=250)
        assert [(one["email"], one["marketing_optin"]) for one in changed] == [(ANN, False)]
        assert len(api.get("/profiles", updateSince="2026-03-02")) == 2

    def test_names_come_from_one_listing_and_the_rest_from_the_heaviest(self, api: Caller) -> None:
        api.stored(contact(firstname="Ann", lastname="Old", gender="f", properties={"a": 1, "b": 1}))
        api.stored(contact("x", collection="till", customer_id="1", lastname="New", properties={"b": 2}))
        profile = api.profile(ANN)
        assert (profile["firstname"], profile["lastname"], profile["gender"]) == (None, "New", "f")
        assert profile["properties"] == {"a": 1, "b": 2}

    def test_an_address_may_be_answered_with_an_object(self) -> None:
        with account(profile_by_email="object") as other:
            other.stored(contact())
            assert other.get("/profiles", email=ANN)["customer_id"] == "1"
            assert other.call("GET", "/profiles", email="nobody@mail.test").status == 404

    @pytest.mark.req("ID-5")
    def test_a_merge_deletes_listings_and_moves_orders(self, api: Caller) -> None:
        api.stored(contact("1", marketing_optin=IN), contact("2", "two@mail.test", marketing_optin=OUT))
        api.stored(order("100"), order("101", {"id": "2"}))
        named = [{"type": kind, "value": value} for kind, value in (("customer_id", "1"), ("email_address", ANN))]
        wanted = {"survivor": named[0], "customers_to_merge": [{"type": "email_address", "value": "two@mail.test"}]}
        api.done("POST", "/merge-profile", wanted)
        (profile,) = api.get("/profiles")
        assert (profile["stats"]["orders"], profile["marketing_optin"]) == (2, True)
        assert api.call("GET", "/contacts/shop/2").status == 404
        lost = wanted | {"survivor": {"type": "profile_hash", "value": "nobody"}}
        assert api.call("POST", "/merge-profile", lost).status == 404
        assert api.call("POST", "/merge-profile", wanted | {"customers_to_merge": named * 3}).status == 400

    def test_the_older_merge_names_an_address(self) -> None:
        with account(merge_form="email") as older:
            older.stored(contact("1"), contact("2"))
            older.stored(event(identity_email=ANN))
            kept = older.get("/contacts/shop/1")["@profile_id"]
            older.done("POST", "/merge-profile", {"email": ANN, "profile_id": kept})
            assert older.profile(ANN)["id"] == kept
            assert older.call("POST", "/merge-profile", {"survivor": {}, "customers_to_merge": []}).status == 400

    @pytest.mark.req("SEC-2")
    def test_an_erasure_is_asked_for_and_done_later(self) -> None:
        with account(erasure_seconds=3600) as slow:
            slow.stored(contact())
            asked = slow.done("POST", "/data-deletion-requests", {"identities": [ANN], "comment": "Asked by mail"})
            assert (asked["timestamp_completed"], len(slow.get("/profiles"))) == (None, 1)
            slow.control.shift_clock(3601)
            (done,) = slow.get("/data-deletion-requests")
            assert done["timestamp_completed"]
            assert done["identities"][0]["hashed_email"].endswith("@anonymous.ometria")
            assert slow.get("/profiles") == []
