"""The catalogue: what stands in the store is kept as the shop has it, and orders never wait for a product."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec import structs

from retail_sync.sandbox.world.events import (
    ContactLeft,
    CustomerKnown,
    ProductWithdrawn,
    StockAwaited,
    StockChanged,
    StoreProductDeleted,
    StoreProductEdited,
)
from tests.oracle.terms import Json

from .beginnings import Beginnings
from .mailchimp_shop import MailchimpShop
from .tales import customer, order, product, sku

pytestmark = pytest.mark.usefixtures("sql_alone")

WHO = "buyer@mail.test"
KEPT = frozenset({"stubs carry their SKU", "withdrawn goods are out of stock"})


@pytest.fixture
def buyer(shop: MailchimpShop, beginnings: Beginnings) -> CustomerKnown:
    """Somebody who takes the newsletter; the shop sells three products."""
    return beginnings.begin(shop, with_a_buyer)


def with_a_buyer(shop: MailchimpShop) -> CustomerKnown:
    buyer = customer(shop.clock(), 1, WHO, newsletter=True)
    shop.tell(product(shop.clock()), product(shop.clock(), 8), product(shop.clock(), 9), buyer)
    shop.terms = replace(shop.terms, promised=KEPT)
    shop.sync()
    catalogue(shop)
    return buyer


def catalogue(shop: MailchimpShop, *, run_id: str | None = None) -> Json:
    """An hour later, do the catalogue run."""
    shop.pass_time(hours=1)
    return shop.run(dag="catalogue", run_id=run_id)


def variant(shop: MailchimpShop, of: str) -> Json:
    """The variant of the store that has this SKU."""
    (found,) = [one for held in shop.store()["products"].values() for one in held["variants"] if one["sku"] == of]
    return dict(found)


def told(shop: MailchimpShop, who: str = WHO) -> list[Json]:
    """What a contact was told of stock."""
    return [event["properties"] for event in shop.member(who)["events"] if event["name"] == "back_in_stock"]


class TestStock:
    @pytest.mark.req("CAT-1", "DAG-5")
    def test_a_change_of_stock_is_marked_by_the_next_live_run(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        shop.tell(StockChanged(at=shop.clock(), variant_id=70, stock=0))
        shop.sync()
        assert variant(shop, sku(7))["inventory_quantity"] == 0
        shop.tell(StockChanged(at=shop.clock(), variant_id=70, stock=3))
        shop.sync()
        assert variant(shop, sku(7))["inventory_quantity"] == 3

    @pytest.mark.req("CAT-1", "DAG-4")
    def test_where_the_shop_can_not_be_asked_for_it_the_catalogue_run_finds_it(
        self, shop: MailchimpShop, buyer: CustomerKnown
    ) -> None:
        shop.change_pair(source={"settings": {"stock_feed": False, "stock_signups": True}})
        shop.sync()
        shop.tell(StockChanged(at=shop.clock(), variant_id=70, stock=0))
        shop.sync()
        assert variant(shop, sku(7))["inventory_quantity"] == 5, "no product's time of change has moved"
        catalogue(shop)
        assert variant(shop, sku(7))["inventory_quantity"] == 0

    @pytest.mark.req("DAG-4")
    def test_only_the_catalogue_run_reads_what_has_not_changed(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        shop.pass_time(hours=3)
        live = shop.run()
        assert live["streams"]["products"]["extracted"] == 0
        assert catalogue(shop)["streams"]["products"]["extracted"] == 3
        assert shop.writes == 0

    @pytest.mark.req("CAT-1")
    def test_what_leaves_the_catalogue_can_not_be_bought_and_may_come_back(
        self, shop: MailchimpShop, buyer: CustomerKnown
    ) -> None:
        shop.tell(ProductWithdrawn(at=shop.clock(), product_id=8))
        report = catalogue(shop)
        assert report["steps"]["extract:products"]["withdrawn"] == 1
        gone = variant(shop, sku(8))
        assert (gone["inventory_quantity"], gone["visibility"]) == (0, "hidden")
        assert catalogue(shop)["steps"]["extract:products"]["withdrawn"] == 0
        assert shop.writes == 0
        shop.tell(product(shop.clock(), 8))
        shop.sync()
        back = variant(shop, sku(8))
        assert (back["inventory_quantity"], back["visibility"]) == (5, "visible")

    @pytest.mark.req("CAT-1", "DAG-2")
    def test_what_is_only_missing_on_a_page_is_not_taken_for_gone(
        self, shop: MailchimpShop, buyer: CustomerKnown
    ) -> None:
        shop.source.fault("empty_page", endpoint="products", times=1)
        report = catalogue(shop)
        assert report["steps"]["extract:products"]["extracted"] == 3
        assert report["steps"]["extract:products"]["withdrawn"] == 0
        assert variant(shop, sku(8))["inventory_quantity"] == 5

    @pytest.mark.req("CAT-1", "OPS-3")
    def test_a_token_that_may_not_see_changes_of_stock_hinders_nothing(
        self, shop: MailchimpShop, buyer: CustomerKnown
    ) -> None:
        lost = {"permission": "StockChange:read"}
        shop.source.fault("permission_lost", endpoint="stockChangeConnection", times=None, options=lost)
        shop.tell(StockChanged(at=shop.clock(), variant_id=70, stock=0), product(shop.clock(), 14))
        shop.sync()
        assert variant(shop, sku(14))["inventory_quantity"] == 5
        catalogue(shop)
        assert variant(shop, sku(7))["inventory_quantity"] == 0

    @pytest.mark.req("CAT-1")
    def test_prices_pictures_and_names_are_kept_current(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        shop.tell(product(shop.clock(), price="79.50", name="Cape", image_url="https://img.test/cape.jpg"))
        shop.sync()
        held = shop.store()["products"]["7"]
        assert (held["title"], held["type"], held["image_url"]) == ("Cape", "Core", "https://img.test/cape.jpg")
        found = variant(shop, sku(7))
        assert (Decimal(str(found["price"])), found["image_url"]) == (Decimal("79.5"), "https://img.test/cape.jpg")


class TestDrift:
    @pytest.mark.req("CAT-1", "REC-1")
    def test_a_product_that_somebody_changed_or_removed_there_is_found_and_put_right(
        self, shop: MailchimpShop, buyer: CustomerKnown
    ) -> None:
        shop.tell(
            StoreProductEdited(at=shop.clock(), product_id="7", fields={"title": "Sale!"}),
            StoreProductDeleted(at=shop.clock(), product_id="8"),
        )
        found = catalogue(shop)["steps"]["drift"]["by_kind"]["product"]
        assert (found["different"], found["missing"], found["healed"]) == (1, 1, 2)
        assert shop.store()["products"]["7"]["title"] == "Coat 7"
        assert variant(shop, sku(8))["inventory_quantity"] == 5
        again = catalogue(shop)["steps"]["drift"]["by_kind"]["product"]
        assert (again["different"], again["missing"]) == (0, 0)
        assert shop.writes == 0

    @pytest.mark.req("CAT-1", "REC-1", "OPS-1")
    def test_where_nothing_is_to_be_put_right_each_product_is_named(
        self, shop: MailchimpShop, buyer: CustomerKnown
    ) -> None:
        shop.change_pair(reconcile={"heal": False})
        shop.tell(StoreProductEdited(at=shop.clock(), product_id="7", fields={"title": "Sale!"}))
        catalogue(shop)
        (entry,) = shop.query("select subject, record, cause from exceptions.entry where closed_at is null")
        assert entry[:2] == ("reconcile.different", "product 7")
        assert "title" in entry[2]
        shop.change_pair(reconcile={"heal": True})
        catalogue(shop)
        assert shop.query("select 1 from exceptions.entry where closed_at is null") == []

    @pytest.mark.req("CAT-1")
    def test_a_cleared_catalogue_run_does_the_same_again(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        shop.tell(StockChanged(at=shop.clock(), variant_id=70, stock=1))
        catalogue(shop, run_id="catalogue")
        shop.source.reset_log()
        shop.destination.reset_log()
        assert shop.go_on("catalogue", dag="catalogue")["state"] == "closed"
        assert shop.writes == 0


class TestBackInStock:
    def out_and_in(self, shop: MailchimpShop, *, between: timedelta = timedelta(hours=1)) -> None:
        shop.tell(StockChanged(at=shop.clock(), variant_id=70, stock=0))
        shop.sync()
        shop.tell(StockAwaited(at=shop.clock(), variant_id=70, email=WHO))
        shop.pass_time(seconds=between.total_seconds())
        shop.run(dag="catalogue")
        shop.pass_time(minutes=1)
        shop.tell(StockChanged(at=shop.clock(), variant_id=70, stock=4))

    @pytest.mark.req("CAT-1", "DAG-5")
    def test_who_signed_up_is_told_once_each_time(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        self.out_and_in(shop)
        assert told(shop) == []
        shop.sync()
        (event,) = told(shop)
        assert (event["sku"], event["product"], event["price"]) == (sku(7), "Coat 7", "100.00 SEK")
        catalogue(shop)
        shop.run(full_refresh=True)
        assert shop.writes == 0
        shop.tell(StockChanged(at=shop.clock(), variant_id=70, stock=0))
        shop.sync()
        shop.tell(StockChanged(at=shop.clock(), variant_id=70, stock=2))
        shop.sync()
        assert len(told(shop)) == 2

    @pytest.mark.req("CAT-1", "CON-1")
    def test_who_may_not_get_marketing_is_not_told(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        other = customer(shop.clock(), 2, "other@mail.test")
        shop.tell(other, StockAwaited(at=shop.clock(), variant_id=70, email=other.email))
        shop.tell(StockAwaited(at=shop.clock(), variant_id=70, email="nobody@mail.test"))
        shop.sync()
        shop.tell(ContactLeft(at=shop.clock(), email=WHO))
        shop.sync()
        self.out_and_in(shop)
        shop.sync()
        assert told(shop) == told(shop, other.email) == []
        assert variant(shop, sku(7))["inventory_quantity"] == 4

    @pytest.mark.req("CAT-1", "ORD-8")
    def test_who_signs_up_for_what_is_there_hears_of_its_next_return_only(
        self, shop: MailchimpShop, buyer: CustomerKnown
    ) -> None:
        shop.tell(StockAwaited(at=shop.clock(), variant_id=80, email=WHO))
        catalogue(shop)
        shop.sync()
        assert told(shop) == []

    @pytest.mark.req("CAT-1")
    def test_without_sign_ups_the_state_alone_is_marked(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        shop.change_pair(source={"settings": {"stock_signups": False}})
        self.out_and_in(shop)
        shop.sync()
        assert told(shop) == []
        assert variant(shop, sku(7))["inventory_quantity"] == 4


class TestOrdersOfUnknownProducts:
    """CAT-2: an order never fails for a product that the destination does not know."""

    @pytest.mark.req("CAT-2")
    def test_one_that_the_shop_had_never_shown_us(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        shop.tell(product(shop.clock(), 12), order(shop.clock(), 601, buyer, [(12, 2)]))
        shop.tell(ProductWithdrawn(at=shop.clock(), product_id=12))
        shop.sync()
        (line,) = shop.order(601)["lines"]
        held = shop.store()["products"][line["product_id"]]
        (stub,) = held["variants"]
        assert (stub["sku"], held["title"], line["quantity"]) == (sku(12), "Coat 12", 2)
        assert stub["inventory_quantity"] == 0
        catalogue(shop)
        shop.run(full_refresh=True)
        assert shop.writes == 0

    @pytest.mark.req("CAT-2")
    def test_one_that_was_withdrawn_since_we_saw_it(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        shop.tell(ProductWithdrawn(at=shop.clock(), product_id=8))
        shop.tell(order(shop.clock(), 602, buyer, [(8, 1), (7, 1)]))
        shop.sync()
        assert [line["product_id"] for line in shop.order(602)["lines"]] == ["8", "7"]
        catalogue(shop)
        shop.run(full_refresh=True)
        assert shop.writes == 0

    @pytest.mark.req("CAT-2")
    def test_one_with_a_size_that_is_new(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        bigger = product(shop.clock(), 9)
        extra = structs.replace(bigger.variants[0], variant_id=99, sku=sku(9, "XL"), size="XL")
        placed = order(shop.clock(), 603, buyer, [(9, 1)])
        line = structs.replace(placed.lines[0], variant_id=extra.variant_id, sku=extra.sku)
        shop.tell(
            product(shop.clock(), 9, variants=(*bigger.variants, extra)),
            order(shop.clock(), 603, buyer, lines=(line,)),
        )
        shop.pass_time(minutes=5)
        shop.run(streams=["orders"])
        (held,) = shop.order(603)["lines"]
        assert (held["product_id"], held["product_variant_id"]) == ("9", str(extra.variant_id))
        assert variant(shop, extra.sku)["title"]
        shop.sync()

    @pytest.mark.req("CAT-2")
    def test_one_of_a_product_that_a_rule_holds_back(self, shop: MailchimpShop, buyer: CustomerKnown) -> None:
        shop.change_pair(rules={"product_sku_missing": {"effect": "hold_record"}})
        nameless = product(shop.clock(), 13)
        nameless = structs.replace(nameless, variants=tuple(structs.replace(one, sku="") for one in nameless.variants))
        shop.tell(nameless, order(shop.clock(), 604, buyer, [(13, 1)]))
        shop.sync()
        (line,) = shop.order(604)["lines"]
        assert line["product_id"] == "13"
        shop.spoilt = True
