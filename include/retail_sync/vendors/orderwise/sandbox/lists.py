"""The short lists of the installation: statuses, sessions, currencies, VAT rates, couriers and their services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

from retail_sync.vendors.orderwise.sandbox.database import Database
from retail_sync.vendors.orderwise.sandbox.settings import STATUS_TEXTS, Settings, Stage

#: Statuses are numbered in this order.
STAGES: tuple[Stage, ...] = get_args(Stage)
#: The one stock location.
WAREHOUSE = 1
_ORDER_TYPES = {1: "Order", 2: "Quote", 3: "Paused", 4: "Credit", 5: "Schedule", 6: "Bulk", 9: "Goodwill"}
_WEB_SESSION = "Website"


class Lists:
    """Gives the number of an entry, which it adds where it is new.

    Args:
        database: Where the lists are kept; freshly emptied.
        settings: The installation's.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._known: dict[tuple[str, Any], int] = {}
        for place, stage in enumerate(STAGES, start=1):
            text = settings.statuses.get(stage, STATUS_TEXTS[stage])
            database.insert("order_status", os_id=place, os_description=text)
        for number, name in _ORDER_TYPES.items():
            database.insert("sales_order_type", sot_id=number, sot_description=name)
        database.insert("stock_location", sl_id=WAREHOUSE, sl_name="Main warehouse")
        for user in ("web", "trade desk"):
            database.insert("user_detail", ud_username=user)
        self.currency(settings.base_currency)
        for name in (_WEB_SESSION, *settings.marketplaces):
            self._known["session", name.lower()] = database.insert("ecommerce_session", es_name=name)

    def session(self, affiliate: str | None) -> int:
        """The session of a marketplace; of the web shop for whoever else led to an order."""
        web = self._known["session", _WEB_SESSION.lower()]
        return self._known.get(("session", (affiliate or "").strip().lower()), web)

    def is_marketplace(self, affiliate: str | None) -> bool:
        """Whether orders of this affiliate come by a session of their own."""
        return self.session(affiliate) != self.session(None)

    def status(self, text: str) -> int:
        """A status that somebody has put on the list."""
        return self._number("status", text, "order_status", os_description=text)

    def currency(self, code: str) -> int:
        """A currency."""
        return self._number("currency", code, "currency", c_code=code)

    def vat_rate(self, percent: Decimal) -> int:
        """A VAT rate."""
        return self._number("vat_rate", percent, "vat_rate", vr_vat_rate=percent, vr_vat_code=f"T{percent:g}")

    def delivery_method(self, courier: str | None, service: str | None) -> int | None:
        """A courier's service, or None where nobody has said how something goes."""
        if courier is None:
            return None
        name = f"{courier} {service}" if service else courier
        known = self._known.get(("delivery_method", name))
        if known is not None:
            return known
        return self._number(
            "delivery_method", name, "delivery_method", dm_description=service, dm_cod_id=self._courier(courier)
        )

    def _courier(self, name: str) -> int:
        prefix = self._settings.couriers.get(name)
        suffix = "" if prefix else None
        return self._number(
            "courier", name, "courier_detail",
            cod_name=name, cod_tracking_url_prefix=prefix, cod_tracking_url_suffix=suffix,
        )  # fmt: skip

    def _number(self, kind: str, key: Any, table: str, **columns: Any) -> int:
        known = self._known.get((kind, key))
        if known is None:
            known = self._known[kind, key] = self._database.insert(table, **columns)
        return known


def status_id(stage: Stage) -> int:
    """The number of a status."""
    return STAGES.index(stage) + 1
