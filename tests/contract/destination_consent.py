"""Part of the destinations' suite: consent is given at birth by who agreed, taken back at any time, and read back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from retail_sync.model.people import Person
from retail_sync.sandbox.world.events import (
    ContactBounced,
    ContactForgotten,
    ContactImported,
    ContactLeft,
    ContactSignedUp,
)

from .destination_goods import NOW, person
from .destination_shop import DestinationShop, verdicts
from .destination_suite import DestinationSuite

EMAIL = "p1@mail.test"
_LEFT = {"unsubscribed", "cleaned"}


class Consent(DestinationSuite):
    """What is done with consent."""

    @pytest.mark.req("CON-2")
    @pytest.mark.parametrize(
        ("who", "agreed"),
        [
            (person(), True),
            (person(wish="unknown"), False),
            (person(wish="opted_out"), False),
            (person(known_out=True), False),
        ],
        ids=["opted_in", "unknown", "opted_out", "known_out"],
    )
    def test_only_who_has_agreed_is_written_to(self, shop: DestinationShop, who: Person, agreed: bool) -> None:
        assert verdicts(shop.send(shop.contact(who))) == {"delivered": 1}

        assert shop.gets_mail(EMAIL) is agreed
        assert (shop.status(EMAIL) == "subscribed") is agreed

    @pytest.mark.req("CON-1")
    def test_making_somebody_who_is_there_changes_nothing_and_says_so(self, shop: DestinationShop) -> None:
        shop.send(shop.contact(person(wish="unknown")))
        before = self.lasting(shop)
        shop.ledger.clear()

        (outcome,) = shop.send(shop.contact(person(first_name="Eva")))

        assert outcome.verdict == "exists"
        assert self.lasting(shop) == before

    @pytest.mark.req("CON-1", "CON-6")
    def test_whoever_said_no_before_we_came_is_not_brought_back_by_being_made(self, shop: DestinationShop) -> None:
        shop.control.apply([ContactImported(at=NOW, email=EMAIL, status="unsubscribed")])

        (made,) = shop.send(shop.contact(person()))
        (updated,) = shop.send(shop.contact(person(first_name="Eva")), operation="update")

        assert made.verdict in {"exists", "delivered"}
        # Where an address is the key, the core looks for it and updates; where not, the contact is ours by now.
        assert updated.verdict == "delivered"
        assert not shop.gets_mail(EMAIL)
        assert shop.status(EMAIL) == "unsubscribed"

    @pytest.mark.req("CON-1")
    def test_an_unsubscribe_between_two_writes_stays_one(self, shop: DestinationShop) -> None:
        shop.send(shop.contact(person()))
        shop.control.apply([ContactLeft(at=NOW, email=EMAIL)])

        outcomes = shop.send(*shop.destination.person(person(first_name="Eva")))

        assert verdicts(outcomes) == {"delivered": len(outcomes)}
        assert not shop.gets_mail(EMAIL)
        assert shop.status(EMAIL) == "unsubscribed"
        assert shop.reads_back(shop.destination.capabilities.contact_kind) == {}

    @pytest.mark.req("CON-1", "CON-3")
    def test_an_opt_out_ends_all_mail_and_nothing_of_ours_begins_it_again(self, shop: DestinationShop) -> None:
        contact = shop.contact(person())
        shop.send(contact)
        left = shop.destination.opt_out(shop.ledger[contact.object_id].vendor_key)

        assert verdicts(shop.send(left, operation="opt_out")) == {"delivered": 1}
        assert not shop.gets_mail(EMAIL)
        once = self.lasting(shop)
        assert verdicts(shop.send(left, operation="opt_out")) == {"delivered": 1}
        assert self.lasting(shop) == once, "said twice it is said once"
        shop.send(shop.contact(person(first_name="Eva")))
        shop.ledger.clear()
        shop.send(shop.contact(person(first_name="Åsa")))

        assert not shop.gets_mail(EMAIL)
        assert shop.status(EMAIL) == "unsubscribed"

    @pytest.mark.req("CON-3")
    def test_somebody_whom_we_never_sent_can_be_opted_out_and_nobody_too(self, shop: DestinationShop) -> None:
        shop.control.apply([ContactImported(at=NOW, email="ann@mail.test", status="subscribed")])
        found = shop.found("ann@mail.test")
        assert found is not None
        assert shop.gets_mail("ann@mail.test")
        never = shop.contact(person(77)).vendor_key

        outcomes = shop.send(shop.destination.opt_out(found.vendor_key), operation="opt_out")
        outcomes += shop.send(shop.destination.opt_out(never), operation="opt_out")

        assert verdicts(outcomes) == {"delivered": 2}
        assert not shop.gets_mail("ann@mail.test")
        assert shop.status("ann@mail.test") == "unsubscribed"
        assert shop.status("p77@mail.test") is None

    @pytest.mark.req("CON-3", "CON-5")
    def test_who_left_is_told_with_an_honest_time_and_found_among_what_changed(self, shop: DestinationShop) -> None:
        shop.send(*self.contacts(shop, 2))
        before = datetime.now(UTC) - timedelta(minutes=1)
        shop.control.apply([ContactLeft(at=NOW, email=EMAIL)])

        changed = {one.email: one for one in shop.destination.contacts(before)}
        every = {one.email: one.status for one in shop.destination.contacts()}

        left = changed[EMAIL]
        assert left.status in _LEFT
        assert left.changed_at is None or before <= left.changed_at <= datetime.now(UTC) + timedelta(minutes=1)
        assert left.told_at is None or before <= left.told_at <= datetime.now(UTC) + timedelta(minutes=1)
        assert left.vendor_key == shop.contact(person()).vendor_key
        assert every == {EMAIL: left.status, "p2@mail.test": "subscribed"}

    @pytest.mark.req("CON-3")
    def test_everybody_is_found_by_address_however_it_is_written_and_nobody_else(self, shop: DestinationShop) -> None:
        shop.send(*self.contacts(shop, 2), shop.contact(person(3, "unknown")))
        shop.control.apply([ContactLeft(at=NOW, email="p2@mail.test")])

        asked = ["P1@MAIL.test", "p2@mail.test", "p3@mail.test", "nobody@mail.test"]
        found = {one.email.lower(): one.status for one in shop.destination.lookup(asked)}

        assert found == {EMAIL: "subscribed", "p2@mail.test": "unsubscribed", "p3@mail.test": "transactional"}

    @pytest.mark.req("CON-5")
    def test_a_yes_of_ones_own_hand_is_told_from_ours_where_that_can_be_seen(self, shop: DestinationShop) -> None:
        shop.send(shop.contact(person()))
        shop.control.apply([ContactSignedUp(at=NOW, email="form@mail.test")])

        ours, own = shop.found(EMAIL), shop.found("form@mail.test")

        assert ours is not None
        assert own is not None
        assert (ours.status, own.status) == ("subscribed", "subscribed")
        assert not ours.opt_in.own
        assert own.opt_in.own is shop.destination.capabilities.shows_own_opt_in

    @pytest.mark.req("CON-3")
    def test_an_address_that_takes_no_mail_is_not_told_as_one_that_agreed_anew(self, shop: DestinationShop) -> None:
        shop.send(shop.contact(person()))
        shop.control.apply([ContactLeft(at=NOW, email=EMAIL), ContactBounced(at=NOW, email=EMAIL)])

        assert shop.status(EMAIL) in _LEFT

    @pytest.mark.req("CON-1")
    def test_updating_somebody_who_is_not_there_makes_nobody(self, shop: DestinationShop) -> None:
        (outcome,) = shop.send(shop.contact(person()), operation="update")

        assert outcome.verdict == "gone"
        assert shop.status(EMAIL) is None

    @pytest.mark.req("SEC-2")
    def test_who_was_erased_is_not_brought_back_by_an_update(self, shop: DestinationShop) -> None:
        shop.send(shop.contact(person()))
        shop.control.apply([ContactForgotten(at=NOW, email=EMAIL)])

        (outcome,) = shop.send(shop.contact(person(first_name="Eva")))

        assert outcome.verdict in {"gone", "rejected"}
        assert shop.found(EMAIL) is None
        assert not shop.gets_mail(EMAIL)

    @pytest.mark.req("ID-5", "CON-1")
    @pytest.mark.parametrize("left", [False, True])
    def test_a_new_address_stays_the_same_contact_with_the_same_wish(self, shop: DestinationShop, left: bool) -> None:
        shop.send(*shop.destination.person(person()))
        if left:
            shop.control.apply([ContactLeft(at=NOW, email=EMAIL)])

        outcomes = shop.send(*shop.destination.person(person(email="new@mail.test")))

        assert verdicts(outcomes) == {"delivered": len(outcomes)}
        assert shop.status("new@mail.test") == ("unsubscribed" if left else "subscribed")
        assert shop.gets_mail("new@mail.test") is not left
        assert not shop.gets_mail(EMAIL)
        assert len(list(shop.destination.keys(shop.destination.capabilities.contact_kind))) == 1

    @pytest.mark.req("ID-5", "SEC-2")
    def test_a_contact_is_taken_away_with_what_hangs_on_it(self, shop: DestinationShop) -> None:
        wanted = {one.object_id: one for one in shop.destination.person(person())}
        shop.send(*wanted.values())
        ids = shop.destination.objects_of(person())
        assert sorted(ids) == sorted(wanted)

        for place, object_id in enumerate(ids):
            assert not set(wanted[object_id].needs) & set(ids[:place]), "what hangs on others goes before them"
            for _ in range(2):
                (outcome,) = shop.send(wanted[object_id], operation="delete")
                assert outcome.verdict == "delivered"

        assert not shop.gets_mail(EMAIL)
        is_final = shop.destination.capabilities.delete_is_final
        assert shop.status(EMAIL) == (None if is_final else "archived")

    @pytest.mark.req("CON-1")
    def test_who_has_said_no_goes_on_saying_so_when_the_contact_is_taken_away(self, shop: DestinationShop) -> None:
        contact = shop.contact(person())
        shop.send(contact)
        shop.control.apply([ContactLeft(at=NOW, email=EMAIL)])

        assert verdicts(shop.send(contact, operation="delete")) == {"delivered": 1}
        shop.ledger.clear()
        shop.send(shop.contact(person()))

        assert not shop.gets_mail(EMAIL)
