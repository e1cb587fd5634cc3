"""Exceptions: opened where something waits for a person, with owner and next step, and closed once it does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from retail_sync.db.database import Database
from retail_sync.db.embedded import EmbeddedServer
from retail_sync.errors import CredentialsError
from retail_sync.exceptions.entries import Entry, entries, gather, settle
from retail_sync.steps import registry, run
from retail_sync.steps.close_run import close_run
from retail_sync.steps.context import Road
from retail_sync.steps.notice import notice
from retail_sync.steps.open_run import open_run
from retail_sync.steps.perform import Step
from retail_sync.steps.requests import RunRequest
from retail_sync.steps.run import run_pair
from tests.pipeline import tales
from tests.pipeline.mailchimp_shop import MailchimpShop

from .memory_shop import NOON, Hands, MemoryShop, road_to
from .told_shop import FAKE, told_shop

VERSION = """
    insert into stage.version (account, stream, key, hash, source_time, request_time, change_seq, lane, doc)
    values ('shop_main', 'orders', 'o10231', '', %(now)s, %(now)s, 1, 'live', '{"number": "10231"}')
"""
SET_ASIDE = """
    insert into quality.quarantine
        (pair, account, stream, key, rule, effect, owner, version_id, change_seq, detail, run_id, opened_at, seen_at)
    values ('shop_to_list', 'shop_main', %(stream)s, %(key)s, %(rule)s, %(effect)s, %(owner)s,
            coalesce((select max(version_id) from stage.version where key = %(key)s), 0), 1, %(detail)s, 'r', %(now)s,
            %(now)s)
"""
QUEUED = """
    insert into delivery.outbox
        (account, pair, kind, object_id, vendor_key, person_id, row, operation, payload, hash, needs, priority, run_id,
         state, queued_at, code, words)
    values (%(account)s, 'shop_to_list', %(kind)s, %(object_id)s, %(vendor_key)s, %(person)s, 'state', %(operation)s,
            '{}', '', %(needs)s, 1, 'r', %(state)s, %(now)s, %(code)s, %(words)s)
"""
PERSON = """
    insert into people.person (pair, email, created_at) values ('shop_to_list', %(email)s, %(now)s) returning person_id
"""
ORDER = """
    insert into people.order_value
        (pair, key, number, person_id, version_id, excluded, placed_at, currency, gross, reduced, net, net_base,
         counted)
    values ('shop_to_list', 'o10231', '10231', %(person)s, 1, false, %(now)s, 'SEK', 1, 0, 1, 1, true)
"""
CUSTOMER = """
    insert into people.customer
        (pair, key, person_id, version_id, registered, opted_in, opted_out_at, updated_at)
    values ('shop_to_list', '77', %(person)s, 1, true, %(opted_in)s, %(opted_out_at)s, %(now)s)
"""


class Books:
    """What earlier steps have written, in a line each."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def do(self, statement: str, **parameters: Any) -> int:
        with self.database.connection() as connection:
            cursor = connection.execute(statement, {"now": NOON, **parameters})
            row = cursor.fetchone() if cursor.description else None
        return int(row[0]) if row else 0

    def set_aside(self, key: str, rule: str, **given: Any) -> None:
        row = {"stream": "orders", "effect": "hold_record", "owner": "cx", "detail": None, **given}
        self.do(SET_ASIDE, key=key, rule=rule, **row)

    def queued(self, object_id: str, state: str, **given: Any) -> None:
        row = {
            "account": "list_main",
            "vendor_key": object_id.partition(":")[2],
            "kind": object_id.partition(":")[0],
            "person": None,
            "operation": "create",
            "needs": [],
            "code": None,
            "words": None,
            **given,
        }
        self.do(QUEUED, object_id=object_id, state=state, **row)

    def person(self, email: str = "anna@mail.test") -> int:
        return self.do(PERSON, email=email)

    def open(self) -> list[Entry]:
        with self.database.connection() as connection:
            return entries(connection)

    def one(self) -> Entry:
        (found,) = self.open()
        return found


@pytest.fixture
def books(database: Database) -> Books:
    return Books(database)


@pytest.fixture
def road(database: Database) -> Road:
    return road_to(database, MemoryShop(Hands()))


@pytest.mark.req("OPS-1", "QUA-1")
def test_a_record_that_is_set_aside_is_named_with_cause_owner_and_next_step_until_it_is_clean(
    books: Books, road: Road
) -> None:
    books.do(VERSION)
    books.set_aside("o10231", "order_email")

    assert notice(road, "run") == {"open": 1, "opened": 1, "closed": 0}
    found = books.one()
    assert (found.subject, found.record, found.owner) == ("rule.order_email", "order 10231", "cx")
    assert "can be written to" in found.cause
    assert found.next_step == "Correct the address at the source."

    assert notice(road, "run") == {"open": 1, "opened": 0, "closed": 0}
    books.do("delete from quality.quarantine")
    assert notice(road, "run") == {"open": 0, "opened": 0, "closed": 1}
    assert books.open() == []


