"""Who is who, what orders are worth, and the facts of people, from records as seal leaves them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.model.moments import is_refunded, moments
from retail_sync.model.people import Listing, Person, SoldOrder
from retail_sync.model.records import Order, Record
from retail_sync.people import views
from retail_sync.people.accept import accept
from retail_sync.people.facts import compute_facts
from retail_sync.people.identity import identify
from retail_sync.people.scope import Scope
from retail_sync.people.stubs import add_stubs
from retail_sync.people.values import value_orders

from .road_rows import NOON, PAIR, customer, line, order, product, refund, returned, sealed

EMAIL = "a@post.test"


class World:
    """A pair's rooms with runs that follow each other."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._runs = 0
        self.pair = PAIR
        self.people: dict[str, Person] = {}
        self.orders: dict[str, SoldOrder] = {}
        self.listings: dict[str, Listing] = {}

    def run(self, *records: Record, verdicts: dict[str, str] | None = None) -> World:
        """Seal these records as a run, accept them, and keep what destinations would be given."""
        self._runs += 1
        scope = Scope(self.pair, f"run{self._runs}", NOON + timedelta(days=self._runs))
        with self._database.connection() as connection:
            sealed(connection, scope.run_id, records, verdicts=verdicts)
            self._recompute(connection, scope)
        return self

    def wish(self, email: str) -> str:
        """What the person of that address wishes."""
        return self.people[email].wish

    def _recompute(self, connection: Connection[Any], scope: Scope) -> None:
        accept(connection, scope)
        identify(connection, scope)
        value_orders(connection, scope)
        add_stubs(connection, scope)
        compute_facts(connection, scope)
        self.people |= {person.email: person for person, _ in views.people(connection, scope)}
        self.orders |= {sold.order.number: sold for sold in views.orders(connection, scope)}
        self.listings |= {listing.product.key: listing for listing in views.listings(connection, scope)}


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.mark.req("ID-1", "ID-2", "ID-3")
def test_records_of_one_address_are_one_person(world: World) -> None:
    world.run(
        customer("c1", "Ann@Post.test ", registered=False, first_name="Guest"),
        customer("c2", "ann@post.test", registered=True, first_name="Ann", opted_in=True),
        order("1", "ann@post.test", line("l1", "100")),
        order("2", "ANN@post.test", line("l1", "50")),
    )
    assert list(world.people) == ["ann@post.test"]
    person = world.people["ann@post.test"]
    assert (person.first_name, person.wish) == ("Ann", "opted_in")
    assert (person.facts.order_count, person.facts.lifetime_value) == (2, Decimal("150.00"))
    assert person.facts.average_order == Decimal("75.00")
    assert person.facts.repeat_skus == ("SKU-l1",)
    assert person.facts.buyer_state == "repeat"


@pytest.mark.req("ORD-3", "ORD-5")
@pytest.mark.parametrize(
    ("back", "payments", "net"),
    [
        ((), (), "300"),
        ((returned("r1", "1", "100"),), (), "200"),
        ((returned("r1", "1", "100", refunds=(refund("p1", "90"),)),), (), "210"),
        ((returned("r1", "1", "100", refunds=(refund("p1", "90"),)),), (refund("p1", "90"),), "210"),
        ((returned("r1", "1", "100", refunds=(refund("p1", "90", succeeded=False),)),), (), "200"),
        ((returned("r1", "1", "100", status="open"),), (), "300"),
        ((returned("r1", "1", "100", status="open", refunds=(refund("p1", "100"),)),), (), "200"),
        ((), (refund("p9", "25"),), "275"),
        ((returned("r1", "1", "100"), returned("r2", "1", "50")), (refund("p9", "25"),), "125"),
    ],
)
def test_each_cause_reduces_once(world: World, back: tuple[Any, ...], payments: tuple[Any, ...], net: str) -> None:
    world.run(order("1", "a@post.test", line("l1", "300", 3), payments=payments), *back)
    assert world.orders["1"].net_total == Decimal(net)
    assert world.people["a@post.test"].facts.lifetime_value == Decimal(net)


GIFT = line("g1", "100", kind="gift_card")
COAT = line("l1", "100")
SENT = order("1", EMAIL, COAT, total="149", shipping=Decimal(49))


