"""OrderWise's tables as the judge knows a shop: what is ordered, what was credited, who wants the newsletter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tests.oracle.books.orderwise_customers import Customers
from tests.oracle.books.orderwise_goods import Goods
from tests.oracle.books.orderwise_tables import Tables, plain, units
from tests.oracle.terms import Json, amount

#: The judge's words for where an order stands.
_STATUS = {
    "new": "PENDING",
    "accepted": "CONFIRMED",
    "held": "CONFIRMED",
    "part_sent": "PROCESSING",
    "sent": "SHIPPED",
    "cancelled": "CANCELLED",
}


def read(state: Json) -> Json:
    """The books in the shape of a shop's: customers, products, orders, returns; nobody awaits stock in an ERP."""
    tables = Tables(state)
    customers, goods = Customers(tables), Goods(tables)
    orders = _Orders(tables, goods)
    return {
        "customers": customers.all(),
        "newsletter_subscriptions": list(customers.subscriptions()),
        "stock_awaited": [],
        "products": goods.products(),
        "orders": [orders.order(row) for row in tables.sold],
        "returns": [orders.made_return(row) for row in tables.credits if orders.goods_of(row)],
    }


class _Orders:
    """Reads orders and credits.

    Args:
        tables: The tables.
        goods: What is sold.
    """

    def __init__(self, tables: Tables, goods: Goods) -> None:
        self._tables, self._goods = tables, goods
        self._headers = tables.one("order_header", "oh_id")
        self._credits_of = tables.many("order_header", "oh_original_oh_id")

    def order(self, row: Json) -> Json:
        """An order as it stands; credits are told as money that went back."""
        key, tables = row["oh_id"], self._tables
        stage = tables.state["stages"].get(str(row["oh_os_id"]), "accepted")
        total = tables.one("order_header_total", "oht_oh_id")[key]
        address = tables.one("order_delivery_address", "oda_oh_id")[key]
        notes = tables.one("order_header_analysis", "oha_oh_id")[key]
        amended = tables.at(tables.one("order_header_detail", "ohd_oh_id")[key]["ohd_last_amended_datetime"])
        return {
            "id": key,
            "number": self._number(row),
            "status": _STATUS[stage],
            "customer_id": None if row["oh_cd_id"] == tables.state["web_customer"] else row["oh_cd_id"],
            "email": plain(address.get("oda_email")),
            "market": address["oda_country"],
            "currency": tables.one("currency", "c_id")[row["oh_c_id"]]["c_code"],
            "rate": amount(row["oh_exchange_rate"]),
            "grand_total": amount(total["oht_gross"]),
            "shipping": amount(total["oht_delivery_gross"]),
            **self._discount(key),
            **self._channel(row, notes),
            "exchange_of": notes.get("oha_c_2"),
            "cart_id": None,
            "cancelled_at": amended if stage == "cancelled" else None,
            "hold_reason": "held" if stage == "held" else None,
            "created_at": tables.at(row["oh_datetime"]),
            "updated_at": amended,
            "lines": self._lines(key),
            "payments": [*self._captures(key), *self._refunds(key)],
            "shipments": [self._shipment(one) for one in tables.many("delivery_header", "dh_oh_id")[key]],
        }

    def goods_of(self, credit: Json) -> list[Json]:
        """The lines of a credit for goods that have come back; a text with an amount is none."""
        lines = self._tables.many("order_line_item", "oli_oh_id")[credit["oh_id"]]
        return [line for line in lines if "oli_original_oli_id" in line]

    def made_return(self, row: Json) -> Json:
        """A credit for goods: they are back and paid for in one."""
        lines = [
            {
                "line_id": line["oli_original_oli_id"],
                "quantity": units(line["oli_qty_required"]),
                "unit_price": amount(line["oli_item_gross"]),
            }
            for line in self.goods_of(row)
        ]
        return {
            "id": row["oh_id"],
            "order_number": self._number(self._headers[row["oh_original_oh_id"]]),
            "completed": True,
            "created_at": self._tables.at(row["oh_datetime"]),
            "value": sum((line["quantity"] * line["unit_price"] for line in lines), Decimal(0)),
            "refunded": self._credited(row),
            "lines": lines,
        }

    def _number(self, row: Json) -> str:
        """The number that the buyer knows."""
        return plain(row.get("oh_ecommerce_order_number") or row["oh_order_number"])

    def _channel(self, row: Json, notes: Json) -> dict[str, Any]:
        """What came by no session was keyed in for a reseller; marketplaces have sessions of their own."""
        sessions = self._tables.one("ecommerce_session", "es_id")
        name = sessions.get(row.get("oh_es_id", 0), {}).get("es_name", "").lower()
        return {
            "store_type": "DIRECT_TO_CONSUMER" if name else "WHOLESALE",
            "affiliate": name if name in self._tables.state["marketplaces"] else notes.get("oha_c_1"),
        }

    def _discount(self, order_id: int) -> dict[str, Any]:
        dissurs = self._tables.many("order_header_dissur", "ohs_oh_id")[order_id]
        return {
            "discount": sum((amount(one["ohs_gross"]) for one in dissurs), Decimal(0)),
            "voucher": next((one["ohs_code"] for one in dissurs if "ohs_code" in one), None),
        }

    def _lines(self, order_id: int) -> list[Json]:
        returned: Counter[int] = Counter()
        for credit in self._credits_of[order_id]:
            for line in self.goods_of(credit):
                returned[line["oli_original_oli_id"]] += units(line["oli_qty_required"])
        lines = self._tables.many("order_line_item", "oli_oh_id")[order_id]
        return [self._line(line, returned[line["oli_id"]]) for line in lines]

    def _line(self, row: Json, returned: int) -> Json:
        cancelled = units(row["oli_qty_cancelled"])
        variant = self._tables.one("variant_detail", "vad_id")[row["oli_vad_id"]]
        return {
            "id": row["oli_id"],
            "sku": plain(variant["vad_variant_code"]),
            "product_id": variant["vad_pd_id"],
            "variant_id": variant["vad_id"],
            "name": row["oli_description"],
            "gift_card": self._goods.is_gift_card(variant["vad_id"]),
            "ordered": units(row["oli_qty_required"]) + cancelled,
            "cancelled": cancelled,
            "returned": returned,
            "campaign": None,
            "unit_price": amount(row["oli_item_gross"]),
            "list_price": amount(row["oli_item_list_gross"]),
        }

    def _captures(self, order_id: int) -> Iterable[Json]:
        for one in self._tables.many("order_payment", "op_oh_id")[order_id]:
            at, paid = self._tables.at(one["op_datetime"]), amount(one["op_amount"])
            yield {"id": one["op_id"], "kind": "CAPTURE", "amount": paid, "at": at}

    def _refunds(self, order_id: int) -> Iterable[Json]:
        """All money that goes back goes by a credit, whether goods have come back for it or not."""
        for one in self._credits_of[order_id]:
            at = self._tables.at(one["oh_datetime"])
            yield {"id": one["oh_id"], "kind": "REFUND", "amount": self._credited(one), "at": at}

    def _credited(self, credit: Json) -> Decimal:
        return amount(self._tables.one("order_header_total", "oht_oh_id")[credit["oh_id"]]["oht_gross"])

    def _shipment(self, row: Json) -> Json:
        method = self._tables.one("delivery_method", "dm_id").get(row.get("dh_dm_id", 0), {})
        courier = self._tables.one("courier_detail", "cod_id").get(method.get("dm_cod_id", 0), {})
        return {
            "id": row["dh_id"],
            "number": row["dh_number"],
            "shipped_at": self._tables.at(row["dh_datetime"]),
            "carrier": courier.get("cod_name"),
            "service": method.get("dm_description"),
            "tracking_number": row.get("dh_consignment_number"),
            "lines": [
                {"line_id": one["dli_oli_id"], "quantity": units(one["dli_qty"])}
                for one in self._tables.many("delivery_line_item", "dli_dh_id")[row["dh_id"]]
            ],
        }
