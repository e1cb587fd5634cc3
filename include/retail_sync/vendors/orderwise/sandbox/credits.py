"""Credits: orders of a type of their own, by which money goes back. All of their amounts are positive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from retail_sync.vendors.orderwise.sandbox.amounts import without_vat
from retail_sync.vendors.orderwise.sandbox.lists import WAREHOUSE, status_id
from retail_sync.vendors.orderwise.sandbox.records import CREDIT, PhysicalReturn, Sale

if TYPE_CHECKING:
    from retail_sync.vendors.orderwise.sandbox.shop import Shop


def credit(shop: Shop, sale: Sale, amount: Decimal, at: datetime, back: PhysicalReturn | None = None) -> None:
    """Credit an amount of an order.

    Args:
        shop: The books.
        sale: The order.
        amount: How much, with VAT, in the order's currency.
        at: When.
        back: The goods that it is for, which are credited by it; None for money alone.
    """
    event, now = sale.placed, shop.local(at)
    credit_id = shop.database.insert(
        "order_header",
        oh_datetime=now,
        oh_cd_id=sale.account_id,
        oh_sot_id=CREDIT if back else shop.settings.goodwill_type,
        oh_os_id=status_id("sent"),
        oh_sl_id=WAREHOUSE,
        oh_cust_order_ref=f"SO{event.number}",
        oh_order_complete=1,
        oh_c_id=shop.lists.currency(event.currency),
        oh_exchange_rate=event.rate,
        oh_original_oh_id=sale.order_id,
    )
    shop.database.update("order_header", "oh_id", credit_id, oh_order_number=f"CR{credit_id}")
    shop.database.insert("order_header_detail", ohd_oh_id=credit_id, ohd_last_amended_datetime=now)
    for place, line in enumerate(_goods(shop, sale, back) if back else [_goodwill(amount)], start=1):
        _write_line(shop, sale, credit_id, place, line)
    _write_total(shop, sale, credit_id, amount, back)


def credit_exchange(shop: Shop, sale: Sale, at: datetime) -> None:
    """Credit what has come back of an order, since another order replaces it and is paid with that."""
    for back in sale.returns:
        if back.completed and not back.credited:
            back.exchanged = back.worth
            credit(shop, sale, back.worth, at, back)


def _goods(shop: Shop, sale: Sale, back: PhysicalReturn) -> Iterator[dict[str, Any]]:
    """A line for each that has come back."""
    back.credited = True
    specs = {line.line_id: line for line in sale.placed.lines}
    for one in back.made.lines:
        spec = specs[one.line_id]
        yield {
            "oli_description": spec.name,
            "oli_vad_id": shop.variants.get(spec.variant_id),
            "oli_original_oli_id": sale.lines[one.line_id],
            "oli_qty_required": one.quantity,
            "oli_item_gross": one.unit_price,
        }


def _goodwill(amount: Decimal) -> dict[str, Any]:
    """A line of text in place of goods."""
    return {"oli_description": "Goodwill", "oli_qty_required": 1, "oli_item_gross": amount}


def _write_line(shop: Shop, sale: Sale, credit_id: int, place: int, line: dict[str, Any]) -> None:
    shop.lines_written += 1
    percent = sale.placed.tax_percent
    shop.database.insert(
        "order_line_item",
        oli_id=shop.lines_written,
        oli_oh_id=credit_id,
        oli_line_number=place,
        oli_sl_id=WAREHOUSE,
        oli_qty_tbsent=0,
        oli_qty_cancelled=0,
        oli_item_net=without_vat(line["oli_item_gross"], percent),
        oli_item_list_gross=line["oli_item_gross"],
        oli_vr_id=shop.lists.vat_rate(percent),
        oli_os_id=status_id("sent"),
        oli_direct=0,
        oli_back_to_back=0,
        **line,
    )


def _write_total(shop: Shop, sale: Sale, credit_id: int, amount: Decimal, back: PhysicalReturn | None) -> None:
    """More than the goods is delivery that is paid back too, less is something kept of it."""
    percent = sale.placed.tax_percent
    more = amount - back.worth if back else Decimal(0)
    delivery = max(more, Decimal(0))
    if more < 0:
        shop.database.insert("order_header_dissur", ohs_oh_id=credit_id, ohs_description="Handling", ohs_gross=-more)
    net = without_vat(amount, percent)
    shop.database.insert(
        "order_header_total",
        oht_oh_id=credit_id,
        oht_net=net,
        oht_vat=amount - net,
        oht_gross=amount,
        oht_delivery_net=without_vat(delivery, percent),
        oht_delivery_gross=delivery,
        oht_total_margin=0,
        oht_weight=0,
    )
