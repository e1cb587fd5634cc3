"""Every case of people and orders, lived through by a whole pair: the oracle finds nothing, and each case comes out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from retail_sync.sandbox.world.cases.goods import AWAITED, WITHDRAWN, sku
from tests.oracle.terms import Json

from .lived import Lived


@pytest.mark.req("REC-1")
def test_the_oracle_finds_nothing_wrong_and_nothing_is_left_to_do(lived: Lived) -> None:
    assert lived.differences == []
    assert lived.later_writes == 0


class TestPeople:
    @pytest.mark.req("ID-2", "ID-3")
    def test_an_address_that_is_registered_and_a_guest_is_one_contact(self, lived: Lived) -> None:
        assert lived.figure("guest-and-account") == 2

    @pytest.mark.req("ID-4")
    def test_two_addresses_are_two_contacts_where_no_list_says_otherwise(self, lived: Lived) -> None:
        assert [lived.figure("two-addresses", place=place) for place in (0, 1)] == [1, 1]

    @pytest.mark.req("ID-5")
    def test_a_changed_address_takes_everything_along(self, lived: Lived) -> None:
        old, new = lived.cases["address-changed"].emails
        assert not lived.is_contact(old)
        found = lived.member("address-changed", 1)
        assert (found["email_address"], found["status"]) == (new, "subscribed")
        assert lived.figure("address-changed", place=1) == 2

    @pytest.mark.req("OPS-2", "ID-5")
    def test_a_person_is_traced_by_the_former_address_as_by_the_new_one(self, lived: Lived) -> None:
        by_old, by_new = lived.traced
        assert by_old == by_new >= {"customer 31", "order 301", "order 302"}

    @pytest.mark.req("ID-5")
    def test_merged_records_leave_no_orphan(self, lived: Lived) -> None:
        kept, merged = lived.cases["customers-merged"].emails
        assert (lived.is_contact(kept), lived.is_contact(merged)) == (True, False)
        order = lived.order(402)
        assert order is not None
        assert order["customer"]["email_address"] == kept

    @pytest.mark.req("ORD-2")
    @pytest.mark.parametrize("name", ["only-wholesale", "only-marketplace"])
    def test_who_never_bought_in_the_shop_is_no_contact(self, lived: Lived, name: str) -> None:
        case = lived.cases[name]
        assert not any(lived.is_contact(email) for email in case.emails)
        assert not any(lived.order(number) for number in case.orders)

    @pytest.mark.req("ORD-2")
    def test_of_who_bought_in_the_shop_too_only_that_counts(self, lived: Lived) -> None:
        assert lived.figure("shop-and-marketplace") == 1
        assert lived.order(702) is None

    @pytest.mark.req("SEC-2", "QUA-1")
    def test_a_record_that_the_shop_has_erased_is_nobodys_fault(self, lived: Lived) -> None:
        erased = {f"customer {one['id']}" for one in lived.books["customers"] if one["anonymised"]}
        assert erased
        assert not [subject for subject, record, _ in lived.open if record in erased]
        assert lived.order(3301) is not None, "what it sold still counts"

    @pytest.mark.req("QUA-1")
    def test_an_address_that_can_not_be_written_to_is_set_aside_and_named(self, lived: Lived) -> None:
        assert lived.order(3001) is None
        assert any(subject.startswith("rule.") and "email" in subject for subject, _, _ in lived.open)

    @pytest.mark.req("OPS-1")
    def test_an_address_that_the_platform_takes_for_fake_is_named(self, lived: Lived) -> None:
        assert not lived.is_contact("fake.address@example.com")
        assert any(subject.startswith("outbox.") for subject, _, _ in lived.open)

    @pytest.mark.req("CUS-1")
    def test_names_do_no_harm(self, lived: Lived) -> None:
        names = [lived.member("odd-names", place)["merge_fields"] for place in (0, 1, 2)]
        assert names[0]["FNAME"] == "Maja 🌸"
        assert "*|" not in names[1]["FNAME"]
        assert names[2]["FNAME"].isalpha()


class TestOrders:
    @pytest.mark.req("ORD-1", "ORD-6")
    def test_created_captured_and_sent_at_once_each_mail_goes_out_once(self, lived: Lived) -> None:
        mails = lived.mails(1201)
        assert mails["shipping_confirmation"] == 1
        assert set(mails.values()) == {1}

    @pytest.mark.req("ORD-6")
    def test_a_payment_that_is_captured_later_is_told_then(self, lived: Lived) -> None:
        assert lived.mails(1301) == {"order_invoice": 1}

    @pytest.mark.req("ORD-1", "ORD-6")
    def test_an_order_on_hold_is_there_and_is_no_fault(self, lived: Lived) -> None:
        assert lived.order(2201) is not None
        assert lived.mails(2201)["shipping_confirmation"] == 0
        assert not [subject for subject, record, _ in lived.open if record == "order 2201"]

    @pytest.mark.req("ORD-1")
    def test_a_cancelled_line_leaves_the_order(self, lived: Lived) -> None:
        order = lived.order(1401)
        assert order is not None
        assert [(line["quantity"], line["price"]) for line in order["lines"]] == [(2, "400.00")]
        assert order["order_total"] == "849.00"

    @pytest.mark.req("ORD-1")
    def test_a_cancelled_order_is_told_once_and_counts_no_more(self, lived: Lived) -> None:
        order = lived.order(1501)
        assert order is not None
        assert order["cancelled_at_foreign"]
        assert lived.mails(1501)["cancellation_confirmation"] == 1
        assert lived.figure("order-cancelled") == 0

    @pytest.mark.req("ORD-5")
    def test_a_refund_that_comes_a_day_after_its_return_counts_once(self, lived: Lived) -> None:
        order = lived.order(1601)
        assert order is not None
        assert (order["order_total"], order["financial_status"]) == ("449.00", "partially_refunded")
        assert lived.mails(1601) == {}
        assert "Awaiting refund" not in lived.member("partial-return")["tags"]

    @pytest.mark.req("ORD-1")
    def test_an_exchange_leaves_what_was_kept(self, lived: Lived) -> None:
        totals = [(lived.order(number) or {})["order_total"] for number in (1701, 1702)]
        assert totals == ["49.00", "400.00"]
        assert lived.mails(1701) == {}

    @pytest.mark.req("ORD-1")
    def test_an_order_that_cost_nothing_is_an_order(self, lived: Lived) -> None:
        order = lived.order(1801)
        assert order is not None
        assert float(order["order_total"]) == 0
        assert lived.figure("zero-total") == 1

    @pytest.mark.req("ORD-1")
    def test_four_hundred_lines_arrive(self, lived: Lived) -> None:
        order = lived.order(1901)
        assert order is not None
        assert len(order["lines"]) == 400

    @pytest.mark.req("ORD-3")
    def test_currencies_are_converted_at_the_rate_of_each_order(self, lived: Lived) -> None:
        # 449 SEK, 89 EUR at 11.40, 469 NOK at 0.98.
        assert lived.figure("several-currencies", "LTV") == Decimal("1923.22")

    @pytest.mark.req("ORD-3")
    def test_a_third_decimal_is_kept(self, lived: Lived) -> None:
        order = lived.order(2101)
        assert order is not None
        assert (order["order_total"], order["lines"][0]["price"]) == ("25.94", "12.345")

    @pytest.mark.req("CAT-2")
    def test_an_order_of_what_has_left_the_catalogue_arrives(self, lived: Lived) -> None:
        order = lived.order(2301)
        assert order is not None
        assert order["order_total"] == "449.00"
        (line,) = order["lines"]
        assert [one["sku"] for one in self.variants(lived, line["product_id"])] == [sku(WITHDRAWN)]
        assert sku(WITHDRAWN) not in {
            variant["sku"] for product in lived.books["products"] for variant in product["variants"]
        }

    def variants(self, lived: Lived, product_id: str) -> list[Json]:
        found: list[Json] = lived.store()["products"][product_id]["variants"]
        return found

    @pytest.mark.req("CAT-1")
    def test_what_is_back_is_told_to_who_waited_and_takes_the_newsletter(self, lived: Lived) -> None:
        event = "back_in_stock"
        told = [
            [one["properties"]["sku"] for one in lived.member("back-in-stock", place)["events"] if one["name"] == event]
            for place in (0, 1)
        ]
        assert told == [[sku(AWAITED)], []]

    @pytest.mark.req("EVT-1")
    def test_a_cart_that_was_bought_is_not_there(self, lived: Lived) -> None:
        assert lived.store()["carts"] == {}
        assert lived.order(2501) is not None

    @pytest.mark.req("ORD-9")
    def test_a_voucher_stays_on_the_order(self, lived: Lived) -> None:
        order = lived.order(2401)
        assert order is not None
        assert [promo["code"] for promo in order["promos"]] == ["WELCOME10"]

    @pytest.mark.req("QUA-1")
    def test_an_order_on_two_pages_is_one_order(self, lived: Lived) -> None:
        assert lived.struck("order-on-two-pages")
        assert lived.order(2601) is not None
        assert "order_repeated" in lived.failed_rules

    @pytest.mark.req("DAG-2")
    def test_an_order_that_is_edited_while_paging_is_not_lost(self, lived: Lived) -> None:
        assert lived.struck("order-edited-while-paging")
        assert lived.order(2701) is not None
