"""OrderWise's variants as the products of a shop, kits and what can be made of them included."""

from __future__ import annotations

from tests.oracle.books.orderwise_tables import Tables, plain, units
from tests.oracle.terms import Json, amount


class Goods:
    """Reads products.

    Args:
        tables: The tables.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def products(self) -> list[Json]:
        """Every product; one is sold as long as one of its variants is."""
        return [self._product(row) for row in self._tables.rows("product_detail")]

    def is_gift_card(self, variant_id: int) -> bool:
        """Whether a variant is money put aside."""
        return bool(self._tables.one("variant_analysis", "vaa_vad_id")[variant_id].get("vaa_l_1"))

    def _product(self, row: Json) -> Json:
        key = row["pd_id"]
        analysis, settings = self._tables.one("product_analysis", "pa_pd_id")[key], self._settings()
        sold = [one for one in self._tables.many("variant_detail", "vad_pd_id")[key] if one["vad_sale_variant"]]
        listed = [one for one in sold if not settings[one["vad_id"]]["vas_discontinued_product"]]
        return {
            "id": key,
            "number": plain(row["pd_product_code"]),
            "name": plain(row["pd_description"]),
            "brand": analysis.get("pa_c_1"),
            "collection": analysis.get("pa_c_2"),
            "active": bool(listed),
            "image_url": analysis.get("pa_m_1"),
            "variants": [self._variant(one) for one in listed or sold],
        }

    def _settings(self) -> dict[int, Json]:
        return self._tables.one("variant_setting", "vas_vad_id")

    def _variant(self, row: Json) -> Json:
        key = row["vad_id"]
        analysis = self._tables.one("variant_analysis", "vaa_vad_id")[key]
        currencies = self._tables.one("currency", "c_id")
        prices = self._tables.many("variant_foreign_price", "vafp_vad_id")[key]
        return {
            "id": key,
            "sku": plain(row["vad_variant_code"]),
            "colour": analysis.get("vaa_c_1", ""),
            "size": analysis.get("vaa_c_2", ""),
            "prices": {currencies[one["vafp_c_id"]]["c_code"]: amount(one["vafp_rsp_inc_vat"]) for one in prices},
            "stock": self._stock(key),
        }

    def _stock(self, variant_id: int) -> int:
        """What can be sold; of a kit, as many as its parts make."""
        free = self._tables.one("variant_stock_quantity", "vasq_vad_id")[variant_id]["vasq_free_stock_quantity"]
        parts = [
            part
            for bom in self._tables.many("variant_bom", "vb_vad_id")[variant_id]
            for part in self._tables.many("variant_bom_component", "vbc_vb_id")[bom["vb_id"]]
        ]
        made = (self._stock(part["vbc_vad_id"]) // units(part["vbc_quantity"]) for part in parts)
        return min(made, default=units(free))
