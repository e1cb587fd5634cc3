"""Contacts that are not found under our key: who strayed is given it again, who was taken away stays away."""

from __future__ import annotations

import pytest

from retail_sync.exceptions.entries import entries
from retail_sync.sandbox.world.events import ContactEdited, ContactForgotten

from .other_programs import ometria_merge, ometria_push
from .shop import Shop
from .tales import customer, order, product

pytestmark = pytest.mark.usefixtures("sql_alone")

_OUT = "select email, is_out from consent.record where is_out order by 1"
_TILLS = {"@collection": "tills", "id": "t1", "email": "anna@mail.test"}


def begin(shop: Shop) -> None:
    at = shop.clock()
    people = (customer(at, 1, "anna@mail.test", newsletter=True), customer(at, 2, "bea@mail.test", newsletter=True))
    shop.tell(product(at), *people)
    shop.sync()
    shop.sync()


def lose_keys(shop: Shop, *names: str) -> None:
    """Marketing imports a file whose column for our key is empty."""
    shop.tell(
        *(ContactEdited(at=shop.clock(), email=f"{name}@mail.test", fields={"retail_sync_id": ""}) for name in names)
    )


def keys(shop: Shop) -> dict[str, str]:
    """Our key of each contact at Emarsys, and whether it may be mailed."""
    contacts = shop.destination.state()["contacts"]
    return {one["email"]: one["fields"].get("retail_sync_id") or "" for one in contacts}


def open_subjects(shop: Shop) -> list[str]:
    with shop.road.database.connection() as connection:
        return [entry.subject for entry in entries(connection)]


@pytest.mark.req("REC-1", "CON-1", "ID-1")
@pytest.mark.parametrize("anywhere", ["emarsys"], indirect=True)
@pytest.mark.parametrize("found_by", ["audit", "delivery"])
def test_a_contact_that_has_lost_our_key_is_given_it_again_and_goes_on(anywhere: Shop, found_by: str) -> None:
    shop = anywhere
    begin(shop)
    before = keys(shop)
    lose_keys(shop, "anna")
    shop.pass_time(hours=1)

    if found_by == "audit":
        shop.run(dag="audit")
    else:
        anna = customer(shop.clock(), 1, "anna@mail.test", newsletter=True)
        shop.tell(order(shop.clock(), 501, anna))
    shop.pass_time(hours=1)
    shop.sync()
    shop.pass_time(hours=1)
    shop.run(dag="audit")

    assert keys(shop) == before
    assert shop.query(_OUT) == []
    assert [one["opt_in"] for one in shop.destination.state()["contacts"]] == ["1", "1"]
    assert open_subjects(shop) == []


@pytest.mark.req("REC-1", "CON-1", "CON-2")
@pytest.mark.parametrize("anywhere", ["emarsys"], indirect=True)
def test_a_contact_that_was_taken_away_is_out_and_stays_away(anywhere: Shop) -> None:
    shop = anywhere
    shop.spoilt = True
    begin(shop)
    shop.tell(ContactForgotten(at=shop.clock(), email="anna@mail.test"))
    shop.pass_time(hours=1)

    shop.run(dag="audit")
    shop.sync()

    assert shop.query(_OUT) == [("anna@mail.test", True)]
    assert "anna@mail.test" not in keys(shop)
    assert open_subjects(shop) == ["reconcile.missing"]


@pytest.mark.req("REC-1", "CON-1")
@pytest.mark.parametrize("anywhere", ["emarsys"], indirect=True)
def test_of_more_missing_contacts_than_an_audit_puts_right_nobody_counts_as_out(anywhere: Shop) -> None:
    shop = anywhere
    shop.spoilt = True
    begin(shop)
    shop.change_pair(reconcile={"heal_at_most": 1})
    lose_keys(shop, "anna", "bea")
    shop.pass_time(hours=1)

    shop.run(dag="audit")

    assert shop.query(_OUT) == []
    assert open_subjects(shop) == ["reconcile.many"]


@pytest.mark.req("REC-1", "CON-1", "ID-1")
@pytest.mark.parametrize("anywhere", ["ometria"], indirect=True)
def test_a_listing_that_a_merge_at_ometria_has_deleted_is_made_again_without_a_word_of_consent(anywhere: Shop) -> None:
    shop = anywhere
    shop.spoilt = True
    begin(shop)
    ometria_push(shop, type="contact", customer_id="T-1", marketing_optin="EXPLICITLY_OPTEDIN", **_TILLS)
    shop.pass_time(minutes=5)
    ometria_merge(shop, "T-1", "centra_main-1")
    shop.pass_time(hours=1)

    shop.run(dag="audit")
    shop.sync()

    (ours,) = (one for one in shop.destination.state()["contacts"] if one["id"] == "centra_main-1")
    assert (ours["email"], ours["marketing_optin"]) == ("anna@mail.test", None)
    assert shop.query(_OUT) == []


@pytest.mark.req("CON-1", "CON-3", "CON-5")
@pytest.mark.parametrize("anywhere", ["ometria"], indirect=True)
def test_an_address_that_has_left_one_of_its_profiles_leaves_all_of_them(anywhere: Shop) -> None:
    shop = anywhere
    shop.spoilt = True
    begin(shop)
    ometria_push(shop, type="contact", customer_id="T-1", marketing_optin="EXPLICITLY_OPTEDOUT", **_TILLS)
    shop.sync()

    profiles = shop.destination.state()["profiles"].values()
    assert {one["marketing_optin"] for one in profiles if one["email"] == "anna@mail.test"} == {False}
    assert shop.query("select still_in from consent.mirror where status = 'unsubscribed'") == [(True,)]
    shop.pass_time(hours=1)
    shop.sync()
    assert shop.query("select still_in from consent.mirror where status = 'unsubscribed'") == [(False,)]
    assert shop.query(
        "select count(*) from delivery.outbox where operation = 'opt_out' and account like 'ometria%'"
    ) == [(1,)]
