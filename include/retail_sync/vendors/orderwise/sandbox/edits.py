"""What somebody at the screen may change while somebody else reads: a row of what an export is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retail_sync.vendors.orderwise.sandbox.shop import Shop


@dataclass(frozen=True, slots=True)
class _Editable:
    """Rows that may be edited.

    Attributes:
        find: Gives the id of the row that is called `:key`, or of all where that is NULL, the first one first.
        table: Where the time of a change stands.
        id: The id's column there.
        amended: The time's column there.
    """

    find: str
    table: str
    id: str
    amended: str


_ORDERS = _Editable(
    "SELECT oh_id FROM order_header WHERE oh_original_oh_id IS NULL"
    " AND (:key IS NULL OR oh_ecommerce_order_number = :key OR RTRIM(oh_order_number) = :key) ORDER BY oh_id LIMIT 1",
    "order_header_detail",
    "ohd_oh_id",
    "ohd_last_amended_datetime",
)
_VARIANTS = _Editable(
    "SELECT vad_id FROM variant_detail WHERE :key IS NULL OR RTRIM(vad_variant_code) = :key ORDER BY vad_id LIMIT 1",
    "variant_detail",
    "vad_id",
    "vad_last_amended_datetime",
)
#: By a word of the export's name; any other export is taken to be about orders.
_BY_EXPORT = {
    "customers": _Editable(
        "SELECT cd_id FROM customer_detail WHERE :key IS NULL OR cd_account_number = :key ORDER BY cd_id LIMIT 1",
        "customer_detail",
        "cd_id",
        "cd_last_amended_datetime",
    ),
    "credits": _Editable(
        "SELECT oh_id FROM order_header WHERE oh_original_oh_id IS NOT NULL"
        " AND (:key IS NULL OR oh_order_number = :key) ORDER BY oh_id LIMIT 1",
        "order_header_detail",
        "ohd_oh_id",
        "ohd_last_amended_datetime",
    ),
    "products": _VARIANTS,
    "stock": _VARIANTS,
}


def edit(shop: Shop, export: str, key: Any = None, status: str | None = None) -> None:
    """Let somebody change a row.

    Args:
        shop: The books.
        export: The name of the export that is about to be run.
        key: The number of an order or credit, the number of an account, a SKU; None for the first row there is.
        status: What the status of an order or credit is from now on, in any words.
    """
    kind = next((one for word, one in _BY_EXPORT.items() if word in export), _ORDERS)
    for found in shop.database.rows(kind.find, {"key": None if key is None else str(key)}):
        (row_id,) = found.values()
        amended: dict[str, Any] = {kind.amended: shop.local(shop.now())}
        shop.database.update(kind.table, kind.id, row_id, **amended)
        if status is not None:
            shop.database.update("order_header", "oh_id", row_id, oh_os_id=shop.lists.status(status))