@pytest.mark.req("OPS-1", "ORD-2")
def test_what_is_excluded_or_was_released_waits_for_nobody(books: Books, road: Road) -> None:
    books.set_aside("o1", "order_wholesale", effect="exclude")
    books.set_aside("o2", "order_email")
    books.do("update quality.quarantine set released_at = %(now)s where key = 'o2'")

    assert notice(road, "run")["open"] == 0


@pytest.mark.req("OPS-1", "SHP-1")
def test_a_mail_that_is_held_back_is_told_from_a_record_that_is(books: Books, road: Road) -> None:
    books.set_aside("o1", "order_tracking_url", effect="hold_event", owner="operations", detail="1 of 2 parcels")

    notice(road, "run")
    found = books.one()
    assert found.cause.startswith("Its mail is held back, since this does not hold: ")
    assert found.cause.endswith("Here: 1 of 2 parcels.")
    assert "include/carriers.yaml" in found.next_step


@pytest.mark.req("OPS-1")
def test_a_refusal_is_told_in_the_vendor_s_words_with_its_advice(books: Books, road: Road) -> None:
    advice = {"fake_address": ("cx", "Ask the customer for a real address.")}
    road.__dict__["destination"] = SimpleNamespace(capabilities=SimpleNamespace(advice=advice, shows_own_opt_in=True))
    books.queued("member:17", "rejected", code="fake_address", words="anna@mail.test looks invented")
    books.queued("member:18", "rejected", code="strange", words=" ")

    notice(road, "run")
    known, strange = sorted(books.open(), key=lambda entry: entry.record)
    assert (known.subject, known.record, known.owner) == ("outbox.rejected", "member 17", "cx")
    assert known.cause == "List refuses it: … looks invented."
    assert known.next_step == "Ask the customer for a real address."
    assert strange.cause == "List refuses it: it says not why."
    assert strange.owner == "operations"


@pytest.mark.req("OPS-1")
def test_only_the_newest_row_of_an_object_counts(books: Books, road: Road) -> None:
    books.queued("member:17", "rejected")
    books.queued("member:17", "superseded")
    notice(road, "run")
    assert [entry.record for entry in books.open()] == ["member 17"]

    books.queued("member:17", "delivered")
    notice(road, "run")
    assert books.open() == []


@pytest.mark.req("OPS-1")
def test_what_only_waits_is_counted_under_its_cause(books: Books, road: Road) -> None:
    books.queued("member:17", "rejected")
    books.queued("customer:17", "held", code="needs", needs=["member:17"])
    for number in range(3):
        books.queued(f"order:shop_main:{number}", "held", code="needs", needs=["customer:17", "product:shop_main:1"])

    notice(road, "run")
    assert books.one().record == "member 17"
    assert books.one().cause.endswith(" 4 more wait for it.")


@pytest.mark.req("OPS-1", "OPS-2")
def test_a_refused_store_holds_a_whole_shop_and_is_one_exception(books: Books, road: Road) -> None:
    books.queued("store:main", "rejected")
    held = """
        insert into delivery.outbox
            (account, pair, kind, object_id, vendor_key, row, operation, payload, hash, needs, priority, run_id, state,
             queued_at, code)
        select 'list_main', 'shop_to_list', kind, kind || ':' || number, 'v', 'state', 'create', '{}', '', array[need],
               1, 'r', 'held', %(now)s, 'needs'
          from generate_series(1, 20000) as number,
               lateral (values ('customer', 'store:main'), ('order', 'customer:' || number)) as queued (kind, need)
    """
    books.do(held)

    assert notice(road, "run") == {"open": 1, "opened": 1, "closed": 0}
    assert books.one().cause.endswith(" 40000 more wait for it.")


@pytest.mark.req("OPS-1")
def test_what_waits_for_another_pair_s_object_stands_for_itself(books: Books, road: Road) -> None:
    words = "waits for store:main, which was rejected"
    books.queued("customer:17", "held", code="needs", needs=["store:main"], words=words)

    notice(road, "run")
    assert books.one().cause == f"It is held back: {words}."


