"""Every case of the showcase, lived through once by a whole pair, and what it has come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.operate.trace import trace
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.world.cases import Case, all_cases, news, past
from tests.oracle.terms import Json

from .mailchimp_shop import MailchimpShop
from .shop import NOON

#: What the pair promises of the cases, beside what it always does.
PROMISED = frozenset({"parcels are told once", "stubs carry their SKU", "withdrawn goods are out of stock"})


class Lived:
    """What the cases have come to, read once.

    Attributes:
        cases: By name.
        differences: What the oracle found wrong in the end.
        later_writes: What a run wrote after everything was done.
    """

    def __init__(self, shop: MailchimpShop, cases: list[Case], later_writes: int) -> None:
        self.cases = {case.name: case for case in cases}
        self.differences, self.later_writes = shop.differences(), later_writes
        self.books, self.mailchimp = shop.books(), shop.destination.state()
        self._faults = shop.source.faults()
        self.traced = [
            {item.subject for item in trace(shop.road.database, email)}
            for email in self.cases["address-changed"].emails
        ]
        with shop.road.database.connection() as connection:
            self.failed_rules = {rule for (rule,) in connection.execute("select distinct rule from quality.verdict")}
            self.open = connection.execute(
                "select subject, record, owner from exceptions.entry where closed_at is null"
            ).fetchall()

    def struck(self, name: str) -> bool:
        """Whether the fault of a case struck."""
        fault = self.cases[name].fault or {}
        return any(one["fault"] == fault["fault"] and one["fired"] for one in self._faults)

    def member(self, name: str, place: int = 0) -> Json:
        """The contact of a case's address."""
        email = self.cases[name].emails[place].lower()
        (audience,) = self.mailchimp["lists"].values()
        (found,) = [one for one in audience["members"] if one["email_address"].lower() == email]
        return dict(found)

    def figure(self, name: str, tag: str = "ORDERS", place: int = 0) -> Decimal:
        """A number on the contact of a case's address."""
        return Decimal(str(self.member(name, place)["merge_fields"][tag]))

    def is_contact(self, email: str) -> bool:
        """Whether there is a contact of an address that was not put away."""
        (audience,) = self.mailchimp["lists"].values()
        members = audience["members"]
        return email in {one["email_address"].lower() for one in members if one["status"] != "archived"}

    def store(self) -> Json:
        """The store."""
        (found,) = self.mailchimp["stores"].values()
        return dict(found)

    def order(self, number: int) -> Json | None:
        """An order of the store."""
        found: Json | None = self.store()["orders"].get(str(number))
        return found

    def mails(self, number: int) -> Counter[str]:
        """How often which mail went out about an order."""
        return Counter(mail["kind"] for mail in self.mailchimp["mails"] if mail.get("order_id") == str(number))

    def newsletter(self, name: str) -> set[bool]:
        """What the shop's records of a case's addresses say."""
        emails = {email.lower() for email in self.cases[name].emails}
        return {one["newsletter"] for one in self.books["customers"] if one["email"].lower() in emails}


@pytest.fixture(scope="session")
def lived(centra: SandboxControl, mailchimp: SandboxControl, server: EmbeddedServer, template: str) -> Iterator[Lived]:
    """The past read, a day lived, both nights passed, and the audit after them."""
    centra.reset()
    mailchimp.reset()
    shop = MailchimpShop(centra, mailchimp, server.create_database("cases", template))
    # Ended before the tests begin: what lasts for the session must not stay changed for those that come after.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("retail_sync.quality.docs.publish", lambda *_: None)
        outcome = live_through(shop, all_cases(NOON))
    shop.close()
    yield outcome
    server.drop_database("cases")


def switch_on(shop: MailchimpShop, case: Case) -> None:
    fields = dict(case.fault or {})
    shop.source.fault(fields.pop("fault"), **fields)


def live_through(shop: MailchimpShop, cases: list[Case]) -> Lived:
    shop.change_pair(source={"settings": {"page_size": 10, "stock_signups": True}})
    shop.terms = replace(shop.terms, promised=PROMISED)
    shop.tell(*past(cases))
    by_name = {case.name: case for case in cases}
    for name in ("order-on-two-pages", "order-edited-while-paging"):
        switch_on(shop, by_name[name])
    shop.sync()
    shop.run(dag="catalogue")
    shop.night()
    shop.pass_time(days=1)
    shop.tell(*news(cases))
    shop.sync()
    shop.night()
    shop.run(dag="audit")
    shop.sync()
    shop.sync()
    return Lived(shop, cases, shop.writes)
