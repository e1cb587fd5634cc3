"""The oracle's own test: a sync that is broken on purpose is found out, by name."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.reading import Page
from retail_sync.sandbox.client import SandboxControl
from tests import oracle

from .breaks import BROKEN, RENE
from .mailchimp_shop import MailchimpShop
from .shop import NOON, Shop
from .tales import came_back, corrected, customer, order, paid_back, product, sent

pytestmark = pytest.mark.usefixtures("sql_alone")


def tell_everything(shop: Shop) -> None:
    """Of every kind of thing one, in a shop of which a part was synced before."""
    anna = customer(NOON, 1, "anna@mail.test", newsletter=True)
    bea, cleo = customer(NOON, 2, "bea@mail.test"), customer(NOON, 3, "cleo@mail.test", newsletter=True)
    reseller, rene = customer(NOON, 4, "buyer@reseller.test"), customer(NOON, 5, RENE)
    doris, old = customer(NOON, 6, "doris@mail.test"), NOON - timedelta(days=3)
    shop.tell(product(NOON), product(NOON, 8), anna, bea, cleo, rene, doris, order(old, 500, doris))
    shop.sync()
    shop.tell(corrected(doris, NOON, email="doris@post.test"))
    returned_from = order(NOON, 502, anna, [(7, 3)])
    parcels = [order(NOON, 501, anna, [(7, 2), (8, 1)]), returned_from, order(NOON, 503, bea, cart_id="cart 503")]
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
def synced(
    centra: SandboxControl, mailchimp: SandboxControl, server: EmbeddedServer, template: str
) -> Iterator[MailchimpShop]:
    """A shop that all tests of this module share, each breaking something more of it."""
    centra.reset()
    mailchimp.reset()
    shop = MailchimpShop(centra, mailchimp, server.create_database("oracle", template))
    tell_everything(shop)
    assert shop.differences() == []
    yield shop
    shop.close()
    server.drop_database("oracle")


@pytest.mark.req("REC-1")
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_sync_is_found_out(name: str, synced: MailchimpShop) -> None:
    spoil, expected = BROKEN[name]
    before = set(synced.differences())
    spoil(synced)
    found = [line for line in synced.differences() if line not in before]
    unexplained = [line for line in found if not any(text in line for text in expected)]
    unnoticed = [text for text in expected if not any(text in line for line in found)]
    assert (unnoticed, unexplained) == ([], [])


@pytest.mark.req("REC-1")
def test_the_oracle_shares_nothing_with_the_product() -> None:
    for path in Path(oracle.__file__).parent.rglob("*.py"):
        for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
            assert name.startswith("tests.oracle.") or name.partition(".")[0] in sys.stdlib_module_names


def imported(module: ast.Module) -> Iterator[str]:
    """What a module imports, but for what stands beside it."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


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
def test_a_pair_that_loses_orders_is_found_out(shop: MailchimpShop) -> None:
    shop.spoilt = True
    shop.road.destination = Forgetful(shop.road.destination)
    tell_everything(shop)
    missing = [line for line in shop.differences() if line.startswith("order missing")]
    assert len(missing) == 6


@pytest.mark.req("REC-1")
def test_a_pair_that_sees_no_returns_is_found_out(shop: MailchimpShop) -> None:
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
            "triggers",
            {"orders": {"financial.captured": ["pending"]}},
            "order 503: financial_status is 'pending', not 'paid'",
        ),
    ],
)
def test_a_pair_that_breaks_its_promise_is_found_out(
    part: str, keys: dict[str, Any], expected: str, shop: MailchimpShop
) -> None:
    shop.spoilt = True
    shop.change_pair(**{part: keys})
    tell_everything(shop)
    assert expected in shop.differences()


@pytest.mark.req("ORD-2")
def test_a_pair_that_takes_resellers_for_customers_is_found_out(shop: MailchimpShop) -> None:
    shop.spoilt = True
    shop.road.pair.channels[:] = [rule for rule in shop.road.pair.channels if rule.is_ == "dtc"]
    rule = shop.road.pair.channels[0]
    rule.when["store_type"].append("WHOLESALE")
    tell_everything(shop)
    assert "order too many: 505 was sold by a reseller or a marketplace" in shop.differences()
