"""The nightly audit: what was broken at the marketing platform is found, put right or named, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from retail_sync.cli.main import app
from retail_sync.exceptions.entries import Entry, entries
from retail_sync.model.delivery import Held
from tests.oracle.terms import Json

from .beginnings import Beginnings
from .breaks import change_member, change_order, delete, member
from .mailchimp_shop import PAIR, MailchimpShop
from .tales import customer, order, product, sent

pytestmark = pytest.mark.usefixtures("sql_alone")


@pytest.fixture
def small(shop: MailchimpShop, beginnings: Beginnings) -> MailchimpShop:
    """A small shop that has been synced, with an order that left."""
    beginnings.begin(shop, with_three_orders)
    return shop


def with_three_orders(shop: MailchimpShop) -> None:
    at = shop.clock()
    anna, bea = customer(at, 1, "anna@mail.test", newsletter=True), customer(at, 2, "bea@mail.test")
    cleo = customer(at, 3, "cleo@mail.test", newsletter=True)
    shop.tell(product(at), product(at, 8), product(at, 9), anna, bea, cleo)
    shop.sync()
    first = order(at, 501, anna, [(7, 2), (8, 1)])
    shop.tell(first, order(at, 502, bea), order(at, 503, cleo), sent(at, first))
    shop.sync()
    shop.run(dag="audit")
    assert shop.writes == 0


def audit(shop: MailchimpShop) -> Json:
    """A night later, the audit; gives the step's own report."""
    shop.pass_time(hours=1)
    report = shop.run(dag="audit")
    assert report["state"] == "closed"
    found: Json = report["steps"]["audit"]
    return found


def sums(found: Json) -> dict[str, int]:
    """What an audit found of all kinds."""
    return {
        name: sum(kind[name] for kind in found["by_kind"].values())
        for name in ("missing", "extra", "different", "healed")
    }


def open_entries(shop: MailchimpShop) -> dict[str, Entry]:
    """The open exceptions, by record."""
    with shop.road.database.connection() as connection:
        return {entry.record: entry for entry in entries(connection)}


CLEAN = {"missing": 0, "extra": 0, "different": 0, "healed": 0}


@pytest.mark.req("REC-1", "CUS-1", "CAT-1", "OPS-4")
@pytest.mark.parametrize(
    ("spoil", "kind", "fields"),
    [
        (change_order(502, order_total=1), "order", ["order_total"]),
        (change_order(502, lines=[{"id": "50200", "quantity": 2}]), "order", ["lines"]),
        (change_member("bea", CITY="Elsewhere", LTV=3), "member", ["merge_fields.CITY", "merge_fields.LTV"]),
        (lambda shop: shop.say("PATCH", "{store}/products/7", {"title": "By hand"}), "product", ["title"]),
        (delete("{store}/products/8/variants/81"), "product", ["variants"]),
        (delete("{store}/products/9"), "product", []),
        (
            lambda shop: shop.say(
                "POST", f"{member(shop, 'bea')}/tags", {"tags": [{"name": "Buyer: new", "status": "inactive"}]}
            ),
            "tags",
            ["tags"],
        ),
    ],
    ids=["total wrong", "lines wrong", "field edited", "title edited", "variant gone", "product gone", "tag gone"],
)
def test_what_was_changed_by_hand_is_put_right_and_the_next_audit_is_clean(
    spoil: Any, kind: str, fields: Sequence[str], small: MailchimpShop
) -> None:
    mails = small.destination.state()["mails"]
    spoil(small)
    found = audit(small)
    small.sync()
    assert found["by_kind"][kind]["healed"] == 1
    assert sums(found)["healed"] == sums(found)["missing"] + sums(found)["different"] == 1
    with small.road.database.connection() as connection:
        named = connection.execute("select kind, fields from reconcile.finding").fetchall()
        heal = connection.execute("select old, new from delivery.audit order by audit_id desc limit 1").fetchone()
    assert named == [(kind, fields)]
    assert heal is not None
    assert heal[0] != heal[1]
    assert small.destination.state()["mails"] == mails, "nobody is told again"
    assert small.differences() == []
    assert sums(audit(small)) == CLEAN
    assert open_entries(small) == {}
    small.run()
    assert small.writes == 0


@pytest.mark.req("REC-1", "CUS-1")
def test_what_the_night_put_right_can_be_listed_in_the_morning(small: MailchimpShop) -> None:
    def listed(pair: str = PAIR) -> Result:
        return CliRunner().invoke(app, ["audit", pair, "--last", "--json"], env={"RETAIL_SYNC_DSN": small.dsn})

    assert listed("fulfil_to_mailchimp").exit_code == 2, "no audit of it has ended yet"
    change_member("bea", CITY="Elsewhere")(small)
    audit(small)
    small.sync()
    asked = small.destination.log()
    (one,) = json.loads(listed().output)
    assert (one["verdict"], one["fields"], one["outcome"]) == ("different", ["merge_fields.CITY"], "put right")
    assert small.destination.log() == asked, "nothing is asked of anybody"


