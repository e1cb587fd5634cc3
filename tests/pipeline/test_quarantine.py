"""What rules set aside goes on: released or corrected by a person, mended at the source, or right by other rules."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from retail_sync.cli.main import app
from retail_sync.errors import StopError
from retail_sync.sandbox.world.events import CustomerKnown, OrderPlaced
from tests.oracle.terms import Json, Terms

from .beginnings import Beginnings
from .mailchimp_shop import PAIR, MailchimpShop
from .tales import HOME, corrected, customer, order, product, sent
from .test_shipments import learn_carrier

pytestmark = pytest.mark.usefixtures("sql_alone")

#: Nothing that the shop gives away is told, unless somebody has looked.
GIFTS_WAIT: Json = {"order_total_zero": {"effect": "hold_record"}}


@pytest.fixture
def buyer(shop: MailchimpShop, beginnings: Beginnings) -> CustomerKnown:
    return beginnings.begin(shop, with_a_buyer)


def with_a_buyer(shop: MailchimpShop) -> CustomerKnown:
    buyer = customer(shop.clock(), 1, "buyer@mail.test")
    shop.tell(product(shop.clock()), buyer)
    shop.sync()
    return buyer


def call(shop: MailchimpShop, *words: str) -> str:
    """A command as a person types it."""
    answer = CliRunner().invoke(app, list(words), env={"COLUMNS": "400", "NO_COLOR": "1", **shop.environment()})
    assert answer.exit_code == 0, answer.output
    return answer.output


def refused(shop: MailchimpShop, *words: str) -> str:
    """A command that ends with something to mend."""
    answer = CliRunner().invoke(app, list(words), env={"COLUMNS": "400", "NO_COLOR": "1", **shop.environment()})
    assert answer.exit_code == 2, answer.output
    return answer.output


def aside(shop: MailchimpShop) -> set[tuple[str, str]]:
    """What is set aside: records and rules."""
    found: list[Json] = json.loads(call(shop, "quarantine", "list", PAIR, "--json"))
    return {(one["record"], one["rule"]) for one in found if not one["released_at"]}


def acts(shop: MailchimpShop) -> list[tuple[str, str, str, str]]:
    """What people did: who, what, to which record, why."""
    with shop.road.database.connection() as connection:
        return connection.execute("select who, what, record, because from ops.act order by act_id").fetchall()


def gift(shop: MailchimpShop, number: int, buyer: CustomerKnown) -> OrderPlaced:
    """An order that costs nothing."""
    placed = order(shop.clock(), number, buyer, shipping=Decimal(0))
    return replace(placed, lines=tuple(replace(line, unit_price=Decimal(0)) for line in placed.lines))


def held_order(shop: MailchimpShop, buyer: CustomerKnown, number: int = 501) -> None:
    """An order that costs nothing and is set aside."""
    shop.change_pair(rules=GIFTS_WAIT)
    shop.tell(gift(shop, number, buyer))
    shop.sync()
    assert aside(shop) == {(f"order {number}", "order_total_zero")}
    assert str(number) not in shop.store()["orders"]


@pytest.mark.req("QUA-3", "SEC-3", "DAG-2")
def test_what_a_person_releases_goes_with_the_next_run(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    held_order(shop, buyer)
    said = call(
        shop, "quarantine", "release", PAIR, "orders", "501", "--rule", "order_total_zero", "--because", "a gift",
        "--as", "kim",
    )  # fmt: skip
    assert "Released: order 501" in said
    assert acts(shop) == [("kim", "release", "order 501", "a gift")]
    shop.pass_time(minutes=5)
    shop.run(run_id="after")
    assert shop.order(501)["order_total"] == "0.00"
    shop.go_on("after")
    shop.sync()
    assert shop.writes == 0, "a cleared run and a second one change nothing"
    assert aside(shop) == set()
    assert "kim has released it already" in refused(
        shop, "quarantine", "release", PAIR, "orders", "501", "--rule", "order_total_zero", "--because", "again"
    )


@pytest.mark.req("QUA-3")
def test_a_release_is_of_what_was_seen_and_not_of_what_comes_after(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    held_order(shop, buyer)
    held = gift(shop, 501, buyer)
    call(shop, "quarantine", "release", PAIR, "--all", "--rule", "order_total_zero", "--because", "gifts of the week")
    shop.tell(sent(shop.clock(), held))
    shop.sync()
    shop.night()
    assert aside(shop) == {("order 501", "order_total_zero")}, "it has changed since, and is judged anew"
    shop.change_pair(rules={"order_total_zero": {"effect": "warn"}})
    shop.sync()
    assert "501" in shop.store()["orders"]


@pytest.mark.req("QUA-3", "SEC-3", "OPS-1")
def test_a_correction_stands_until_the_source_says_something_else(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    wrong = customer(shop.clock(), 2, "dan at mail.test")
    shop.tell(wrong)
    shop.sync()
    assert aside(shop) == {("customer 2", "customer_email")}

    said = call(
        shop, "quarantine", "correct", PAIR, "customers", "2", "--set", "email=dan@mail.test", "--because", "by phone"
    )
    assert "Corrected: customer 2, email" in said
    assert "dan@" not in said
    shop.sync()
    assert aside(shop) == set()
    assert shop.member("dan@mail.test")["merge_fields"]["FNAME"] == "Åsa"
    # It is read again as it was, and nothing changes.
    shop.run(full_refresh=True)
    assert shop.writes == 0

    shop.tell(corrected(wrong, shop.clock(), first_name="Dan"))
    shop.sync()
    assert aside(shop) == {("customer 2", "customer_email")}
    (ended,) = [one for one in exceptions(shop) if one["record"] == "customer 2" and "by hand" in one["cause"]]
    assert (ended["owner"], "correction of email" in ended["cause"]) == ("cx", True)

    shop.tell(corrected(wrong, shop.clock(), first_name="Dan", email="dan@mail.test"))
    shop.sync()
    assert aside(shop) == set()
    assert exceptions(shop) == []
    assert shop.member("dan@mail.test")["merge_fields"]["FNAME"] == "Dan"
    assert [what for _, what, _, _ in acts(shop)] == ["correct"]


def exceptions(shop: MailchimpShop) -> list[Json]:
    """What is wrong now."""
    found: list[Json] = json.loads(call(shop, "exceptions", "--json"))
    return found


@pytest.mark.req("QUA-3")
def test_a_correction_can_be_taken_back_and_is_judged_like_everything_else(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    shop.tell(customer(shop.clock(), 2, "dan at mail.test"))
    shop.sync()
    words = ("quarantine", "correct", PAIR, "customers", "2", "--because", "a guess", "--set")
    call(shop, *words, "email=still no address")
    shop.sync()
    assert aside(shop) == {("customer 2", "customer_email")}
    call(shop, *words, "email=dan@mail.test")
    call(shop, "quarantine", "uncorrect", PAIR, "customers", "2", "--because", "it was not his")
    shop.sync()
    assert aside(shop) == {("customer 2", "customer_email")}
    assert "dan@mail.test" not in shop.emails()
    assert [what for _, what, _, _ in acts(shop)] == ["correct", "correct", "uncorrect"]


@pytest.mark.req("QUA-3")
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("colour=red", "colour is nothing that can be set"),
        ("address=Umeå", "address is nothing that can be set"),
        ("key=7", "key can't be changed"),
        ("registered=perhaps", "Expected `bool`"),
        ("birthdate=tomorrow", "it can't be"),
        ("updated_at=2026-05-01T08:00:00", "must be a time"),
        ("email=buyer@mail.test", "it says that already"),
        ("email", "is not set to anything"),
    ],
)
def test_what_cannot_be_is_refused(shop: MailchimpShop, buyer: CustomerKnown, change: str, why: str) -> None:
    answer = refused(shop, "quarantine", "correct", PAIR, "customers", "1", "--set", change, "--because", "a try")
    assert why in answer
    assert acts(shop) == []


@pytest.mark.req("QUA-3")
def test_what_is_mended_at_the_source_goes_by_itself(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    wrong = customer(shop.clock(), 2, "dan at mail.test", newsletter=True)
    shop.tell(wrong)
    shop.sync()
    assert aside(shop) == {("customer 2", "customer_email")}
    shop.tell(corrected(wrong, shop.clock(), email="dan@mail.test"))
    shop.sync()
    assert aside(shop) == set()
    assert shop.member("dan@mail.test")["status"] == "subscribed"


@pytest.mark.req("QUA-3", "QUA-1")
def test_what_is_right_by_other_rules_goes_by_itself(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    held_order(shop, buyer)
    shop.change_pair(rules={"order_total_zero": {"effect": "warn"}})
    shop.sync()
    assert aside(shop) == set()
    assert shop.order(501)["order_total"] == "0.00"


@pytest.mark.req("QUA-3", "SHP-1")
def test_a_parcel_goes_when_its_carrier_is_known_though_its_order_is_not_read_again(
    shop: MailchimpShop, buyer: CustomerKnown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = order(shop.clock(), 501, buyer)
    parcel = sent(shop.clock(), placed, carrier="Cykelbudet", service="Same day", tracking_number="CB-1")
    shop.tell(placed, parcel)
    shop.sync()
    assert aside(shop) == {("order 501", "order_tracking_url")}
    # What is corrected meanwhile stays corrected.
    call(shop, "quarantine", "correct", PAIR, "orders", "501", "--set", "campaign=spring", "--because", "by mail")
    shop.pass_time(hours=2)
    shop.sync()

    shop.terms = Terms(carriers={"cykelbudet": "cykelbudet"})
    learn_carrier(tmp_path, monkeypatch)
    shop.change_pair()
    report = shop.sync()
    assert report["streams"]["orders"]["extracted"] == 0
    assert report["steps"]["seal"]["parcels_followed"] == 1
    assert shop.order(501)["tracking_url"] == "https://cykelbudet.test/CB-1"
    assert aside(shop) == set()
    versions = staged_versions(shop)

    report = shop.sync()
    assert "parcels_followed" not in report["steps"]["seal"]
    shop.night()
    assert staged_versions(shop) == versions, "what the source gives now is what was made of it"
    shown = call(shop, "quarantine", "show", PAIR, "orders", "501")
    assert "spring" in shown
    assert "in force" in shown


def staged_versions(shop: MailchimpShop) -> list[tuple[int]]:
    with shop.road.database.connection() as connection:
        return connection.execute("select version_id from stage.version where stream = 'orders'").fetchall()


@pytest.mark.req("QUA-3", "SEC-3")
def test_a_record_is_shown_masked_and_whoever_looks_behind_that_is_noted(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    masked = call(shop, "quarantine", "show", PAIR, "customers", "1")
    assert "b…@mail.test" in masked
    assert "Stockholm" in masked
    assert not [secret for secret in ("buyer@", "Åsa", "Götgatan", "+4670", "116 46") if secret in masked]
    assert acts(shop) == []
    refused(shop, "quarantine", "show", PAIR, "customers", "1", "--unmask")
    plain = call(
        shop, "quarantine", "show", PAIR, "customers", "1", "--unmask", "--because", "she called", "--as", "kim"
    )
    assert "buyer@mail.test" in plain
    assert acts(shop) == [("kim", "unmask", "customer 1", "she called")]


@pytest.mark.req("QUA-3", "ORD-2")
def test_what_is_excluded_or_not_there_is_not_released(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    shop.tell(order(shop.clock(), 501, buyer, affiliate="zalando"))
    shop.sync()
    assert aside(shop) == set()
    words = ("quarantine", "release", PAIR, "orders")
    because = ("--because", "a try")
    assert "no failure" in refused(shop, *words, "501", "--rule", "order_marketplace", *because)
    assert "does not set it aside" in refused(shop, *words, "501", "--rule", "order_email", *because)
    assert "there is no order of that key" in refused(shop, *words, "777", "--rule", "order_email", *because)
    assert "no reason was given" in refused(shop, *words, "501", "--rule", "order_email", "--because", " ")
    assert "not said which" in refused(shop, "quarantine", "release", PAIR, "--rule", "order_email", *because)
    shop.night()
    assert "501" not in shop.store()["orders"]


@pytest.mark.req("QUA-1")
def test_a_batch_that_is_bad_throughout_stops_before_anything_is_sent(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    shop.tell(*(order(shop.clock(), number, buyer, email="nobody at all") for number in range(501, 513)))
    shop.pass_time(minutes=5)
    with pytest.raises(StopError, match="12 of 12 orders fail the rule order_email"):
        shop.run(run_id="bad")
    assert shop.writes == 0
    assert [one["cause"] for one in exceptions(shop) if one["record"] == "live run"] != []


@pytest.mark.req("QUA-1", "CUS-1")
def test_a_value_that_its_field_cannot_take_stays_out_and_the_contact_goes(
    shop: MailchimpShop, buyer: CustomerKnown
) -> None:
    fields = shop.road.pair.mapping.model_dump(mode="json")["fields"]
    fields["SHOP"] = {"value": "address.city", "type": "dropdown", "choices": ["Göteborg", "Umeå"]}
    fields["SITE"] = {"value": "phone", "type": "url"}
    shop.change_pair(mapping={"fields": fields})
    moved = customer(shop.clock(), 2, "dan@mail.test", home=replace(HOME, city="Umeå", phone="https://dan.test/å"))
    shop.tell(moved)
    shop.sync()
    assert aside(shop) == {("customer 1", "customer_field_unfit")}
    held, fits = shop.member("buyer@mail.test")["merge_fields"], shop.member("dan@mail.test")["merge_fields"]
    assert (held["SHOP"], held["SITE"], held["FNAME"]) == ("", "", "Åsa")
    assert (fits["SHOP"], fits["SITE"]) == ("Umeå", "https://dan.test/å")
    (told,) = exceptions(shop)
    assert (told["record"], told["owner"]) == ("customer 1", "marketing")
    assert "Here: SHOP, SITE." in told["cause"]
    words = ("quarantine", "release", PAIR, "customers", "1", "--rule", "customer_field_unfit", "--because", "a try")
    assert "would refuse it" in refused(shop, *words)
    right = ("--set", "address.city=Göteborg", "--set", "phone=", "--set", "address.phone=")
    call(shop, "quarantine", "correct", PAIR, "customers", "1", "--because", "by phone", *right)
    shop.sync()
    assert aside(shop) == set()
    assert shop.member("buyer@mail.test")["merge_fields"]["SHOP"] == "Göteborg"
    shop.wrong = [
        "city of buyer@mail.test is 'Göteborg', not 'Stockholm'",
        "phone of buyer@mail.test is '', not '+46700000000'",
    ]
