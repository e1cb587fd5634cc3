"""Every case of parcels, consent and the platform's own people, lived through by a whole pair: each comes out."""

from __future__ import annotations

import pytest

from retail_sync.sandbox.world.cases.goods import DELETED, SOLD_AGAIN

from .lived import Lived


class TestParcels:
    @pytest.mark.req("SHP-1", "SHP-2")
    def test_a_split_shipment_is_told_once_it_is_whole(self, lived: Lived) -> None:
        (mail,) = [one for one in lived.mailchimp["mails"] if one.get("order_id") == "801"]
        assert (mail["kind"], mail["tracking_number"]) == ("shipping_confirmation", "005731324398602080A")

    @pytest.mark.req("SHP-2")
    def test_each_parcel_of_it_is_an_event_of_its_own(self, lived: Lived) -> None:
        events = lived.member("split-shipment")["events"]
        told = [event["properties"]["shipment"] for event in events if event["name"] == "order_shipped"]
        assert sorted(told) == ["801-1", "801-2"]
        (email,) = lived.cases["split-shipment"].emails
        begun = [one for one in lived.mailchimp["automations"] if one["email"] == email]
        parcels = [one["properties"]["shipment"] for one in begun if one.get("name") == "order_shipped"]
        assert sorted(parcels) == ["801-1", "801-2"], "one mail each"

    @pytest.mark.req("SHP-1")
    @pytest.mark.parametrize(("name", "number"), [("unknown-carrier", 901), ("no-tracking-number", 1101)])
    def test_a_parcel_that_nobody_can_follow_is_held_back_and_named(self, lived: Lived, name: str, number: int) -> None:
        assert lived.mails(number)["shipping_confirmation"] == 0
        assert lived.figure(name, "LTV") == 849
        assert any("tracking" in subject for subject, _, _ in lived.open)

    @pytest.mark.req("SHP-1")
    def test_letter_post_is_told_without_a_link(self, lived: Lived) -> None:
        assert lived.mails(1001)["shipping_confirmation"] == 1


class TestConsent:
    @pytest.mark.req("CON-1", "CON-3")
    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("left-there-and-wanted-here", "unsubscribed"),
            ("left-before-we-came", "unsubscribed"),
            ("bounced", "cleaned"),
        ],
    )
    def test_who_left_has_left_and_the_shop_learns_of_it(self, lived: Lived, name: str, status: str) -> None:
        assert lived.member(name)["status"] == status
        assert lived.newsletter(name) == {False}

    @pytest.mark.req("CON-5")
    def test_who_leaves_at_the_shop_is_raised(self, lived: Lived) -> None:
        assert lived.newsletter("left-here") == {False}
        assert lived.member("left-here")["status"] == "subscribed"
        assert any(subject.startswith("consent.") and owner == "marketing" for subject, _, owner in lived.open)

    @pytest.mark.req("CON-3")
    def test_a_yes_that_comes_later_does_not_reach_the_contact(self, lived: Lived) -> None:
        assert lived.member("yes-that-comes-later")["status"] == "transactional"

    @pytest.mark.req("SEC-2")
    def test_who_was_forgotten_is_not_made_again(self, lived: Lived) -> None:
        assert not lived.is_contact(lived.cases["forgotten"].emails[0])
        assert [owner for subject, _, owner in lived.open if subject == "outbox.held"] == ["marketing"]

    @pytest.mark.req("CON-1")
    def test_who_was_archived_stays_so(self, lived: Lived) -> None:
        assert lived.member("archived")["status"] == "archived"

    @pytest.mark.req("CON-7")
    def test_an_import_of_somebody_who_had_left_is_raised_and_a_sign_up_is_not(self, lived: Lived) -> None:
        assert [lived.member(name)["status"] for name in ("imported-again", "signed-up-again")] == ["subscribed"] * 2
        raised = [(subject, owner) for subject, _, owner in lived.open if subject == "consent.resubscribed"]
        assert raised == [("consent.resubscribed", "marketing")]


class TestByHand:
    @pytest.mark.req("REC-1", "CUS-1")
    def test_what_was_overwritten_by_hand_is_put_right(self, lived: Lived) -> None:
        order = lived.order(5001)
        assert lived.member("edited-by-hand")["merge_fields"]["FNAME"] == "Åsa"
        assert lived.figure("edited-by-hand", "LTV") == 849
        assert order is not None
        assert order["order_total"] == "849.00"

    @pytest.mark.req("REC-1")
    def test_a_product_that_was_deleted_by_hand_is_there_again(self, lived: Lived) -> None:
        assert str(DELETED) in lived.store()["products"]

    @pytest.mark.req("REC-1", "CAT-2")
    def test_what_was_deleted_by_hand_and_bought_is_there_again_and_so_is_its_order(self, lived: Lived) -> None:
        assert str(SOLD_AGAIN) in lived.store()["products"]
        order = lived.order(5201)
        assert order is not None
        assert order["order_total"] == "449.00"

    @pytest.mark.req("OPS-1")
    def test_nothing_but_what_waits_for_a_person_is_left_open(self, lived: Lived) -> None:
        assert not [entry for entry in lived.open if entry[0] in ("reconcile.missing", "reconcile.different")]
