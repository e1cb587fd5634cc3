"""The Fulfil source on bad days: pages that lie, limits, refusals, and opt-outs of which nobody knows whether they were
done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from retail_sync.errors import (
    ConfigurationError,
    CredentialsError,
    IncompleteReadError,
    PermissionMissingError,
    SchemaDriftError,
    UnreachableError,
)
from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.ports import Connection, Services
from retail_sync.model.reading import Window
from retail_sync.model.records import Customer, Order
from retail_sync.sandbox.world.events import OrderCancelled, ShopEvent
from retail_sync.vendors.fulfil import VENDOR
from tests.contract.fulfil_source_shop import EVERYTHING, NOW, TOKEN, Shop, opened, opt_out, past, records

ORDERS = "sale.sale/search_read"


@pytest.fixture(scope="module")
def events() -> list[ShopEvent]:
    return past()


@pytest.fixture(scope="module")
def lasting(events: list[ShopEvent]) -> Iterator[Shop]:
    with opened(events) as running_shop:
        yield running_shop


@pytest.fixture
def shop(lasting: Shop) -> Shop:
    """The shop of all tests that change nothing in it, on a good day as yet."""
    lasting.control.clear_faults()
    lasting.control.reset_log()
    lasting.door.paused.clear()
    return lasting


@pytest.fixture
def fresh(events: list[ShopEvent]) -> Iterator[Shop]:
    """A shop of one's own."""
    with opened(events) as running_shop:
        yield running_shop


def keys(shop: Shop, **settings: Any) -> list[str]:
    return [one.key for one in records(shop.source(**settings).extract("orders", EVERYTHING))]


def all_sales(shop: Shop) -> list[str]:
    return [str(row["id"]) for row in shop.rows("sale.sale")]


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("skip", [0, 1, 3])
def test_an_empty_page_in_the_middle_is_no_end(shop: Shop, skip: int) -> None:
    shop.control.fault("empty_page", endpoint=ORDERS, skip=skip)
    with pytest.raises(IncompleteReadError):
        keys(shop, page_size=20)


@pytest.mark.req("DAG-2")
def test_a_row_that_comes_twice_hides_no_other(shop: Shop) -> None:
    shop.control.fault("repeated_rows", endpoint=ORDERS, skip=2, options={"rows": 3})
    found = Counter(keys(shop, page_size=20))
    assert set(found) == set(all_sales(shop))


@pytest.mark.req("DAG-2")
def test_sales_that_are_edited_while_pages_are_read_hide_no_other(fresh: Shop) -> None:
    pages = fresh.source(page_size=10).extract("orders", EVERYTHING)
    first = next(pages)
    seen = [int(one.number[2:]) for one in first.records if isinstance(one, Order)]
    unseen = [int(row["number"][2:]) for row in fresh.rows("sale.sale") if int(row["number"][2:]) not in seen]
    moved = [*seen[:3], *unseen[5:8]]
    fresh.control.apply([OrderCancelled(at=NOW + timedelta(days=2), number=number) for number in moved])
    found = [*(one.key for one in first.records), *(one.key for one in records(pages))]
    still = {str(row["id"]) for row in fresh.rows("sale.sale") if int(row["number"][2:]) not in moved}
    assert still <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.req("DAG-6")
def test_a_429_pauses_everybody_until_the_reset(shop: Shop) -> None:
    shop.control.fault("quota_spent", endpoint=ORDERS)
    assert sorted(keys(shop)) == sorted(all_sales(shop))
    assert shop.door.paused
    assert max(shop.door.paused) <= 2


@pytest.mark.req("DAG-6")
def test_a_spent_allowance_is_heeded_before_it_is_refused(events: list[ShopEvent]) -> None:
    with opened(events[:400], limit_scale=0.3) as shop:
        assert records(shop.source().extract("customers", EVERYTHING))
        assert shop.door.paused
        assert "429" not in shop.control.log()["by_status"]


@pytest.mark.req("DAG-6", "OPS-3")
@pytest.mark.parametrize("message", ["Page size cannot exceed 500", "The value is INVALID"])
def test_a_429_that_refuses_what_is_asked_is_said_at_once(shop: Shop, message: str) -> None:
    source = shop.source()
    shop.control.fault("validation_429", endpoint=ORDERS, times=None, options={"message": message})
    shop.control.reset_log()
    with pytest.raises(ConfigurationError, match="page_size"):
        records(source.extract("orders", EVERYTHING))
    assert shop.control.log()["by_endpoint"][ORDERS]["requests"] == 1
    assert not shop.door.paused


