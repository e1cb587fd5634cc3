"""Part of the destinations' suite: an order counts for what is left of it, to the cent, whatever happened to it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from retail_sync.model.delivery import Sale
from retail_sync.model.people import SoldOrder

from .destination_goods import NOW, line, person, product, sold
from .destination_shop import DestinationShop
from .destination_suite import DestinationSuite

#: Two shirts of one size and three of another at 100.10, with shipping of 99 and a voucher of 50.
LINES = (line("1"), line("2", 3, "M", price="100.10"))
NET = Decimal("1347.30")
_BACK: dict[str, Any] = {"refunded_at": NOW}
LIVES: dict[str, list[dict[str, Any]]] = {
    "partial return": [{}, {"returned": {"2": 1}, "refunded": Decimal("100.10"), **_BACK}],
    "returns one by one": [{"returned": {"2": n}, "refunded": n * Decimal("100.10"), **_BACK} for n in range(4)],
    "return taken back": [{}, {"returned": {"1": 2}, "refunded": Decimal(998), **_BACK}, {}],
    "full refund": [{}, {"returned": {"1": 2, "2": 3}, "refunded": NET, **_BACK}],
    "more back than was paid": [{}, {"returned": {"1": 2, "2": 3}, "refunded": NET + Decimal("60.38"), **_BACK}],
    "goodwill": [{}, {"refunded": Decimal("33.33"), **_BACK}],
    "less than it was worth": [{}, {"returned": {"1": 1}, "refunded": Decimal("450.00"), **_BACK}],
    "cancelled": [{}, {"status": "cancelled", "refunded": NET}],
    "cancelled line": [
        {},
        {"lines": (line("1"), line("2", 2, "M", price="100.10", cancelled=1)), "total": NET - Decimal("100.10")},
    ],
    "line taken out": [{}, {"lines": (line("1"),), "total": Decimal("1047.00")}],
    "price corrected": [{}, {"lines": (line("1"), line("2", 3, "M", price="90.10")), "total": NET - 30}],
    "another currency": [
        {"currency": "EUR", "rate": Decimal("11.3337")},
        {"currency": "EUR", "rate": Decimal("11.3337"), "returned": {"2": 1}, "refunded": Decimal("100.10"), **_BACK},
    ],
}  # fmt: skip


class Worth(DestinationSuite):
    """What orders count for."""

    @pytest.fixture
    def stocked(self, shop: DestinationShop) -> DestinationShop:
        """With a buyer, and the goods that are bought."""
        shop.send(*shop.destination.person(person()), *shop.destination.listing(product()))
        return shop

    @pytest.mark.req("ORD-3", "ORD-5")
    @pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
    def test_the_books_add_up_to_what_is_left(self, stocked: DestinationShop, life: list[dict[str, Any]]) -> None:
        for changes in life:
            now = order(changes)
            for _ in range(2):
                self.deliver(stocked, now)

            counts = self.counted(stocked, now)
            assert stocked.worth("1001") == counts
            assert [(one.total, one.currency) for one in self.told(stocked, now)] == [(counts.total, counts.currency)]

    @pytest.mark.req("ORD-3", "ORD-5")
    def test_an_exchange_counts_once(self, stocked: DestinationShop) -> None:
        first = order({"returned": {"1": 1}, "refunded": Decimal("499.00"), **_BACK})
        second = sold("1002", lines=(line("1", 1, "M"),), total=Decimal("548.00"), exchange_of="1001")

        for one in (order({}), first, second):
            self.deliver(stocked, one)

        assert [stocked.worth(number).total for number in ("1001", "1002")] == [NET - 499, Decimal(548)]

    @pytest.mark.req("ORD-7")
    def test_an_order_that_is_taken_back_counts_for_nothing(self, stocked: DestinationShop) -> None:
        for changes in ({}, {"returned": {"2": 1}, "refunded": Decimal("100.10"), **_BACK}):
            self.deliver(stocked, order(changes))
        ours = [one for one in stocked.ledger.values() if one.vendor_key == "1001"]

        for one in ours:
            assert [ended.verdict for ended in stocked.send(one, operation="delete")] == ["delivered"]

        assert stocked.worth("1001").total == 0

    def deliver(self, shop: DestinationShop, what: SoldOrder) -> None:
        """Send an order's state and what is told of it once, as a ledger makes sure of."""
        wanted = [one for one in shop.destination.order(what) if one.row == "state" or one.object_id not in shop.ledger]
        assert {one.verdict for one in shop.send(*wanted)} <= {"delivered"}

    def told(self, shop: DestinationShop, what: SoldOrder) -> list[Sale]:
        """What the destination says that an order counts for, once delivered."""
        kind = shop.destination.capabilities.sale_kind
        return [shop.destination.sale(one.payload) for one in shop.destination.order(what) if one.kind == kind]

    def counted(self, shop: DestinationShop, what: SoldOrder) -> Sale:
        """What an order should count for, in the currency in which the vendor counts."""
        currency = shop.destination.capabilities.currency or what.order.currency
        if currency == what.order.currency:
            return Sale(total=what.net_total, currency=currency)
        turned = (what.net_total * what.order.rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return Sale(total=turned, currency=currency)


def order(changes: dict[str, Any]) -> SoldOrder:
    """The order of two lines, as these changes have left it."""
    fields: dict[str, Any] = {"lines": LINES, "total": NET} | changes
    return sold(**fields, net_total=fields["total"] - fields.get("refunded", Decimal(0)))
