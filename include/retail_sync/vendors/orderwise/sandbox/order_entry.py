"""Orders as they come in: by a session of the web shop or of a marketplace, or keyed in for a reseller."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import OrderPlaced
from retail_sync.vendors.orderwise.sandbox.accounts import address_columns, trade_account
from retail_sync.vendors.orderwise.sandbox.amounts import without_vat
from retail_sync.vendors.orderwise.sandbox.credits import credit_exchange
from retail_sync.vendors.orderwise.sandbox.lists import WAREHOUSE, status_id
from retail_sync.vendors.orderwise.sandbox.records import ORDER, Sale
from retail_sync.vendors.orderwise.sandbox.stock import oversell
from retail_sync.vendors.orderwise.sandbox.variants import variant_of

if TYPE_CHECKING:
    from retail_sync.vendors.orderwise.sandbox.shop import Shop

_LINE = (
    "oli_id", "oli_oh_id", "oli_line_number", "oli_vad_id", "oli_description", "oli_sl_id", "oli_qty_required",
    "oli_qty_tbsent", "oli_qty_cancelled", "oli_item_net", "oli_item_gross", "oli_item_list_gross", "oli_vr_id",
    "oli_date_required", "oli_os_id", "oli_direct", "oli_back_to_back",
)  # fmt: skip


def place(shop: Shop, event: OrderPlaced) -> None:
    """Enter an order, and credit what it replaces."""
    keyed_in = event.store_type == "WHOLESALE"
    account = _account_of(shop, event)
    order_id = shop.database.insert(
        "order_header",
        oh_order_number=shop.written(f"SO{event.number}", event.number, 13),
        oh_datetime=shop.local(event.at),
        oh_cd_id=account,
        oh_sot_id=ORDER,
        oh_os_id=status_id("new"),
        oh_sl_id=WAREHOUSE,
        oh_cust_order_ref=f"PO-{event.number}" if keyed_in else str(event.number),
        oh_order_complete=0,
        oh_es_id=None if keyed_in else shop.lists.session(event.affiliate),
        oh_ecommerce_order_number=None if keyed_in else str(event.number),
        oh_c_id=shop.lists.currency(event.currency),
        oh_exchange_rate=event.rate,
    )
    first = shop.lines_written + 1
    sale = Sale(order_id, event, account, {line.line_id: first + place for place, line in enumerate(event.lines)})
    shop.lines_written += len(event.lines)
    shop.sales[event.number] = sale
    shop.sales_of.setdefault(event.customer_id, []).append(sale)
    shop.database.insert_all("order_line_item", _LINE, list(_lines(shop, sale)))
    _write_details(shop, sale)
    if event.captured:
        pay(shop, sale, event.at)
    if event.exchange_of in shop.sales:
        credit_exchange(shop, shop.sales[event.exchange_of], event.at)


def _account_of(shop: Shop, event: OrderPlaced) -> int:
    """On whom an order is booked: the buyer's own account, unless it came by a marketplace or is for resale."""
    if event.store_type == "WHOLESALE":
        return trade_account(shop, event)
    own = shop.accounts.get(event.customer_id)
    return shop.web_customer if own is None or shop.lists.is_marketplace(event.affiliate) else own.customer_id


def _lines(shop: Shop, sale: Sale) -> Iterator[tuple[Any, ...]]:
    event = sale.placed
    at, vat, new = shop.local(event.at), shop.lists.vat_rate(event.tax_percent), status_id("new")
    for place, line in enumerate(event.lines, start=1):
        variant_id = variant_of(shop, line, event.at)
        oversell(shop, variant_id, line.quantity, at)
        yield (
            sale.lines[line.line_id], sale.order_id, place, variant_id, line.name, WAREHOUSE, line.quantity,
            line.quantity, 0, without_vat(line.unit_price, event.tax_percent), line.unit_price, line.list_price, vat,
            at, new, 0, 0,
        )  # fmt: skip


def _write_details(shop: Shop, sale: Sale) -> None:
    event = sale.placed
    at = shop.local(event.at)
    shop.database.insert("order_header_detail", ohd_oh_id=sale.order_id, ohd_last_amended_datetime=at)
    shop.database.insert("order_header_total", oht_oh_id=sale.order_id, **totals(sale))
    replaced = str(event.exchange_of) if shop.settings.exchange_reference and event.exchange_of is not None else None
    shop.database.insert("order_header_analysis", oha_oh_id=sale.order_id, oha_c_1=event.affiliate, oha_c_2=replaced)
    name = f"{event.first_name} {event.last_name}".strip()
    shop.database.insert(
        "order_delivery_address",
        oda_oh_id=sale.order_id,
        oda_name=name,
        oda_contact=name,
        oda_telephone=event.ship_to.phone,
        oda_email=shop.written(event.email, sale.order_id, 17),
        **address_columns("oda", event.ship_to),
    )
    if event.discount or event.voucher:
        shop.database.insert(
            "order_header_dissur",
            ohs_oh_id=sale.order_id,
            ohs_description="Voucher" if event.voucher else "Discount",
            ohs_code=event.voucher,
            ohs_gross=event.discount,
        )


def totals(sale: Sale) -> dict[str, Any]:
    """The totals of an order as it stands; VAT and net make the gross to the last digit."""
    percent = sale.placed.tax_percent
    net = without_vat(sale.total, percent)
    return {
        "oht_net": net,
        "oht_vat": sale.total - net,
        "oht_gross": sale.total,
        "oht_delivery_net": without_vat(sale.placed.shipping, percent),
        "oht_delivery_gross": sale.placed.shipping,
        "oht_total_margin": 0,
        "oht_weight": 0,
    }


def pay(shop: Shop, sale: Sale, at: datetime) -> None:
    """The money of an order has come in."""
    sale.paid = True
    shop.database.insert(
        "order_payment",
        op_oh_id=sale.order_id,
        op_description=sale.placed.payment_method,
        op_amount=sale.total,
        op_datetime=shop.local(at),
    )
