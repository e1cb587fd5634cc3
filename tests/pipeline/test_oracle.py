"""The oracle's own test: a sync that is broken on purpose is found out, by name."""

from __future__ import annotations

import ast
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.ports import Page
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.world.events import ContactLeft
from tests import oracle

from .shop import NOON, Shop
from .tales import came_back, customer, order, paid_back, product, sent

pytestmark = pytest.mark.usefixtures("no_site")

_RENE = "rené@mail.test"


def tell_everything(shop: Shop) -> None:
    """Of every kind of thing one, in a shop of which a part was synced before."""
    anna = customer(NOON, 1, "anna@mail.test", newsletter=True)
    bea, cleo = customer(NOON, 2, "bea@mail.test"), customer(NOON, 3, "cleo@mail.test", newsletter=True)
    reseller, rene = customer(NOON, 4, "buyer@reseller.test"), customer(NOON, 5, _RENE)
    shop.tell(product(NOON), product(NOON, 8), anna, bea, cleo, rene)
    shop.sync()
    returned_from = order(NOON, 502, anna, [(7, 3)])
    parcels = [order(NOON, 501, anna, [(7, 2), (8, 1)]), returned_from, order(NOON, 503, bea)]
    unfollowed = order(NOON, 504, cleo)
    shop.tell(
        reseller, *parcels, unfollowed, order(NOON, 505, reseller, store_type="WHOLESALE"), order(NOON, 506, rene)
    )
    shop.tell(*(sent(NOON, parcel) for parcel in parcels))
    shop.tell(sent(NOON, unfollowed, carrier="Cykelbudet"))
    returned = came_back(NOON, returned_from, 1)
    shop.tell(returned, paid_back(NOON, returned_from, "100.00", made=returned))
    shop.sync()


@pytest.fixture(scope="module")
def synced(centra: SandboxControl, mailchimp: SandboxControl, server: EmbeddedServer, template: str) -> Iterator[Shop]:
    """A shop that all tests of this module share, each breaking something more of it."""
    centra.reset()
    mailchimp.reset()
    shop = Shop(centra, mailchimp, server.create_database("oracle", template))
    tell_everything(shop)
    assert shop.differences() == []
    yield shop
    shop.close()
    server.drop_database("oracle")


def member(shop: Shop, name: str) -> str:
    return f"{{list}}/members/{shop.member(f'{name}@mail.test')['id']}"


def change_member(name: str, **fields: Any) -> Callable[[Shop], object]:
    return lambda shop: shop.say("PATCH", member(shop, name), {"merge_fields": fields})


def change_order(number: int, **fields: Any) -> Callable[[Shop], object]:
    return lambda shop: shop.say("PATCH", f"{{store}}/orders/{number}", fields)


def delete(path: str) -> Callable[[Shop], object]:
    return lambda shop: shop.say("DELETE", path)


def all_of(*breaks: Callable[[Shop], object]) -> Callable[[Shop], object]:
    return lambda shop: [one(shop) for one in breaks]


def set_status(name: str, status: str) -> Callable[[Shop], object]:
    return lambda shop: shop.say("PATCH", member(shop, name), {"status": status})


def add_contact(email: str) -> Callable[[Shop], object]:
    return lambda shop: shop.say("POST", "{list}/members", {"email_address": email, "status": "transactional"})


def add_reseller_order(shop: Shop) -> None:
    held = shop.order(503)
    line = {name: held["lines"][0][name] for name in ("id", "product_id", "product_variant_id", "quantity", "price")}
    body = {"id": "505", "customer": {"id": held["customer"]["id"]}, "currency_code": "SEK", "lines": [line]}
    shop.say("POST", "{store}/orders", {**body, "order_total": 149})


def move_order(shop: Shop) -> None:
    shop.say("PATCH", "{store}/orders/501", {"customer": {"id": shop.order(503)["customer"]["id"]}})


