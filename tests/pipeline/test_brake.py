"""The brake: a plan that is far from the usual waits for a person, and opt-outs never do."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from retail_sync.cli.main import app
from retail_sync.delivery.brake import decide
from retail_sync.operate.trace import trace
from retail_sync.sandbox.world.events import ContactLeft, CustomerKnown

from .beginnings import Beginnings
from .mailchimp_shop import PAIR, MailchimpShop
from .tales import corrected, customer, order, product

pytestmark = pytest.mark.usefixtures("sql_alone")


@pytest.fixture
def buyers(shop: MailchimpShop, beginnings: Beginnings) -> list[CustomerKnown]:
    """Twenty people with an order each, of a pair that has been at work for a while."""
    return beginnings.begin(shop, with_twenty_buyers)


def with_twenty_buyers(shop: MailchimpShop) -> list[CustomerKnown]:
    buyers = [customer(shop.clock(), number, f"buyer{number}@mail.test", newsletter=True) for number in range(1, 21)]
    placed = (order(shop.clock(), 500 + buyer.customer_id, buyer) for buyer in buyers)
    shop.tell(product(shop.clock()), *buyers, *placed)
    shop.sync()
    return buyers


def rename_all(shop: MailchimpShop, buyers: list[CustomerKnown]) -> None:
    shop.tell(*(corrected(buyer, shop.clock(), first_name="NULL") for buyer in buyers))
    shop.pass_time(minutes=5)


def first_names(shop: MailchimpShop) -> set[str]:
    (audience,) = shop.destination.state()["lists"].values()
    return {member["merge_fields"]["FNAME"] for member in audience["members"]}


@pytest.mark.req("DAG-8", "OPS-1")
def test_a_plan_far_from_the_usual_waits_and_goes_when_somebody_says_so(
    shop: MailchimpShop, buyers: list[CustomerKnown], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.change_pair(brake={"rows": 10})
    rename_all(shop, buyers)
    report = shop.run(run_id="odd")
    assert report["state"] == "closed", "rows wait, and no run does"
    assert first_names(shop) == {"Åsa"}
    held = report["steps"]["plan"]["held"]
    assert held.startswith("The run would change 40 objects where")
    (raised,) = shop.query("select record, cause, owner, next_step from exceptions.entry where subject = 'brake.held'")
    assert raised[:3] == ("run odd", f"{held} It would send 20 x customer update, 20 x member update.", "operations")
    assert f"retail-sync approve {PAIR} odd" in raised[3]

    monkeypatch.setenv("RETAIL_SYNC_DSN", shop.dsn)
    approve = ["approve", PAIR, "odd", "--because", "renamed on purpose"]
    answer = CliRunner().invoke(app, approve)
    assert (answer.exit_code, "20 x member update" in answer.output) == (0, True)
    shop.run()
    assert first_names(shop) == {"NULL"}
    decided = shop.query("select decision, decided_by is not null, decided_at is not null from delivery.brake")
    assert decided == [("approved", True, True)]
    assert shop.query("select 1 from exceptions.entry where subject = 'brake.held' and closed_at is null") == []
    assert CliRunner().invoke(app, approve).exit_code == 2, "it is decided"


@pytest.mark.req("DAG-8", "OPS-4", "SEC-3")
def test_what_is_rejected_stays_away_until_it_says_something_else(
    shop: MailchimpShop, buyers: list[CustomerKnown], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.change_pair(brake={"rows": 10})
    rename_all(shop, buyers)
    shop.run(run_id="odd")
    monkeypatch.setenv("RETAIL_SYNC_DSN", shop.dsn)
    why = ("--because", "nobody is called so", "--as", "somebody")
    assert CliRunner().invoke(app, ["reject", PAIR, "odd", *why[:1], " "]).exit_code == 2, "it needs a reason"
    answer = CliRunner().invoke(app, ["reject", PAIR, "odd", *why])
    assert (answer.exit_code, "Rejected: 40 rows" in answer.output) == (0, True)
    assert shop.query("select who, what, record, because from ops.act") == [
        ("somebody", "reject", "run odd", "nobody is called so")
    ]
    told = [item.what for item in trace(shop.road.database, buyers[0].email) if item.step == "decided"]
    assert set(told) == {"plan of run odd: reject by somebody: nobody is called so"}
    shop.run()
    assert first_names(shop) == {"Åsa"}
    dropped = shop.query("select count(*), min(words) from delivery.audit where result = 'dropped'")
    assert dropped == [(40, "rejected by somebody")]
    shop.run(full_refresh=True)
    assert first_names(shop) == {"Åsa"}
    shop.tell(*(corrected(buyer, shop.clock(), first_name="Ylva") for buyer in buyers[:5]))
    shop.sync()
    assert first_names(shop) == {"Åsa", "Ylva"}
    shop.wrong = [f"first name of {buyer.email} is 'Åsa', not 'NULL'" for buyer in buyers[5:]]


@pytest.mark.req("DAG-8", "CON-3")
def test_an_opt_out_passes_a_held_plan(shop: MailchimpShop, buyers: list[CustomerKnown]) -> None:
    shop.change_pair(brake={"rows": 10})
    rename_all(shop, buyers)
    shop.run()
    shop.tell(ContactLeft(at=shop.clock(), email=buyers[0].email))
    shop.sync()
    (left,) = (record for record in shop.books()["customers"] if record["id"] == buyers[0].customer_id)
    assert left["newsletter"] is False
    shop.wrong = [f"first name of {buyer.email} is 'Åsa', not 'NULL'" for buyer in buyers]


@pytest.mark.req("DAG-8", "DAG-2")
def test_a_first_load_waits_if_the_pair_says_so_and_nothing_goes_live_meanwhile(shop: MailchimpShop) -> None:
    shop.change_pair(brake={"first_load": True})
    buyer = customer(shop.clock(), 1, "buyer@mail.test")
    placed = order(shop.clock(), 501, buyer)
    shop.tell(product(shop.clock()), buyer, placed)
    shop.pass_time(minutes=5)
    report = shop.run(run_id="first")
    assert report["steps"]["plan"]["held"].startswith("The first load of ")
    assert (shop.emails(), shop.query("select * from road.live_pair")) == (set(), [])
    shop.go_on("first")
    assert shop.emails() == set(), "a clear is no approval"
    with shop.road.database.connection() as connection:
        decide(connection, PAIR, "first", "approved", by="somebody", now=shop.clock())
    shop.go_on("first")
    assert shop.mails(501) == [], "it is still the past that is loaded"
    assert shop.order(501)["financial_status"] == "paid"
    assert shop.store()["is_syncing"] is False