@pytest.mark.req("DAG-2")
def test_ids_never_stand_in_an_address(events: list[ShopEvent]) -> None:
    with opened(events, ids_a_request=1) as shop:
        assert len(keys(shop)) > 100
        assert "414" not in shop.control.log()["by_status"]


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("fault", ["drop_connection", "after_write_drop", "truncate", "html_200", "html_503"])
def test_a_read_is_tried_again_though_it_is_a_put(shop: Shop, fault: str) -> None:
    shop.control.fault(fault, endpoint=ORDERS)
    assert sorted(keys(shop)) == sorted(all_sales(shop))


@pytest.mark.req("OPS-3", "SEC-1")
def test_a_wrong_token_is_said_to_be_one(shop: Shop) -> None:
    with pytest.raises(CredentialsError) as raised:
        records(shop.source("no-such-token").extract("orders", EVERYTHING))
    assert "no-such-token" not in str(raised.value)
    (finding,) = list(shop.source("no-such-token").check())
    assert (finding.subject, finding.ok) == ("token", False)
    assert finding.fix


@pytest.mark.req("OPS-3")
def test_a_bearer_token_opens_the_door_too(shop: Shop) -> None:
    assert sorted(keys(shop, auth="bearer")) == sorted(all_sales(shop))


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("model", ["sale.sale", "sale.line", "account.invoice", "stock.move"])
def test_a_model_that_may_not_be_read_is_named(shop: Shop, model: str) -> None:
    shop.control.fault("permission_lost", endpoint=f"{model}/*", times=None)
    with pytest.raises(PermissionMissingError, match=model) as raised:
        keys(shop)
    assert model in raised.value.fix
    findings = {finding.subject: finding for finding in shop.source().check()}
    assert not findings[f"read {model}"].ok


@pytest.mark.req("OPS-3")
def test_the_check_finds_everything_in_order(shop: Shop) -> None:
    findings = list(shop.source().check())
    assert [finding.subject for finding in findings if not finding.ok] == []
    assert {"token", "rate limit", "read sale.line", "channels", "states", "consent"} <= {
        finding.subject for finding in findings
    }


@pytest.mark.req("OPS-3")
def test_the_check_names_what_the_account_has_not(shop: Shop) -> None:
    source = shop.source(
        rate=5_000, names={"shipped_at": "left_at", "line_taxes": "vat"}, consent={"name": "No such thing"}
    )
    findings = {finding.subject: finding for finding in source.check()}
    assert "left_at" in findings["read stock.shipment.out"].detail
    assert "number" not in findings["read stock.shipment.out"].detail
    assert "vat" in findings["read sale.line"].detail
    assert {finding.ok for name, finding in findings.items() if name in ("consent", "rate limit")} == {False}
    assert all(finding.fix for finding in findings.values() if not finding.ok)
    with pytest.raises(SchemaDriftError, match="vat"):
        records(source.extract("orders", EVERYTHING))
    with pytest.raises(ConfigurationError, match="No such thing"):
        records(source.extract("customers", EVERYTHING))


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize(
    ("body", "named"),
    [({"__class__": "AsyncResult", "task_id": "t", "token": "x"}, "AsyncResult"), ([{"number": "SO1"}], "ids")],
)
def test_an_answer_of_another_sort_is_drift(shop: Shop, body: Any, named: str) -> None:
    shop.control.fault("status", endpoint=ORDERS, status=200, body=body, times=None)
    with pytest.raises(SchemaDriftError, match=named):
        keys(shop)


@pytest.mark.req("ORD-2", "OPS-3")
def test_channels_that_no_rule_knows_are_listed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retail_sync.vendors.fulfil.probe.SOURCES", frozenset({"shopify", "zalando", "boozt"}))
    found = {finding.subject: finding for finding in shop.source().check()}["channels"]
    assert not found.ok
    assert "Wholesale (source manual)" in found.detail
    assert "Web shop" not in found.detail
    named = shop.source(sources=["manual", "amazon_mws"])
    assert {finding.subject: finding for finding in named.check()}["channels"].ok


