"""Each way of leaving and of coming back has its rule, its record and its exception, on both sides."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from retail_sync.cli.main import app
from retail_sync.consent.by_hand import Leaving, to_take_off
from retail_sync.delivery import acknowledge
from retail_sync.errors import CredentialsError
from retail_sync.sandbox.world.events import (
    ContactArchived,
    ContactBounced,
    ContactForgotten,
    ContactImported,
    ContactLeft,
    ContactSignedUp,
    NewsletterChanged,
)

from .mailchimp_shop import MailchimpShop
from .tales import customer, order, product

pytestmark = pytest.mark.usefixtures("sql_alone")

EMAIL = "anna@mail.test"


def known(shop: MailchimpShop, **changes: object) -> None:
    """Anna has said yes and is a subscriber."""
    shop.tell(customer(shop.clock(), 1, EMAIL, newsletter=True, **changes))
    shop.sync()
    shop.pass_time(minutes=5)


def ticked(shop: MailchimpShop, number: int = 1) -> bool:
    return next(bool(one["newsletter"]) for one in shop.books()["customers"] if one["id"] == number)


def tick(shop: MailchimpShop, *, subscribed: bool) -> None:
    shop.tell(NewsletterChanged(at=shop.clock(), customer_id=1, subscribed=subscribed))


def raised(shop: MailchimpShop) -> set[tuple[str, str, str]]:
    """The open exceptions about consent: subject, record, owner."""
    with shop.road.database.connection() as connection:
        rows = connection.execute("""
            select subject, record, owner from exceptions.entry
             where closed_at is null and (subject like 'consent.%' or subject like 'outbox.%')
        """)
        return set(rows.fetchall())


def record(shop: MailchimpShop, email: str = EMAIL) -> tuple[bool, str]:
    """What the permanent record says of an address."""
    with shop.road.database.connection() as connection:
        (row,) = connection.execute("select is_out, status from consent.record where email = %s", [email]).fetchall()
        return row[0], row[1]


def status(shop: MailchimpShop) -> str:
    found: str = shop.member(EMAIL)["status"]
    return found


@pytest.mark.req("CON-3")
def test_a_bounce_goes_back_to_the_shop(shop: MailchimpShop) -> None:
    known(shop)
    shop.tell(ContactBounced(at=shop.clock(), email=EMAIL))
    shop.sync()
    assert (status(shop), ticked(shop), record(shop)) == ("cleaned", False, (True, "cleaned"))


@pytest.mark.req("CON-3")
def test_an_admin_who_archives_says_nothing_of_the_contacts_wish(shop: MailchimpShop) -> None:
    known(shop)
    shop.tell(ContactArchived(at=shop.clock(), email=EMAIL))
    shop.sync()
    assert (ticked(shop), record(shop)) == (True, (True, "archived"))


@pytest.mark.req("CON-3")
def test_a_pair_may_take_an_archived_contact_for_one_that_left(shop: MailchimpShop) -> None:
    shop.change_pair(consent={"statuses": {"archived": "back"}})
    known(shop)
    shop.tell(ContactArchived(at=shop.clock(), email=EMAIL))
    shop.sync()
    assert not ticked(shop)


@pytest.mark.req("CON-3")
def test_who_left_and_was_archived_then_has_left(shop: MailchimpShop) -> None:
    known(shop)
    shop.change_pair(consent={"write_back": False})
    shop.tell(ContactLeft(at=shop.clock(), email=EMAIL))
    shop.sync()
    shop.tell(ContactArchived(at=shop.clock(), email=EMAIL))
    shop.sync()
    assert ticked(shop)
    shop.change_pair(consent={"write_back": True})
    shop.sync()
    assert (ticked(shop), record(shop)) == (False, (True, "unsubscribed"))


@pytest.mark.req("CON-3", "CON-5")
def test_a_no_of_the_shop_is_raised_until_both_sides_agree(shop: MailchimpShop) -> None:
    known(shop)
    tick(shop, subscribed=False)
    shop.sync()
    assert raised(shop) == {("consent.source_opt_out", "customer 1", "marketing")}
    assert status(shop) == "subscribed"
    tick(shop, subscribed=True)
    shop.sync()
    assert raised(shop) == set()


@pytest.mark.req("CON-3", "CON-4")
def test_a_no_of_the_shop_is_applied_where_the_pair_says_so_and_does_not_come_back(shop: MailchimpShop) -> None:
    shop.change_pair(consent={"source_opt_out": "apply"})
    known(shop)
    tick(shop, subscribed=False)
    shop.sync()
    assert (status(shop), record(shop)[0], raised(shop)) == ("unsubscribed", False, set())
    for _ in range(2):
        shop.sync()
        assert (shop.writes, shop.source.log()["writes"]) == (0, 0), "our own write that comes back causes none"
    assert record(shop) == (True, "unsubscribed")


@pytest.mark.req("CON-3")
def test_neither_side_hears_later_of_who_left_because_the_other_is_not_to_be_had(shop: MailchimpShop) -> None:
    shop.change_pair(consent={"source_opt_out": "apply"})
    shop.tell(customer(shop.clock(), 2, "bo@mail.test", newsletter=True))
    known(shop)
    tick(shop, subscribed=False)
    shop.pass_time(minutes=5)
    shop.run()
    shop.tell(ContactLeft(at=shop.clock(), email="bo@mail.test"))

    shop.source.fault("status", endpoint="*", times=None, status=401)
    with pytest.raises(CredentialsError):
        shop.run(dag="consent")
    assert (status(shop), ticked(shop, 2)) == ("unsubscribed", True)

    shop.source.clear_faults()
    shop.pass_time(minutes=5)
    shop.destination.fault("status", endpoint="*", times=None, status=401)
    with pytest.raises(CredentialsError):
        shop.run(dag="consent")
    assert not ticked(shop, 2)

    shop.destination.clear_faults()
    shop.sync()


@pytest.mark.req("CON-3")
def test_a_no_of_one_record_reaches_the_other_records_of_the_address(shop: MailchimpShop) -> None:
    shop.change_pair(consent={"source_opt_out": "apply"})
    shop.tell(customer(shop.clock(), 2, EMAIL, registered=False, newsletter=True))
    known(shop)
    tick(shop, subscribed=False)
    shop.sync()
    shop.sync()
    assert not ticked(shop, 2)


@pytest.mark.req("CON-4")
def test_a_newer_yes_of_the_shop_is_kept_and_raised_and_reaches_nobody(shop: MailchimpShop) -> None:
    known(shop)
    shop.tell(ContactLeft(at=shop.clock(), email=EMAIL))
    shop.sync()
    shop.sync()
    tick(shop, subscribed=True)
    shop.sync()
    shop.sync()
    assert (ticked(shop), status(shop)) == (True, "unsubscribed")
    assert raised(shop) == {("consent.newer_yes", "customer 1", "marketing")}
    shop.tell(ContactSignedUp(at=shop.clock(), email=EMAIL))
    shop.sync()
    shop.sync()
    assert (status(shop), record(shop), raised(shop)) == ("subscribed", (False, "subscribed"), set())


@pytest.mark.req("CON-4")
def test_who_comes_back_by_the_form_is_not_put_out_by_our_own_no_in_the_shop(shop: MailchimpShop) -> None:
    shop.change_pair(consent={"source_opt_out": "apply", "resubscribed": "revert"})
    known(shop)
    shop.tell(ContactLeft(at=shop.clock(), email=EMAIL))
    shop.sync()
    assert not ticked(shop)
    shop.pass_time(minutes=5)
    shop.tell(ContactSignedUp(at=shop.clock(), email=EMAIL))
    for _ in range(3):
        shop.sync()
    assert (status(shop), raised(shop)) == ("subscribed", set())


@pytest.mark.req("CON-7")
def test_who_is_imported_after_leaving_is_raised(shop: MailchimpShop) -> None:
    known(shop)
    shop.tell(ContactLeft(at=shop.clock(), email=EMAIL))
    shop.sync()
    shop.tell(ContactImported(at=shop.clock(), email=EMAIL))
    shop.sync()
    shop.sync()
    assert (status(shop), record(shop)) == ("subscribed", (True, "unsubscribed"))
    ((subject, _, owner),) = raised(shop)
    assert (subject, owner) == ("consent.resubscribed", "marketing")


@pytest.mark.req("CON-7")
def test_who_is_imported_after_leaving_is_put_out_again_where_the_pair_says_so(shop: MailchimpShop) -> None:
    shop.change_pair(consent={"resubscribed": "revert"})
    known(shop)
    shop.tell(ContactLeft(at=shop.clock(), email=EMAIL))
    shop.sync()
    shop.tell(ContactImported(at=shop.clock(), email=EMAIL))
    shop.terms = replace(shop.terms, promised=frozenset({"imports are reverted"}))
    shop.sync()
    shop.sync()
    assert (status(shop), raised(shop)) == ("unsubscribed", set())


@pytest.mark.req("CON-2", "CON-8")
def test_who_never_confirms_has_not_left(shop: MailchimpShop) -> None:
    shop.change_pair(consent={"double_opt_in": True})
    known(shop)
    for _ in range(2):
        shop.pass_time(days=3)
        shop.sync()
    assert (status(shop), ticked(shop), record(shop), raised(shop)) == ("pending", True, (False, "pending"), set())
    shop.tell(ContactSignedUp(at=shop.clock(), email=EMAIL))
    shop.sync()
    assert record(shop) == (False, "subscribed")


@pytest.mark.req("CON-1")
def test_who_was_deleted_for_good_is_out_and_asked_for_once(shop: MailchimpShop) -> None:
    shop.say("POST", "{list}/members", {"email_address": EMAIL, "status": "subscribed"})
    shop.tell(ContactForgotten(at=shop.clock(), email=EMAIL))
    shop.tell(customer(shop.clock(), 1, EMAIL, newsletter=True))
    shop.sync()
    shop.sync()
    assert (record(shop), ticked(shop)) == ((True, "forgotten"), True)
    ((subject, _, owner),) = raised(shop)
    assert (subject, owner) == ("outbox.rejected", "marketing")
    shop.sync()
    assert shop.writes == 0
    shop.tell(ContactSignedUp(at=shop.clock(), email=EMAIL))
    for _ in range(3):
        shop.sync()
    assert (record(shop), raised(shop)) == ((False, "subscribed"), set())
    assert shop.member(EMAIL)["merge_fields"]["FNAME"] == "Åsa"


@pytest.mark.req("CON-1", "OPS-1", "SEC-2")
def test_a_contact_that_was_taken_away_is_asked_for_until_it_comes_back_by_itself(shop: MailchimpShop) -> None:
    known = customer(shop.clock(), 1, EMAIL, newsletter=True)
    shop.tell(product(shop.clock()), known)
    shop.sync()
    shop.tell(ContactForgotten(at=shop.clock(), email=EMAIL), order(shop.clock(), 501, known))
    shop.sync()
    assert {(subject, owner) for subject, _, owner in raised(shop)} == {("outbox.held", "marketing")}
    assert EMAIL not in shop.emails()
    shop.pass_time(hours=1)
    shop.tell(ContactSignedUp(at=shop.clock(), email=EMAIL))
    for _ in range(3):
        shop.sync()
    assert raised(shop) == set()
    assert shop.member(EMAIL)["merge_fields"]["ORDERS"] == "1"
    assert "501" in shop.store()["orders"]
    shop.run()
    assert shop.writes == 0


@pytest.mark.req("CON-1", "OPS-1")
def test_an_address_that_looks_invented_is_asked_for_once_and_is_nobodys_leaving(shop: MailchimpShop) -> None:
    email = "anna@yopmail.com"
    shop.tell(customer(shop.clock(), 1, email, newsletter=True))
    shop.sync()
    assert {(subject, owner) for subject, _, owner in raised(shop)} == {("outbox.rejected", "cx")}
    shop.sync()
    assert (shop.writes, ticked(shop)) == (0, True)


@pytest.mark.req("CON-5")
def test_an_opt_out_that_the_shop_does_not_take_is_raised_until_it_reads_opted_out(shop: MailchimpShop) -> None:
    known(shop)
    shop.tell(ContactLeft(at=shop.clock(), email=EMAIL))
    shop.change_pair(source={"settings": {"opt_out_mutation": "updateNobody"}})
    with pytest.raises(Exception, match="updateNobody"):
        shop.sync()
    shop.pass_time(hours=2)
    shop.run()
    assert ("consent.missed_opt_out", "customer 1", "marketing") in raised(shop)
    shop.change_pair(source={"settings": {}})
    shop.sync()
    shop.sync()
    assert (ticked(shop), raised(shop)) == (False, set())


def proofs(shop: MailchimpShop) -> list[tuple[str, str, str]]:
    return shop.query("select email, record_key, created_as from consent.proof")


@pytest.mark.req("CON-8")
def test_the_proof_outlives_an_answer_that_is_lost(shop: MailchimpShop) -> None:
    shop.destination.fault("after_write_drop", endpoint="POST /lists/{list_id}", times=1)
    known(shop)
    assert (status(shop), proofs(shop)) == ("subscribed", [(EMAIL, "1", "subscribed")])


@pytest.mark.req("CON-8")
@pytest.mark.parametrize(
    ("standing", "expected"), [("subscribed", [(EMAIL, "1", "subscribed")]), ("transactional", [])]
)
def test_the_proof_outlives_a_worker_that_dies_before_it_hears(
    shop: MailchimpShop, monkeypatch: pytest.MonkeyPatch, standing: Any, expected: list[Any]
) -> None:
    def dies(*_: object, **__: object) -> None:
        raise RuntimeError("dies")

    shop.sync()
    with monkeypatch.context() as dying:
        dying.setattr(acknowledge, "acknowledge", dies)
        with pytest.raises(RuntimeError):
            known(shop)
    assert status(shop) == "subscribed"
    shop.tell(ContactImported(at=shop.clock(), email=EMAIL, status=standing))
    shop.tell(customer(shop.clock(), 1, EMAIL, newsletter=True, first_name="Anna"))
    shop.sync()
    assert proofs(shop) == expected


@pytest.mark.req("CON-8")
def test_who_was_there_before_has_no_proof_of_ours(shop: MailchimpShop) -> None:
    shop.tell(ContactImported(at=shop.clock(), email=EMAIL))
    known(shop)
    assert proofs(shop) == []


@pytest.mark.req("CON-8")
def test_the_proof_of_every_subscriber_can_be_exported(
    shop: MailchimpShop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop.tell(customer(shop.clock(), 2, "=cmd@mail.test", newsletter=True), customer(shop.clock(), 3, "no@mail.test"))
    known(shop)
    shop.tell(ContactLeft(at=shop.clock(), email=EMAIL))
    shop.sync()
    shop.sync()
    monkeypatch.setenv("RETAIL_SYNC_DSN", shop.dsn)
    file = tmp_path / "proof.csv"
    assert CliRunner().invoke(app, ["consent", "proof", "centra_to_mailchimp", "--csv", str(file)]).exit_code == 0
    with file.open(encoding="utf-8", newline="") as lines:
        rows = {row["email"]: row for row in csv.DictReader(lines)}
    assert set(rows) == {EMAIL, "'=cmd@mail.test"}
    anna = rows[EMAIL]
    assert (anna["source"], anna["record_key"], anna["created_as"]) == ("centra_main", "1", "subscribed")
    assert anna["seen_at"] <= anna["created_at"]

    shown = CliRunner().invoke(app, ["consent", "status", EMAIL.upper()])
    assert shown.exit_code == 0
    for words in ("created as subscribed on the word of customer 1", "left: unsubscribed", "customer 1 says no"):
        assert words in shown.output
    assert CliRunner().invoke(app, ["consent", "status", "nobody@mail.test"]).exit_code == 1


@pytest.mark.req("CON-1", "ID-1")
def test_a_large_first_load_reads_the_audience_once_and_still_brings_nobody_back(shop: MailchimpShop) -> None:
    shop.say("POST", "{list}/members", {"email_address": EMAIL, "status": "subscribed"})
    shop.tell(ContactArchived(at=shop.clock(), email=EMAIL))
    shop.others = {EMAIL}
    crowd = [customer(shop.clock(), 100 + number, f"p{number}@mail.test", newsletter=True) for number in range(150)]
    shop.tell(product(shop.clock()), *crowd, customer(shop.clock(), 1, EMAIL, newsletter=True))
    shop.tell(order(shop.clock(), 501, crowd[0]))
    shop.change_pair(reconcile={"sample": 0})
    shop.pass_time(minutes=5)
    shop.run()
    asked = shop.destination.log()["by_endpoint"]
    looked_up = sum(seen["requests"] for name, seen in asked.items() if name.startswith("GET") and "hash" in name)
    assert looked_up < 10, asked
    shop.sync()
    shop.sync()
    assert status(shop) == "archived"
    assert shop.emails() >= {f"p{number}@mail.test" for number in range(150)}


@pytest.mark.req("CON-1", "CON-3", "ID-4")
def test_who_leaves_under_one_address_has_left_under_all_of_theirs(shop: MailchimpShop, tmp_path: Path) -> None:
    listed = tmp_path / "aliases.csv"
    listed.write_text("alias,primary\nold@mail.test,anna@mail.test\n", encoding="utf-8")
    shop.change_pair(identity={"aliases": str(listed)})
    shop.say("POST", "{list}/members", {"email_address": "old@mail.test", "status": "subscribed"})
    shop.tell(ContactLeft(at=shop.clock(), email="old@mail.test"))
    shop.others = {"old@mail.test"}
    shop.tell(customer(shop.clock(), 2, "old@mail.test", registered=False))
    shop.wrong = [
        "buyer state of old@mail.test is '', not 'none'",
        "full price of old@mail.test is '', not 'no'",
        "first name of old@mail.test is '', not 'Åsa'",
        "last name of old@mail.test is '', not 'Berg 2'",
        "city of old@mail.test is '', not 'Stockholm'",
        "country of old@mail.test is '', not 'SE'",
        "phone of old@mail.test is '', not '+46700000000'",
        "customer missing in the store: old@mail.test",
    ]
    known(shop)
    shop.sync()
    assert status(shop) == "transactional"
    assert not ticked(shop)


@pytest.mark.req("CON-1", "OPS-1")
def test_an_address_that_signed_up_too_often_is_put_off_and_named(shop: MailchimpShop) -> None:
    shop.destination.fault("signup_throttle", times=None, endpoint=EMAIL)
    known(shop)
    ((subject, _, owner),) = raised(shop)
    assert (subject, owner) == ("consent.put_off", "operations")
    shop.sync()
    assert shop.writes == 0
    shop.destination.clear_faults()
    shop.pass_time(days=1)
    shop.sync()
    assert (status(shop), raised(shop)) == ("subscribed", set())


@pytest.mark.req("CON-3")
def test_what_we_do_not_write_is_listed_until_the_shop_says_no_itself(shop: MailchimpShop) -> None:
    known(shop)
    shop.change_pair(consent={"write_back": False})
    shop.tell(ContactLeft(at=shop.clock(), email=EMAIL))
    shop.sync()

    assert ("consent.by_hand", "customer 1", "marketing") in raised(shop)
    assert [(one.customer, one.email, one.status) for one in listed(shop)] == [("1", EMAIL, "unsubscribed")]
    assert ticked(shop)
    shop.sync()
    assert len(listed(shop)) == 1

    tick(shop, subscribed=False)
    shop.sync()
    assert (listed(shop), raised(shop)) == ([], set())


def listed(shop: MailchimpShop) -> list[Leaving]:
    """Whom the shop's own people are to take off."""
    with shop.road.database.connection() as connection:
        return to_take_off(connection, shop.road.pair)