@pytest.mark.req("ORD-3", "ORD-6")
@pytest.mark.parametrize(
    ("value", "sold", "back", "left"),
    [
        ({}, order("1", EMAIL, GIFT), "100", ("0", "refunded")),
        ({}, order("1", EMAIL, GIFT, COAT), "100", ("0", "partially_refunded")),
        ({}, order("1", EMAIL, GIFT, COAT), "200", ("0", "refunded")),
        ({}, order("1", EMAIL, GIFT, COAT), "230", ("-30", "refunded")),
        ({"shipping": False}, SENT, "60", ("40", "partially_refunded")),
        ({"shipping": False}, SENT, "120", ("0", "partially_refunded")),
        ({"shipping": False}, SENT, "149", ("0", "refunded")),
        ({"shipping": False}, SENT, "160", ("-11", "refunded")),
        ({"tax": False}, order("1", EMAIL, COAT, tax=Decimal(20)), "50", ("40", "partially_refunded")),
        ({"tax": False}, order("1", EMAIL, GIFT, COAT, tax=Decimal(20)), "50", ("40", "partially_refunded")),
        ({"tax": False}, order("1", EMAIL, GIFT, COAT, tax=Decimal(20)), "200", ("0", "refunded")),
    ],
)
def test_a_refund_takes_off_only_what_counts(
    world: World, value: dict[str, Any], sold: Order, back: str, left: tuple[str, str]
) -> None:
    world.pair = PAIR.model_copy(update={"value": PAIR.value.model_copy(update=value)})
    before = world.run(sold).orders["1"].net_total
    after = world.run(msgspec.structs.replace(sold, payments=(refund("p1", back),))).orders["1"]

    assert (after.net_total, after.gross_total) == (Decimal(left[0]), before)
    assert after.refunded == Decimal(back), "what went back is told as it was, whatever counts"
    assert world.people[EMAIL].facts.lifetime_value == Decimal(left[0])
    assert [moment.state for moment in moments(after) if "refunded" in moment.state] == [f"financial.{left[1]}"]


@pytest.mark.req("ORD-3", "ORD-5")
@pytest.mark.parametrize(("line_key", "net"), [("g1", "100"), ("l1", "0")])
def test_a_gift_card_that_comes_back_takes_nothing_off_the_goods(world: World, line_key: str, net: str) -> None:
    world.run(order("1", EMAIL, GIFT, COAT), returned("r1", "1", "100", line_key, refunds=(refund("p1", "100"),)))
    assert world.orders["1"].net_total == Decimal(net)
    assert not is_refunded(world.orders["1"])


@pytest.mark.req("ORD-3")
def test_a_return_that_is_read_later_corrects_the_order(world: World) -> None:
    world.run(order("1", "a@post.test", line("l1", "300", 3)))
    world.run(returned("r1", "1", "100"))
    assert world.orders["1"].net_total == Decimal(200)
    assert world.orders["1"].returned == {"l1": 1}
    assert world.people["a@post.test"].facts.awaiting_refund
    world.run(returned("r1", "1", "100", refunds=(refund("p1", "100"),)))
    assert world.orders["1"].net_total == Decimal(200)
    assert not world.people["a@post.test"].facts.awaiting_refund


@pytest.mark.req("ORD-3")
def test_cancelled_orders_gift_cards_and_currencies(world: World) -> None:
    world.run(
        order("1", "a@post.test", line("l1", "300"), status="cancelled"),
        order("2", "a@post.test", line("l1", "100"), line("l2", "500", kind="gift_card")),
        order("3", "a@post.test", line("l1", "10"), currency="EUR", rate=Decimal("11.25")),
    )
    facts = world.people["a@post.test"].facts
    assert (facts.order_count, facts.lifetime_value) == (2, Decimal("212.50"))