BROKEN: dict[str, tuple[Callable[[Shop], object], list[str]]] = {
    "a refund is lost": (
        change_order(502, order_total=349),
        ["order 502: order_total is 349, not 249.00"],
    ),
    "a stale total": (
        change_member("bea", LTV=1, ORDERS=2, AVGORDER=3, LASTORD="2025-01-01", FIRSTORD="2025-01-01"),
        [
            "lifetime value of bea@mail.test is 1, not 149.00",
            "order count of bea@mail.test is 2, not 1",
            "average order of bea@mail.test is 3, not 149.00",
            "first order of bea@mail.test is '2025-01-01', not '2026-03-02'",
            "last order of bea@mail.test is '2025-01-01', not '2026-03-02'",
        ],
    ),
    "a wrong buyer": (
        change_member("anna", BUYER="vip"),
        ["buyer state of anna@mail.test is 'vip', not 'repeat'"],
    ),
    "a contact doubled": (
        add_contact(unicodedata.normalize("NFD", _RENE)),
        [f"contact doubled: {_RENE} is there 2 times", "of rené@mail.test is"],
    ),
    "a reseller becomes a contact": (
        add_contact("buyer@reseller.test"),
        ["contact too many: buyer@reseller.test has only orders of resellers or marketplaces"],
    ),
    "a stranger becomes a contact": (
        add_contact("stranger@mail.test"),
        ["contact too many: stranger@mail.test is nobody the shop knows"],
    ),
    "subscribed without a yes": (
        set_status("bea", "subscribed"),
        ["consent: bea@mail.test is subscribed and never said yes"],
    ),
    "an opt-out that the shop does not learn of": (
        lambda shop: shop.tell(ContactLeft(at=shop.clock(), email="cleo@mail.test")),
        ["consent: cleo@mail.test has left and record 3 of the shop still says yes"],
    ),
    "an opt-out is ignored": (
        all_of(set_status("anna", "unsubscribed"), set_status("anna", "subscribed")),
        ["consent: anna@mail.test has left and is subscribed again"],
    ),
    "an order of a reseller": (
        add_reseller_order,
        [
            "order too many: 505 was sold by a reseller or a marketplace",
            "customer bea@mail.test has 2 orders in the store, not 1",
        ],
    ),
    "tracking is lost": (
        change_order(501, tracking_number="", tracking_url="", tracking_carrier=""),
        [
            "order 501: tracking number is '', not '0057313243986501'",
            "order 501: carrier is '', not 'PostNord'",
            "order 501: '' does not lead to parcel 0057313243986501",
        ],
    ),
    "a parcel that nobody can follow is told": (
        change_order(504, fulfillment_status="shipped", tracking_number="CB-1"),
        [
            "order 504: fulfillment_status is 'shipped', not ''",
            "order 504: tracking_number is 'CB-1', not empty",
            "mail shipping_confirmation about order 504: a parcel of it can't be followed",
            "mail shipping_confirmation about order 504: it shows parcel 'CB-1'",
        ],
    ),
    "a refund is told that never was": (
        change_order(503, financial_status="refunded"),
        [
            "order 503: financial_status is 'refunded', not 'paid'",
            "mail refund_confirmation about order 503: nothing was paid back",
        ],
    ),
    "a mail goes out twice": (
        all_of(change_order(502, fulfillment_status=""), change_order(502, fulfillment_status="shipped")),
        ["mail shipping_confirmation about order 502 went out 2 times"],
    ),
    "a wrong quantity": (
        change_order(503, lines=[{"id": "50300", "quantity": 2}]),
        ["order 503: lines are 2 x P7-S at 100.00, not 1 x P7-S at 100.00"],
    ),
    "a line is lost": (
        delete("{store}/orders/501/lines/50101"),
        ["order 501: lines are 2 x P7-S at 100.00, not 2 x P7-S at 100.00, 1 x P8-S at 100.00"],
    ),
    "an order stands with somebody else": (
        move_order,
        [
            "order 501 stands with another customer than anna@mail.test",
            "customer anna@mail.test has 1 orders in the store, not 2",
            "customer bea@mail.test has 3 orders in the store, not 1",
        ],
    ),
    "an order is missing": (
        delete("{store}/orders/506"),
        ["order missing: 506", f"customer {_RENE} has 0 orders in the store, not 1"],
    ),
    "stale stock and price": (
        lambda shop: shop.say("PATCH", "{store}/products/7/variants/71", {"inventory_quantity": 9, "price": 1}),
        ["price of P7-M is 1, not 100.00", "stock of P7-M is 9, not 5"],
    ),
    "a variant is missing": (
        delete("{store}/products/8/variants/81"),
        ["variant missing: P8-M"],
    ),
}