@pytest.mark.req("REC-1", "ORD-6", "ORD-8", "SHP-2")
@pytest.mark.parametrize("spoil", [change_order(501, fulfillment_status=""), delete("{store}/orders/501")])
def test_an_order_whose_status_was_lost_comes_back_with_words_that_mail_nobody(
    spoil: Any, small: MailchimpShop
) -> None:
    mails = small.destination.state()["mails"]
    spoil(small)
    assert sums(audit(small))["healed"] == 1
    small.sync()
    assert small.order(501)["fulfillment_status"] == "despatched"
    assert small.destination.state()["mails"] == mails
    assert sums(audit(small)) == CLEAN


def archive(name: str) -> Any:
    return lambda shop: shop.say("DELETE", member(shop, name))


def delete_for_good(name: str) -> Any:
    return lambda shop: shop.say("POST", f"{member(shop, name)}/actions/delete-permanent")


def add_order(shop: MailchimpShop) -> None:
    """Another program enters an order of its own."""
    held = shop.order(502)
    line = {name: held["lines"][0][name] for name in ("id", "product_id", "product_variant_id", "quantity", "price")}
    body = {"id": "990", "customer": {"id": held["customer"]["id"]}, "currency_code": "SEK", "lines": [line]}
    shop.say("POST", "{store}/orders", {**body, "order_total": 149})


def add_product(shop: MailchimpShop) -> None:
    shop.say("POST", "{store}/products", {"id": "55", "title": "Nobody's", "variants": [{"id": "55", "title": "One"}]})


@pytest.mark.req("REC-1", "OPS-1")
@pytest.mark.parametrize(
    ("spoil", "record", "wrong"),
    [
        (
            add_order,
            "order 990",
            [
                "order too many: 990 can't be written to or is unknown",
                "customer bea@mail.test has 2 orders in the store, not 1",
            ],
        ),
        (add_product, "product 55", []),
    ],
    ids=["an extra order", "an unknown product"],
)
def test_what_nobody_here_has_put_there_is_named_and_left(
    spoil: Any, record: str, wrong: list[str], small: MailchimpShop
) -> None:
    small.wrong = wrong
    spoil(small)
    assert sums(audit(small))["healed"] == 0
    assert small.writes == 0
    found = open_entries(small)[record]
    assert (found.subject, found.owner) == ("reconcile.extra", "operations")
    assert "nothing here has put it there" in found.cause
    assert found.next_step.startswith("Remove it at Mailchimp")
    audit(small)
    assert open_entries(small)[record].exception_id == found.exception_id


@pytest.mark.req("REC-1", "CON-1", "CON-2", "OPS-1")
@pytest.mark.parametrize("name", ["anna", "bea"], ids=["who said yes", "who did not"])
def test_a_contact_that_was_deleted_is_named_to_marketing_and_not_made_again(name: str, small: MailchimpShop) -> None:
    delete_for_good(name)(small)
    found = audit(small)
    assert found["by_kind"]["member"]["missing"] == 1
    assert sums(found)["healed"] == 0
    assert small.writes == 0
    (entry,) = (entry for entry in open_entries(small).values() if entry.subject == "reconcile.missing")
    assert entry.record.endswith(" (member)")
    assert entry.owner == "marketing"
    audit(small)
    small.sync()
    assert f"{name}@mail.test" not in small.emails()


@pytest.mark.req("REC-1", "CON-1", "CON-5", "OPS-1")
def test_an_archived_contact_that_says_yes_at_the_shop_is_named_and_stays_archived(small: MailchimpShop) -> None:
    archive("anna")(small)
    archive("bea")(small)
    assert audit(small)["archived"] == 1
    (entry,) = (entry for entry in open_entries(small).values() if entry.subject == "reconcile.archived")
    assert entry.owner == "marketing"
    assert "says yes to marketing at Centra" in entry.cause
    small.sync()
    assert {small.member(f"{name}@mail.test")["status"] for name in ("anna", "bea")} == {"archived"}


class Meanwhile:
    """A destination during whose reading something happens."""

    def __init__(self, destination: Any, kind: str, happens: Any) -> None:
        self._destination, self._kind, self._happens = destination, kind, happens
        self.kinds_read: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._destination, name)

    def read_all(self, kind: str) -> Iterator[Held]:
        self.kinds_read.append(kind)
        yield from list(self._destination.read_all(kind))
        if kind == self._kind and self._happens is not None:
            happens, self._happens = self._happens, None
            happens()