@pytest.mark.req("ORD-6", "OPS-3")
def test_a_state_that_nobody_knows_is_data_and_can_be_explained(fresh: Shop) -> None:
    sale = fresh.rows("sale.sale")[0]["id"]
    fresh.control.fault("unknown_state", endpoint=ORDERS, options={"key": sale, "state": "awaiting_augury"})
    found: dict[str, Order] = {one.key: one for one in records(fresh.source().extract("orders", None))}
    assert (found[str(sale)].status, found[str(sale)].status_source) == ("unknown", "awaiting_augury")
    findings = {finding.subject: finding for finding in fresh.source().check()}
    assert not findings["states"].ok
    explained = fresh.source(states={"awaiting_augury": "pending"})
    again: dict[str, Order] = {one.key: one for one in records(explained.extract("orders", None))}
    assert again[str(sale)].status == "pending"
    assert {finding.subject: finding.ok for finding in explained.check()}["states"]


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize(("settings", "named"), [({"page_sise": 3}, "page_sise"), ({"page_size": 501}, "page_size")])
def test_a_wrong_setting_is_named(shop: Shop, settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        shop.source(**settings)


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("connection", [Connection("c", "", password="x"), Connection("c", "acme")])
def test_a_connection_without_host_or_token_is_named(connection: Connection) -> None:
    with pytest.raises(ConfigurationError, match="connection c"):
        VENDOR.source({}, connection, Services(lambda: NOW, Shop.budget))  # type: ignore[arg-type]


def subscribed(shop: Shop) -> list[str]:
    found: list[Customer] = records(shop.source().extract("customers", EVERYTHING))
    return [one.key for one in found if one.opted_in]


def verdicts(shop: Shop, rows: list[Delivery], **settings: Any) -> dict[int, str]:
    outcomes = shop.source(**settings).deliver(rows)
    return {one.row_id: one.verdict for one in outcomes if isinstance(one, Outcome)}


@pytest.mark.req("CON-3")
@pytest.mark.parametrize(
    ("kept", "strategy", "endpoint"),
    [
        ("category", "category", "party.party/write"),
        ("metafield", "metafield", "metafield.value/write"),
        ("tag", "contact_mechanism", "party.contact_mechanism/write"),
    ],
)
def test_opt_outs_go_back_in_one_write_and_are_read_again(
    events: list[ShopEvent], kept: str, strategy: str, endpoint: str
) -> None:
    with opened(events, newsletter=kept) as shop:
        source = shop.source(consent={"strategy": strategy})
        found: list[Customer] = records(source.extract("customers", EVERYTHING))
        takers = [one.key for one in found if one.opted_in]
        others = [one.key for one in found if not one.opted_in]
        rows = [opt_out(source, place, key) for place, key in enumerate([*takers[:5], others[0], "999999"])]
        assert verdicts(shop, rows, consent={"strategy": strategy}) == dict.fromkeys(range(6), "delivered") | {
            6: "rejected"
        }
        log = shop.control.log()
        assert (log["writes"], log["by_endpoint"][endpoint]["writes"]) == (1, 1)
        again: list[Customer] = records(source.extract("customers", None))
        assert [one.key for one in again if one.opted_in] == takers[5:]


@pytest.mark.req("CON-4")
def test_who_is_off_already_is_not_written_again(fresh: Shop) -> None:
    key = subscribed(fresh)[0]
    rows = [opt_out(fresh.source(), 1, key)]
    assert verdicts(fresh, rows) == verdicts(fresh, rows) == {1: "delivered"}
    assert fresh.control.log()["writes"] == 1


@pytest.mark.req("CON-3", "DAG-2")
def test_an_opt_out_whose_answer_is_lost_is_looked_up_and_not_repeated(fresh: Shop) -> None:
    key = subscribed(fresh)[0]
    fresh.control.fault("after_write_drop", endpoint="party.party/write")
    assert verdicts(fresh, [opt_out(fresh.source(), 1, key)]) == {1: "delivered"}
    assert fresh.control.log()["writes"] == 1


@pytest.mark.req("CON-3", "DAG-2")
def test_an_opt_out_that_was_never_done_waits(fresh: Shop) -> None:
    key = subscribed(fresh)[0]
    fresh.control.fault("drop_connection", endpoint="party.party/write")
    with pytest.raises(UnreachableError):
        verdicts(fresh, [opt_out(fresh.source(), 1, key)])
    assert key in subscribed(fresh)
    assert verdicts(fresh, [opt_out(fresh.source(), 1, key)]) == {1: "delivered"}


@pytest.mark.req("CON-3", "OPS-3")
def test_an_opt_out_without_the_right_to_write_stops_with_its_name(events: list[ShopEvent]) -> None:
    with opened(events, tokens=[{"value": TOKEN, "writes": False}]) as shop:
        key = subscribed(shop)[0]
        with pytest.raises(PermissionMissingError, match=r"party\.party"):
            verdicts(shop, [opt_out(shop.source(), 1, key)])


@pytest.mark.req("CON-1")
def test_nothing_but_an_opt_out_is_ever_sent(shop: Shop) -> None:
    row = opt_out(shop.source(), 1, subscribed(shop)[0])
    changed = Delivery(
        row_id=1,
        kind=row.kind,
        object_id=row.object_id,
        vendor_key=row.vendor_key,
        operation="update",
        payload={"newsletter": True},
    )
    assert verdicts(shop, [changed]) == {1: "rejected"}
    assert shop.control.log()["writes"] == 0


@pytest.mark.req("DAG-6")
def test_a_delta_of_nothing_costs_few_requests(shop: Shop) -> None:
    source = shop.source()
    window = Window(NOW + timedelta(days=3), NOW + timedelta(days=4))
    for stream in source.streams:
        assert not records(source.extract(stream, window))
    # Two requests for each model that is looked at, and one for whether anything is older than the window.
    assert shop.control.log()["requests"] <= 2 * 14 + 4