@pytest.mark.req("REC-1")
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_sync_is_found_out(name: str, synced: Shop) -> None:
    spoil, expected = BROKEN[name]
    before = set(synced.differences())
    spoil(synced)
    found = [line for line in synced.differences() if line not in before]
    unexplained = [line for line in found if not any(text in line for text in expected)]
    unnoticed = [text for text in expected if not any(text in line for line in found)]
    assert (unnoticed, unexplained) == ([], [])


@pytest.mark.req("REC-1")
def test_the_oracle_shares_nothing_with_the_product() -> None:
    for path in Path(oracle.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert {name.name.partition(".")[0] for name in node.names} <= sys.stdlib_module_names
            elif isinstance(node, ast.ImportFrom) and not node.level:
                assert (node.module or "").partition(".")[0] in sys.stdlib_module_names


class Forgetful:
    """A destination that says that orders were delivered, and sends none."""

    def __init__(self, destination: Any) -> None:
        self._destination = destination

    def __getattr__(self, name: str) -> Any:
        return getattr(self._destination, name)

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        if rows[0].kind == "order":
            yield from (Outcome(row_id=row.row_id, verdict="delivered") for row in rows)
        else:
            yield from self._destination.deliver(rows)


class Blind:
    """A source that sees no return."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def extract(self, stream: str, *where: Any) -> Iterator[Page]:
        if stream != "returns":
            yield from self._source.extract(stream, *where)


@pytest.mark.req("REC-1")
def test_a_pair_that_loses_orders_is_found_out(shop: Shop) -> None:
    shop.spoilt = True
    shop.road.destination = Forgetful(shop.road.destination)
    tell_everything(shop)
    missing = [line for line in shop.differences() if line.startswith("order missing")]
    assert len(missing) == 5


@pytest.mark.req("REC-1")
def test_a_pair_that_sees_no_returns_is_found_out(shop: Shop) -> None:
    shop.spoilt = True
    shop.road.source = Blind(shop.road.source)
    tell_everything(shop)
    assert "order 502: lines are 3 x P7-S at 100.00, not 2 x P7-S at 100.00" in shop.differences()


@pytest.mark.req("REC-1")
@pytest.mark.parametrize(
    ("part", "keys", "expected"),
    [
        ("value", {"shipping": False}, "lifetime value of bea@mail.test is 100, not 149.00"),
        ("segments", {"vip_from": "10"}, "buyer state of bea@mail.test is 'vip', not 'new'"),
        (
            "mapping",
            {"order_statuses": {"financial.captured": "pending"}},
            "order 503: financial_status is 'pending', not 'paid'",
        ),
    ],
)
def test_a_pair_that_breaks_its_promise_is_found_out(
    part: str, keys: dict[str, Any], expected: str, shop: Shop
) -> None:
    shop.spoilt = True
    shop.change_pair(**{part: keys})
    tell_everything(shop)
    assert expected in shop.differences()


@pytest.mark.req("ORD-2")
def test_a_pair_that_takes_resellers_for_customers_is_found_out(shop: Shop) -> None:
    shop.spoilt = True
    shop.road.pair.channels[:] = [rule for rule in shop.road.pair.channels if rule.is_ == "dtc"]
    rule = shop.road.pair.channels[0]
    rule.when["store_type"].append("WHOLESALE")
    tell_everything(shop)
    assert "order too many: 505 was sold by a reseller or a marketplace" in shop.differences()