@pytest.mark.req("REC-1")
def test_what_the_pair_itself_changes_while_it_is_read_is_no_false_alarm(small: MailchimpShop) -> None:
    at = small.clock()
    dan = customer(at, 4, "dan@mail.test")

    def happens() -> None:
        small.tell(dan, order(small.clock(), 504, dan), sent(small.clock(), order(at, 502, dan)))
        small.pass_time(minutes=5)
        small.go_on("meanwhile")

    small.road.destination = Meanwhile(small.road.destination, "order", happens)
    small.pass_time(hours=1)
    found = small.run(dag="audit")["steps"]["audit"]
    assert found["by_kind"]["order"]["suspected"] > 0
    assert sums(found) == CLEAN
    assert open_entries(small) == {}
    assert small.order(504)["order_total"]


@pytest.mark.req("REC-1", "DAG-2")
def test_a_row_that_is_still_on_its_way_is_no_difference(small: MailchimpShop) -> None:
    change_order(502, order_total=1)(small)
    with small.road.database.connection() as connection:
        connection.execute("""
            insert into delivery.outbox (account, pair, kind, object_id, vendor_key, row, operation, payload, hash,
                                         priority, run_id, available_at, queued_at)
            select account, pair, kind, object_id, vendor_key, 'state', 'update', payload, hash, 30, 'coming',
                   'infinity', now()
              from delivery.ledger where vendor_key = '502'
        """)
    assert sums(audit(small)) == CLEAN
    with small.road.database.connection() as connection:
        connection.execute("update delivery.outbox set available_at = '-infinity' where run_id = 'coming'")
    small.sync()


class Broken(Meanwhile):
    """A destination that breaks off while a kind is read."""

    def read_all(self, kind: str) -> Iterator[Held]:
        for held in super().read_all(kind):
            yield held
            if kind == self._kind and self._happens is not None:
                self._happens = None
                raise ConnectionError


@pytest.mark.req("REC-1", "DAG-2")
def test_an_audit_that_broke_off_goes_on_where_it_was_and_may_be_done_again(small: MailchimpShop) -> None:
    change_member("bea", CITY="Elsewhere")(small)
    change_order(502, order_total=1)(small)
    small.pass_time(hours=1)
    broken = Broken(small.road.destination, "product", object())
    small.road.destination = broken
    with pytest.raises(ConnectionError):
        small.run(run_id="night", dag="audit")
    assert broken.kinds_read[-1] == "product"
    broken.kinds_read.clear()
    found = small.go_on("night", dag="audit")["steps"]["audit"]
    assert broken.kinds_read == ["product", "order"]
    assert found["by_kind"]["order"]["healed"] == 1
    small.sync()
    assert small.differences() == []
    broken.kinds_read.clear()
    again = small.go_on("night", dag="audit")["steps"]["audit"]
    assert sums(again) == CLEAN
    assert "member" in broken.kinds_read
    assert open_entries(small) == {}


@pytest.mark.req("REC-1", "OPS-5")
def test_a_dry_run_shows_what_differs_and_changes_nothing(small: MailchimpShop) -> None:
    change_order(502, order_total=1)(small)
    small.pass_time(hours=1)
    found = small.run(dag="audit", dry_run=True)["steps"]["audit"]
    assert found["by_kind"]["order"]["healed"] == 1
    assert small.writes == 0
    assert open_entries(small) == {}
    assert sums(audit(small))["healed"] == 1
    small.sync()


@pytest.mark.req("REC-1", "OPS-1")
def test_a_pair_that_does_not_heal_names_the_difference(small: MailchimpShop) -> None:
    small.wrong = ["order 502: it counts for 1, not 149.00"]
    small.change_pair(reconcile={"heal": False})
    small.sync()
    change_order(502, order_total=1)(small)
    assert sums(audit(small)) == {**CLEAN, "different": 1}
    assert small.writes == 0
    assert "other values than were sent: order_total" in open_entries(small)["order 502"].cause


@pytest.mark.req("REC-1", "OPS-1", "DAG-8")
def test_more_differences_than_an_audit_may_heal_are_one_exception_and_wait(small: MailchimpShop) -> None:
    small.change_pair(reconcile={"heal_at_most": 1})
    small.sync()
    for number in (501, 502):
        change_order(number, order_total=1)(small)
    assert sums(audit(small))["healed"] == 0
    assert small.writes == 0
    assert list(open_entries(small)) == ["orders"]
    small.change_pair(reconcile={"heal_at_most": 2})
    small.sync()
    assert sums(audit(small))["healed"] == 2
    small.sync()
    assert open_entries(small) == {}


@pytest.mark.req("REC-1", "OPS-1")
def test_a_store_that_is_gone_is_one_exception(small: MailchimpShop) -> None:
    small.spoilt = True
    small.say("DELETE", "{store}")
    found = audit(small)
    assert found["skipped"] == ["customer", "product", "order"]
    assert [entry.record for entry in open_entries(small).values()] == ["store centra-main"]