@pytest.mark.req("ORD-4")
def test_facts_tell_what_was_bought_bought_again_and_is_used_up(world: World) -> None:
    called_off = msgspec.structs.replace(line("b", "10", collection="Gone"), quantity=0, cancelled=1)
    world.run(
        order("1", EMAIL, line("a", "10", 3, collection="Core"), line("b", "10", collection="Wool")),
        order("2", EMAIL, line("a", "10", collection="Core"), line("c", "10"), placed_at=NOON + timedelta(days=2)),
        order("3", EMAIL, called_off, line("d", "10")),
        order("4", EMAIL, line("c", "10", collection="Never"), status="cancelled",
              placed_at=NOON + timedelta(days=9)),
        order("5", EMAIL, line("c", "10", collection="Resold"), placed_at=NOON + timedelta(days=9)),
        customer("c2", "nobody@post.test"),
        verdicts={"o5": "exclude"},
    )  # fmt: skip
    facts, none = world.people[EMAIL].facts, world.people["nobody@post.test"].facts
    assert facts.skus == ("SKU-a", "SKU-b", "SKU-c", "SKU-d")
    assert facts.repeat_skus == ("SKU-a",), "three in one order is bought once; cancelled and resold is not bought"
    assert facts.collections == ("Core", "Wool")
    assert facts.replenishment_due == (NOON + timedelta(days=2 + 30)).date()
    assert (none.skus, none.repeat_skus, none.collections, none.replenishment_due) == ((), (), (), None)


@pytest.mark.req("ORD-4")
def test_nothing_is_ever_due_where_the_pair_says_not_when(world: World) -> None:
    world.pair = PAIR.model_copy(update={"segments": PAIR.segments.model_copy(update={"replenish_after": None})})
    assert world.run(order("1", EMAIL, COAT)).people[EMAIL].facts.replenishment_due is None


@pytest.mark.req("ORD-2")
def test_an_excluded_order_counts_for_nothing_and_makes_no_contact(world: World) -> None:
    world.run(
        customer("c1", "shop@post.test"),
        order("1", "shop@post.test", line("l1", "900")),
        order("2", "ann@post.test", line("l1", "100")),
        order("3", "ann@post.test", line("l1", "700")),
        verdicts={"o1": "exclude", "o3": "exclude"},
    )
    assert list(world.people) == ["ann@post.test"]
    assert world.people["ann@post.test"].facts.lifetime_value == Decimal("100.00")
    assert list(world.orders) == ["2"]


@pytest.mark.req("QUA-1")
def test_a_held_record_keeps_its_last_accepted_version(world: World) -> None:
    world.run(order("1", "a@post.test", line("l1", "100")))
    world.run(order("1", "a@post.test", line("l1", "999")), verdicts={"o1": "hold_record"})
    assert world.people["a@post.test"].facts.lifetime_value == Decimal("100.00")


@pytest.mark.req("SHP-1")
def test_a_held_event_lets_the_revenue_count(world: World) -> None:
    world.run(order("1", "a@post.test", line("l1", "100")), verdicts={"o1": "hold_event"})
    assert world.orders["1"].hold_shipping
    assert world.people["a@post.test"].facts.lifetime_value == Decimal("100.00")


@pytest.mark.req("CON-2", "CON-4")
def test_only_a_customer_record_opts_in_and_a_seen_leaving_ends_it(world: World) -> None:
    world.run(order("1", "a@post.test", line("l1", "100")), customer("c2", "b@post.test", opted_in=True))
    assert world.wish("a@post.test") == "unknown"
    assert world.wish("b@post.test") == "opted_in"
    world.run(customer("c2", "b@post.test", opted_in=False))
    assert world.wish("b@post.test") == "opted_out"


@pytest.mark.req("CAT-2")
def test_products_that_only_orders_know_are_listed(world: World) -> None:
    sold = order("1", "a@post.test", line("l1", "100"), line("l2", "50", product_key="p2", variant_key="v9", sku="X9"))
    world.run(product("p1", "v1"), sold)
    assert set(world.listings) == {"p1", "p2"}
    assert world.listings["p2"].stub
    assert [variant.sku for variant in world.listings["p2"].product.variants] == ["X9"]
    world.run(product("p2", "v8"))
    assert [variant.key for variant in world.listings["p2"].product.variants] == ["v8", "v9"]


@pytest.mark.req("CUS-1")
def test_the_record_changed_last_speaks_among_registered_ones(world: World) -> None:
    world.run(
        customer("c1", "a@post.test", first_name="Old"),
        customer("c2", "a@post.test", first_name="New", updated_at=NOON + timedelta(hours=1)),
        customer("c3", "a@post.test", first_name="Guest", registered=False, updated_at=NOON + timedelta(hours=2)),
    )
    assert world.people["a@post.test"].first_name == "New"