@pytest.mark.req("OPS-1")
def test_an_order_is_called_by_its_number_and_an_unanswered_one_is_said_to_be_so(books: Books, road: Road) -> None:
    person = books.person()
    books.do(ORDER, person=person)
    books.queued("order:shop_main:o10231", "unknown", person=person)

    notice(road, "run")
    assert books.one().record == "order 10231"
    assert "never answered" in books.one().cause


@pytest.mark.req("OPS-1", "CON-3")
def test_an_opt_out_that_the_source_refuses_is_open_until_it_reads_opted_out(books: Books, road: Road) -> None:
    person = books.person()
    books.do(CUSTOMER, person=person, opted_in=True, opted_out_at=None)
    books.queued(
        "customer_consent:77", "rejected", account="shop_main", person=person, operation="opt_out", words="locked"
    )

    notice(road, "run")
    assert (books.one().record, books.one().cause) == ("customer consent 77", "Shop refuses it: locked.")
    books.do("update people.customer set opted_in = false")
    notice(road, "run")
    assert books.open() == []


@pytest.mark.req("OPS-1", "REC-1")
def test_what_the_newest_read_back_found_is_open_and_no_older_finding_is(books: Books, road: Road) -> None:
    finding = """
        insert into reconcile.finding
        values (%(run)s, 'shop_to_list', %(kind)s, %(key)s, %(verdict)s, %(fields)s, %(now)s)
    """
    ended = """
        insert into road.step (run_id, step, state, started_at, finished_at)
        values (%(run)s, 'reconcile', 'done', %(now)s, %(now)s + %(after)s)
    """
    for number, name in enumerate(("first", "second")):
        open_run(road, name, RunRequest())
        books.do(ended, run=name, after=timedelta(hours=number))
    books.do(finding, run="first", kind="member", key="old", verdict="missing", fields=[])
    books.do(finding, run="second", kind="product", key="55", verdict="different", fields=["title"])
    books.do(finding, run="second", kind="product", key="56", verdict="extra", fields=[])

    notice(road, "second")
    found = {entry.subject: entry for entry in books.open()}
    assert set(found) == {"reconcile.different", "reconcile.extra"}
    assert found["reconcile.different"].record == "product 55"
    assert found["reconcile.different"].cause == "List holds other values than were sent: title."


@pytest.mark.req("CON-3", "CON-5", "OPS-1")
@pytest.mark.parametrize("policy", ["raise", "apply"])
def test_an_opt_out_at_the_source_is_raised_to_marketing_where_the_pair_says_so(
    database: Database, policy: str
) -> None:
    books, road = Books(database), road_to(database, MemoryShop(Hands()), consent={"source_opt_out": policy})
    person = books.person()
    books.do(CUSTOMER, person=person, opted_in=False, opted_out_at=NOON)
    books.do("""
        insert into consent.mirror (account, email, vendor_key, status, seen_at)
        values ('list_main', 'anna@mail.test', 'k', 'subscribed', %(now)s)
    """)

    notice(road, "run")
    if policy == "apply":
        assert books.open() == []
        return
    found = books.one()
    assert (found.subject, found.record, found.owner) == ("consent.source_opt_out", "customer 77", "marketing")
    assert "since 2026-05-01 12:00 UTC" in found.cause

    books.do("update consent.mirror set status = 'unsubscribed'")
    notice(road, "run")
    assert books.open() == []


@pytest.mark.req("CON-5")
def test_a_contact_that_was_created_as_subscribed_counts_before_it_was_ever_read(books: Books, road: Road) -> None:
    person = books.person()
    books.do(CUSTOMER, person=person, opted_in=False, opted_out_at=NOON)
    notice(road, "run")
    assert books.open() == []

    books.do("""
        insert into consent.proof (account, email, pair, source, record_key, seen_at, created_at, run_id)
        values ('list_main', 'anna@mail.test', 'shop_to_list', 'shop_main', '77', %(now)s, %(now)s, 'r')
    """)
    notice(road, "run")
    assert books.one().record == "customer 77"


@pytest.mark.req("OPS-1", "QUA-1")
def test_what_can_t_be_read_from_the_source_is_named(books: Books, road: Road) -> None:
    books.do("insert into stage.refused values ('shop_main', 'returns', 'r9', 'no currency', 'r', %(now)s)")
    books.do("insert into stage.refused values ('other_shop', 'returns', 'r9', 'no currency', 'r', %(now)s)")

    notice(road, "run")
    assert books.one().record == "return r9"
    assert "no currency" in books.one().cause


