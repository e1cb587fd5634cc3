"""The Fulfil sandbox: what happens in a shop, as an ERP's books show it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from retail_sync.sandbox.world.events import (
    CustomerErased,
    CustomersMerged,
    LineCancelled,
    NewsletterChanged,
    OrderCancelled,
    OrderHeld,
    OrderReleased,
    PaymentCaptured,
    ProductWithdrawn,
    ReturnCompleted,
    StockChanged,
)

from .fulfil_shop import (
    LATER,
    NOON,
    Client,
    bought,
    customer,
    moment,
    money,
    placed,
    product,
    refunded,
    returned,
    sandbox,
    shipped,
)

SALE = "sale.sale"
PARTY = "party.party"
MECHANISM = "party.contact_mechanism"
TOTALS = ("total_amount", "untaxed_amount", "tax_amount", "shipment_amount", "total_amount_cpny_ccy_cache")


def totals(client: Client) -> list[Decimal]:
    row = client.row(SALE, [], TOTALS)
    return [money(row[name]) for name in TOTALS]


def state(client: Client) -> tuple[str, str, str]:
    row = client.row(SALE, [], ["state", "shipment_state", "invoice_state"])
    return row["state"], row["shipment_state"], row["invoice_state"]


@pytest.mark.req("ID-3")
def test_every_record_is_a_party_with_its_address_and_what_reaches_it() -> None:
    with sandbox([customer(1), customer(2, email="PERSON1@mail.test", registered=False)]) as client:
        parties = client.rows(PARTY, [["code", "in", ["1", "2"]]], ["name", "email", "phone", "write_date"])
        assert [(row["name"], row["email"]) for row in parties] == [
            ("Åsa Berg", "person1@mail.test"),
            ("Åsa Berg", "PERSON1@mail.test"),
        ]
        found = client.rows(MECHANISM, [["type", "=", "email"], ["value", "ilike", "person1@mail.test"]], ["party"])
        assert [row["party"] for row in found] == [row["id"] for row in parties]
        address = client.rows("party.address", [["party", "=", parties[0]["id"]]], ["street", "zip", "country.code"])
        assert [(row["street"], row["country.code"]) for row in address] == [("Götgatan 1", "SE")]


@pytest.mark.req("ID-5")
@pytest.mark.parametrize("children_touch", [False, True])
def test_a_new_address_shows_on_the_contact_and_not_on_its_party(children_touch: bool) -> None:
    with sandbox([customer(1)], children_touch=children_touch) as client:
        client.app.apply([customer(1, at=LATER, email="new@mail.test")])
        row = client.row(MECHANISM, [["type", "=", "email"]], ["value", "write_date"])
        assert (row["value"], moment(row["write_date"])) == ("new@mail.test", LATER.replace(tzinfo=None))
        party = client.row(PARTY, [["code", "=", "1"]], ["email", "write_date"])
        assert party["email"] == "new@mail.test"
        assert (party["write_date"] is not None) == children_touch


@pytest.mark.req("CON-2")
@pytest.mark.parametrize("newsletter", ["category", "metafield", "tag"])
def test_the_newsletter_is_kept_where_the_merchant_keeps_it(newsletter: str) -> None:
    domain: dict[str, tuple[str, list[Any]]] = {
        "category": (PARTY, [["categories.name", "=", "Newsletter"]]),
        "metafield": ("metafield.value", [["key", "=", "Newsletter"], ["value", "=", "yes"]]),
        "tag": (MECHANISM, [["name", "=", "data"], ["value", "=", "Newsletter:yes"]]),
    }
    with sandbox([customer(1), customer(2, newsletter=False)], newsletter=newsletter) as client:
        assert client.call(domain[newsletter][0], "search_count", domain[newsletter][1]) == 1
        client.app.apply([NewsletterChanged(at=LATER, customer_id=1, subscribed=False)])
        assert client.call(domain[newsletter][0], "search_count", domain[newsletter][1]) == 0
        touched = client.row(PARTY, [["code", "=", "1"]], ["write_date"])["write_date"]
        assert (touched is not None) == (newsletter == "category")


@pytest.mark.req("ID-6")
@pytest.mark.parametrize(("share", "of_the_shop"), [(False, False), (True, True)])
def test_guests_of_a_marketplace_share_a_party_and_keep_their_own_address(share: bool, of_the_shop: bool) -> None:
    guest = customer(1, registered=False)
    orders = [placed(501, affiliate="zalando"), placed(502), placed(503, affiliate="fashionblog")]
    with sandbox([product(), guest, *orders], guests_share_a_party=share) as client:
        fields = ["channel.source", "party", "channel.anonymous_customer", "shipment_address.email"]
        market, shop, blog = client.rows(SALE, [], fields)
        assert (market["channel.source"], shop["channel.source"]) == ("zalando", "shopify")
        assert market["party"] == market["channel.anonymous_customer"]
        assert market["shipment_address.email"] == "person1@mail.test"
        assert (shop["party"] == shop["channel.anonymous_customer"]) == of_the_shop
        assert shop["party"] == blog["party"]
        anonymous = client.row(PARTY, [["id", "=", market["party"]]], ["email"])
        assert anonymous["email"] is None


@pytest.mark.req("ID-6", "QUA-1")
def test_accounts_and_resellers_are_booked_on_their_own_parties() -> None:
    orders = [placed(501, affiliate="amazon"), placed(502, store_type="WHOLESALE", captured=False)]
    with sandbox([product(), customer(1), *orders]) as client:
        fields = ["channel.source", "party.code", "price_list.name", "party.account_manager"]
        account, reseller = client.rows(SALE, [], fields)
        assert (account["channel.source"], account["party.code"]) == ("amazon_mws", "1")
        assert (reseller["channel.source"], reseller["price_list.name"]) == ("manual", "Wholesale")
        assert reseller["party.account_manager"] is not None


@pytest.mark.req("ID-5")
def test_a_merged_party_is_archived_and_all_that_was_its_moves() -> None:
    events = [*bought(), customer(2), placed(502, customer_id=2, email="person2@mail.test")]
    with sandbox(events) as client:
        client.app.apply([CustomersMerged(at=LATER, kept_id=1, merged_id=2)])
        gone = client.row(PARTY, [["code", "=", "2"]], ["active", "email"], active_test=False)
        assert (gone["active"], gone["email"]) == (False, None)
        sales = client.rows(SALE, [], ["party.code", "party.email", "write_date"])
        assert [row["party.code"] for row in sales] == ["1", "1"]
        assert moment(sales[1]["write_date"]) == LATER.replace(tzinfo=None)
        values = client.rows(MECHANISM, [["party.code", "=", "1"], ["type", "=", "email"]], ["value"])
        assert [row["value"] for row in values] == ["person1@mail.test", "person2@mail.test"]


@pytest.mark.req("SEC-2")
def test_nothing_tells_who_an_erased_party_was() -> None:
    with sandbox(bought()) as client:
        client.app.apply([CustomerErased(at=LATER, customer_id=1)])
        party = client.row(PARTY, [["code", "=", "1"]], ["name", "email", "active"], active_test=False)
        assert (party["name"], party["email"], party["active"]) == ("", None, False)
        shown = client.rows("party.address", [], [], active_test=False) + client.rows(MECHANISM, [], active_test=False)
        assert not any("person1" in str(row) or "Berg" in str(row) or "Götgatan" in str(row) for row in shown)


@pytest.mark.req("ORD-1")
def test_lines_are_priced_without_tax_and_the_header_has_it_all() -> None:
    order: dict[str, Any] = {
        "discount": Decimal("24.00"),
        "voucher": "TEN",
        "currency": "EUR",
        "rate": Decimal("11.4321"),
    }
    with sandbox(bought(**order)) as client:
        # Three coats at 80, 49 for sending, 24 off: 265 with 25 % tax.
        assert totals(client) == [Decimal(text) for text in ("265.00", "212.00", "53.00", "39.20", "3029.506500")]
        fields = ["product.code", "description", "quantity", "unit_price", "amount", "shipment_cost", "taxes"]
        lines = client.rows("sale.line", [], fields)
        assert [(row["description"], row["quantity"], row["unit_price"]["decimal"]) for row in lines] == [
            ("Coat", 2.0, "64.0000"),
            ("Coat", 1.0, "64.0000"),
            ("Shipping", 1.0, "39.2000"),
            ("TEN", 1.0, "-19.2000"),
        ]
        assert [row["shipment_cost"] is not None for row in lines] == [False, False, True, False]
        tax = client.row("account.tax", [["id", "in", lines[0]["taxes"]]], ["rate"])
        assert money(tax["rate"]) == Decimal("0.25")


@pytest.mark.req("ORD-1", "ORD-5")
def test_a_sale_is_offered_confirmed_sent_in_parts_and_done() -> None:
    with sandbox([product(), customer(1), placed(501, captured=False)]) as client:
        assert state(client) == ("quotation", "none", "none")
        client.app.apply(bought()[3:])
        assert state(client) == ("confirmed", "none", "none")
        client.app.apply([shipped(501, (5011,), NOON + timedelta(hours=2), last=False)])
        assert state(client) == ("processing", "waiting", "none")
        client.app.apply([shipped(501, (5011, 5012), NOON + timedelta(hours=3), parcel=2)])
        assert state(client) == ("processing", "sent", "none")
        client.app.apply([PaymentCaptured(at=LATER, number=501)])
        assert state(client) == ("done", "sent", "paid")
        fields = ["number", "state", "tracking_number", "carrier.rec_name", "moves", "sales"]
        parcels = client.rows("stock.shipment.out", [], fields)
        assert [(row["number"], row["tracking_number"], row["carrier.rec_name"]) for row in parcels] == [
            ("CS501-1", "TN5011", "PostNord"),
            ("CS501-2", "TN5012", "PostNord"),
        ]
        moves = client.rows("stock.move", [["id", "in", parcels[1]["moves"]]], ["origin", "quantity"])
        lines = client.call("sale.line", "search", [["sale", "in", parcels[0]["sales"]]], 0, 2, [["id", "ASC"]])
        assert [row["origin"] for row in moves] == [f"sale.line,{number}" for number in lines]


@pytest.mark.req("SHP-2")
def test_a_tracking_number_may_be_a_record_of_its_own() -> None:
    events = [*bought(), shipped(501, (5011, 5012), LATER)]
    with sandbox(events, tracking="record", tracking_urls=True) as client:
        fields = ["tracking_number", "tracking_number.tracking_number", "tracking_url"]
        row = client.row("stock.shipment.out", [], fields)
        assert isinstance(row["tracking_number"], int)
        assert (row["tracking_number.tracking_number"], row["tracking_url"]) == (
            "TN5011",
            "https://track.shop.test/TN5011",
        )


@pytest.mark.req("ORD-5")
@pytest.mark.parametrize("word", ["cancel", "cancelled"])
def test_cancelled_units_leave_the_line_and_a_cancelled_sale_keeps_its_lines(word: str) -> None:
    with sandbox(bought(), cancelled_word=word) as client:
        client.app.apply([LineCancelled(at=LATER, number=501, line_id=5011, quantity=1)])
        assert totals(client)[0] == Decimal("209.00")
        cut = client.rows("sale.line", [["write_date", "!=", None]], ["quantity"])
        assert [row["quantity"] for row in cut] == [1.0]
        before = client.row(SALE, [], ["write_date"])["write_date"]
        assert moment(before) == (NOON + timedelta(hours=1)).replace(tzinfo=None)
        client.app.apply([OrderCancelled(at=LATER, number=501)])
        assert (state(client)[0], totals(client)[0]) == (word, Decimal("209.00"))


@pytest.mark.req("ORD-3")
def test_what_comes_back_is_a_line_below_zero_and_a_shipment_on_its_way_back() -> None:
    with sandbox([*bought(), shipped(501, (5011, 5012), LATER), returned(completed=False)]) as client:
        assert totals(client)[0] == Decimal("289.00") - Decimal("75.00")
        sale = client.row(SALE, [], ["has_return", "shipment_returns", "write_date"])
        assert sale["has_return"]
        assert moment(sale["write_date"]) == LATER.replace(tzinfo=None), "the return itself moves nothing"
        line = client.row("sale.line", [["quantity", "<", 0]], ["quantity", "unit_price", "origin", "sale.number"])
        assert (line["quantity"], line["unit_price"]["decimal"]) == (-1.0, "60.0000")
        back = client.row("stock.shipment.out.return", [], ["state", "effective_date", "incoming_moves"])
        assert (back["id"], back["state"], back["effective_date"]) == (sale["shipment_returns"][0], "draft", None)
        move = client.row("stock.move", [["id", "in", back["incoming_moves"]]], ["origin"])
        assert move["origin"] == f"sale.line,{line['id']}"
        client.app.apply([ReturnCompleted(at=LATER, return_id=9)])
        assert client.row("stock.shipment.out.return", [], ["state"])["state"] == "done"


@pytest.mark.req("ORD-3")
@pytest.mark.parametrize(
    ("written", "kind", "total"),
    [("negative_invoice", "out", "-124.00"), ("credit_note", "out_credit_note", "124.00")],
)
def test_money_goes_back_by_a_credit_note_in_either_form(written: str, kind: str, total: str) -> None:
    with sandbox([*bought(), returned(), refunded("124.00")], credit_notes=written) as client:
        invoice, credit = client.rows("account.invoice", [], ["type", "total_amount", "sales", "lines", "state"])
        assert (invoice["type"], money(invoice["total_amount"])) == ("out", Decimal("289.00"))
        assert (credit["type"], money(credit["total_amount"]), credit["state"]) == (kind, Decimal(total), "paid")
        assert client.row(SALE, [], ["invoices"])["invoices"] == [invoice["id"], credit["id"]]
        lines = client.rows("account.invoice.line", [["invoice", "=", credit["id"]]], ["origin", "amount"])
        back = client.row("sale.line", [["quantity", "<", 0]])
        assert [row["origin"] for row in lines] == [f"sale.line,{back['id']}", None]
        assert sum(money(row["amount"]) for row in lines) == Decimal(total)


@pytest.mark.req("ORD-9")
def test_a_sale_that_waits_has_an_exception_or_a_state_of_the_merchants_own() -> None:
    held = OrderHeld(at=LATER, number=501, reason="WAITING_FOR_FRAUD_CHECK")
    with sandbox([*bought(), held], held_state="on_hold") as client:
        row = client.row(SALE, [], ["state", "has_channel_exception", "exceptions"])
        assert (row["state"], row["has_channel_exception"]) == ("on_hold", True)
        client.app.apply([OrderReleased(at=LATER, number=501)])
        row = client.row(SALE, [], ["state", "has_channel_exception"])
        assert (row["state"], row["has_channel_exception"]) == ("confirmed", False)


@pytest.mark.req("CAT-1")
def test_stock_is_counted_when_it_is_asked_for_by_warehouse_and_moves_no_time() -> None:
    with sandbox([*bought(), StockChanged(at=LATER, variant_id=71, stock=23)]) as client:
        places = client.call("stock.location", "search", [["code", "in", ["MAIN", "STORE"]]], 0, 2, [["id", "ASC"]])
        coat, fields = [["code", "=", "P7-R-S"]], ["quantity_available", "quantity_on_hand", "write_date"]
        row = client.row("product.product", coat, fields)
        assert (row["quantity_available"], row["quantity_on_hand"], row["write_date"]) == (23.0, 26.0, None)
        there = [client.row("product.product", coat, fields, locations=[place]) for place in places]
        assert [row["quantity_available"] for row in there] == [19.0, 4.0]
        report = client.call("inventory.quantity.ireport", "execute", {"warehouse": places[1], "show_products": "all"})
        assert {row["product_code"]: row["quantity_available"] for row in report["data"]}["P7-R-S"] == 4.0


@pytest.mark.req("CAT-2")
def test_a_withdrawn_product_is_archived_and_old_lines_still_name_it() -> None:
    with sandbox(bought()) as client:
        client.app.apply([ProductWithdrawn(at=LATER, product_id=7)])
        assert client.rows("product.product") == []
        gone = client.rows("product.product", [["template.name", "=", "Coat"]], ["write_date"], active_test=False)
        assert [moment(row["write_date"]) for row in gone] == [LATER.replace(tzinfo=None)] * 3
        assert client.rows("sale.line", [], ["product.code"])[0]["product.code"] == "P7-R-S"


@pytest.mark.req("OPS-3")
def test_a_reset_empties_the_books_and_leaves_what_every_merchant_is_set_up_with() -> None:
    with sandbox(bought()) as client:
        (before, *_) = client.call(SALE, "search", [])
        client.app.reset()
        assert client.call(SALE, "search", []) == []
        assert client.call("sale.channel", "search_count", []) == 5
        client.app.apply(bought())
        assert client.call(SALE, "search", []) == [before]
