"""`stock`, `variants`, `sales`, `system` and `value-lists`: what REST shows of goods and orders."""

from __future__ import annotations

from typing import Any

from retail_sync.sandbox.kit import Request, Response, reply
from retail_sync.vendors.orderwise.sandbox.replies import (
    analysis,
    is_asked,
    listed,
    not_there,
    number,
    path_number,
    refused,
)
from retail_sync.vendors.orderwise.sandbox.shop import Shop

#: The lists by their numbers, as far as one was met: how each is read here.
_VALUE_LISTS = {
    1: "SELECT c_id AS id, c_code AS name FROM currency ORDER BY c_id",
    2: "SELECT vr_id AS id, vr_vat_code AS name FROM vat_rate ORDER BY vr_id",
    4: "SELECT sl_id AS id, sl_name AS name FROM stock_location ORDER BY sl_id",
    15: "SELECT sot_id AS id, sot_description AS description FROM sales_order_type ORDER BY sot_id",
    18: "SELECT dm_id AS id, dm_description AS description FROM delivery_method ORDER BY dm_id",
    20: "SELECT DISTINCT 0 AS id, op_description AS description FROM order_payment",
    56: "SELECT 1 AS id, 'Retail' AS name",
}
_ALL = 200_000


class GoodsApi:
    """Answers for goods, orders and lists.

    Args:
        shop: The books.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def variants(self, request: Request) -> Response:
        """Every variant with its code."""
        limit = number(request, "limit", _ALL)
        if limit is None:
            return refused("limit is a number.", 400)
        rows = self._shop.database.rows(
            "SELECT vad_id AS variantID, vad_variant_code AS variantCode, vad_description AS description"
            " FROM variant_detail ORDER BY vad_id LIMIT ?",
            [limit],
        )
        return listed(rows, self._shop.settings)

    def free_stock(self, request: Request) -> Response:
        """The free stock of one variant, which for a kit is what its parts allow."""
        key = path_number(request, "id")
        own = self._shop.database.value(
            "SELECT vasq_free_stock_quantity FROM variant_stock_quantity WHERE vasq_vad_id = ?", key
        )
        if own is None:
            return not_there(request, 404)
        parts = self._shop.database.rows(
            "SELECT vasq_free_stock_quantity AS free, vbc_quantity AS needed FROM variant_bom"
            " JOIN variant_bom_component ON vbc_vb_id = vb_id JOIN variant_stock_quantity ON vasq_vad_id = vbc_vad_id"
            " WHERE vb_vad_id = ?",
            [key],
        )
        return reply({"freeStockQty": min((float(one["free"] // one["needed"]) for one in parts), default=own)})

    def variant(self, request: Request) -> Response:
        """One variant, in a list or not."""
        row = self._shop.database.row(
            "SELECT * FROM variant_detail JOIN variant_setting ON vas_vad_id = vad_id"
            " JOIN variant_analysis ON vaa_vad_id = vad_id WHERE vad_id = ?",
            path_number(request, "id"),
        )
        if row is None:
            return not_there(request, 404)
        shown = _variant(row)
        if is_asked(request, "include_sales_info"):
            shown["variantSalesInfo"] = self._prices(row["vad_id"])
        return reply([shown] if self._shop.settings.lists_variants else shown)

    def order_status(self, request: Request) -> Response:
        """Where one order stands."""
        key = path_number(request, "id")
        row = self._shop.database.row(
            "SELECT oh_order_number AS orderNumber, oh_ecommerce_order_number AS eCommerceOrderNumber,"
            " os_description AS orderStatus, NULL AS subStatus FROM order_header"
            " JOIN order_status ON os_id = oh_os_id WHERE oh_id = ?",
            key,
        )
        if row is None:
            return not_there(request, 404)
        if is_asked(request, "include_lines"):
            row["lines"] = self._shop.database.rows(
                "SELECT oli_id AS id, vad_variant_code AS variantCode, oli_qty_required AS quantity,"
                " oli_qty_tbsent AS quantityToBeSent FROM order_line_item"
                " LEFT JOIN variant_detail ON vad_id = oli_vad_id WHERE oli_oh_id = ? ORDER BY oli_id",
                [key],
            )
        if is_asked(request, "include_delivery"):
            row["deliveries"] = self._shop.database.rows(
                "SELECT dh_number AS deliveryNumber, dh_datetime AS deliveryDate,"
                " dh_consignment_number AS consignmentNumber FROM delivery_header WHERE dh_oh_id = ? ORDER BY dh_id",
                [key],
            )
        return reply(row)

    def stock_locations(self, _: Request) -> Response:
        """The stock locations."""
        rows = self._shop.database.rows("SELECT sl_id AS id, sl_name AS name FROM stock_location ORDER BY sl_id")
        return listed(rows, self._shop.settings)

    def value_list(self, request: Request) -> Response:
        """One of the short lists."""
        query = _VALUE_LISTS.get(path_number(request, "id"))
        return (
            not_there(request, 404) if query is None else listed(self._shop.database.rows(query), self._shop.settings)
        )

    def _prices(self, variant_id: int) -> list[dict[str, Any]]:
        return self._shop.database.rows(
            "SELECT vafp_c_id AS Id, vafp_rsp_exc_vat AS rspExcVat FROM variant_foreign_price WHERE vafp_vad_id = ?",
            [variant_id],
        )


def _variant(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "variantInfo": {
            "id": row["vad_id"],
            "code": row["vad_variant_code"],
            "eanCode": row["vad_ean_code"],
            "description": row["vad_description"],
        },
        "variantSettings": {"templateVariant": False, "discontinued": bool(row["vas_discontinued_product"])},
        "variantDimensions": {name: row[f"vad_{name}"] for name in ("weight", "length", "width", "depth")},
        "analysis": analysis(row, "vaa"),
    }