@pytest.mark.req("OPS-1", "OPS-3")
def test_a_failed_run_is_open_until_one_of_its_sort_ends_well(
    books: Books, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(road: Road, run_id: str) -> dict[str, Any]:
        raise CredentialsError("the token has expired", fix="Make a new one.")

    def steps(**others: Step) -> None:
        monkeypatch.setattr(run, "function_of", lambda name: others.get(name, lambda *_: {}))

    steps(seal=refuse)
    with pytest.raises(CredentialsError):
        run_pair(road, "first")
    found = books.one()
    assert (found.subject, found.record) == ("run.failed", "live run")
    assert found.cause.startswith("Step seal failed: the token has expired")
    assert "Make a new one." in found.cause

    steps()
    road.clock.on(minutes=5)  # type: ignore[attr-defined]
    report = run_pair(road, "second")
    assert report["exceptions"] == {"open": 0, "opened": 0, "closed": 1}
    assert registry.function_of("seal") is not None


@pytest.mark.req("OPS-1", "OPS-5")
def test_a_dry_run_opens_and_closes_nothing(books: Books, road: Road) -> None:
    books.set_aside("o1", "order_email")
    open_run(road, "dry", RunRequest(dry_run=True))

    assert close_run(road, "dry")["exceptions"] == {}
    assert books.open() == []


@pytest.mark.req("OPS-1")
def test_an_exception_keeps_its_time_and_one_that_comes_back_is_a_new_one(books: Books, road: Road) -> None:
    books.set_aside("o1", "order_email")
    notice(road, "run")
    opened = books.one()
    road.clock.on(days=1)  # type: ignore[attr-defined]
    notice(road, "run")
    assert books.one() == opened

    books.do("delete from quality.quarantine")
    notice(road, "run")
    books.set_aside("o1", "order_email")
    notice(road, "run")
    assert books.one().exception_id != opened.exception_id
    assert books.one().opened_at == NOON + timedelta(days=1)
    with books.database.connection() as connection:
        history = entries(connection, closed=True)
    assert [entry.closed_at for entry in history] == [NOON + timedelta(days=1), None]


@pytest.mark.req("OPS-1")
def test_exceptions_of_other_families_and_other_pairs_are_left_alone(books: Books, road: Road) -> None:
    for pair, subject in (("shop_to_list", "volume.unusual"), ("other", "rule.order_email")):
        with books.database.connection() as connection:
            gather(connection)
            connection.execute("insert into wrong values (%s, 'r', 'c', 'cx', 'n')", (subject,))
            settle(connection, pair, [subject.partition(".")[0]], run_id="run", now=NOON)

    assert notice(road, "run") == {"open": 0, "opened": 0, "closed": 0}
    assert {(entry.pair, entry.subject) for entry in books.open()} == {
        ("shop_to_list", "volume.unusual"),
        ("other", "rule.order_email"),
    }


@pytest.fixture(scope="module")
def shop(server: EmbeddedServer, template: str) -> Iterator[MailchimpShop]:
    with told_shop(server, template) as told:
        yield told


def records(shop: MailchimpShop) -> set[str]:
    with shop.road.database.connection() as connection:
        return {entry.record for entry in entries(connection)}


@pytest.mark.req("OPS-1", "QUA-3")
def test_exceptions_close_by_themselves_once_the_source_is_put_right(shop: MailchimpShop) -> None:
    (refused,) = records(shop) - {"order 103", "order 106"}
    assert refused == f"customer {FAKE.customer_id} (member)"

    shop.pass_time(hours=1)
    at, email = shop.clock() - timedelta(minutes=5), "carla@mail.test"
    orders = [tales.order(at, number, FAKE, email=email) for number in (104, 105)]
    shop.tell(tales.corrected(FAKE, at, email=email), *orders)
    assert shop.run()["exceptions"] == {"open": 2, "opened": 0, "closed": 1}
    assert records(shop) == {"order 103", "order 106"}


@pytest.mark.req("OPS-1", "REC-1")
@pytest.mark.parametrize("few", [2_000, 0], ids=["of few objects", "of many objects"])
def test_a_difference_stays_open_until_it_was_read_again_and_is_right(
    shop: MailchimpShop, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("compare", "reading"):
        monkeypatch.setattr(f"retail_sync.reconcile.{module}._FEW", few)
    shop.change_pair(reconcile={"sample": 1})
    title = shop.store()["products"]["7"]["title"]
    shop.say("PATCH", "{store}/products/7", {"title": "Changed by hand"})
    for _ in range(20):
        shop.pass_time(minutes=5)
        shop.run()
        if "product 7" in records(shop):
            break
    for _ in range(3):
        shop.pass_time(minutes=5)
        shop.run()
        assert "product 7" in records(shop)

    shop.say("PATCH", "{store}/products/7", {"title": title})
    shop.pass_time(minutes=5)
    shop.run()
    assert "product 7" not in records(shop)
