"""OrderWise's credits as canonical returns: order headers of their own, with amounts that are positive (CONFIRMED)."""

from __future__ import annotations

from collections.abc import Sequence

from retail_sync.model.records import Payment, Return, ReturnLine
from retail_sync.vendors.orderwise import canonical
from retail_sync.vendors.orderwise.canonical import NOTHING, UnfitError, amount, cents, whole
from retail_sync.vendors.orderwise.facts import Settings
from retail_sync.vendors.orderwise.local_time import LocalTime
from retail_sync.vendors.orderwise.payloads import CreditRow, LineRow


class Credits:
    """Turns a credit's rows into a canonical return.

    Goods that came back and were not credited yet can't be read (no public source shows where they stand).

    Args:
        settings: The pair file's settings.
        clock: The server's.
    """

    def __init__(self, settings: Settings, clock: LocalTime) -> None:
        self._settings = settings
        self._clock = clock

    def record(self, row: CreditRow, lines: Sequence[LineRow]) -> Return:
        """The canonical return: its money has gone back with it.

        Raises:
            UnfitError: It names no order, so that nobody knows what it takes its amount off.
        """
        number = canonical.order_number(self._settings, row.original_number, row.original_shop_number)
        if row.original_id is None or not number:
            raise UnfitError("it is a credit that names no order")
        if not row.currency:
            raise UnfitError("it has no currency")
        # A credit that was called off is worth nothing, and nothing is awaited for it.
        void = canonical.status(self._settings, row.status) == "cancelled"
        worth = NOTHING if void else abs(amount(row.total_gross))
        at = self._clock.utc(row.credited_at)
        return Return(
            key=str(row.oh_id),
            order_key=str(row.original_id),
            order_number=number,
            status="completed",
            created_at=at,
            updated_at=max(at, canonical.changed(self._clock, row.credited_at, row.amended_at)),
            currency=row.currency,
            total=worth,
            lines=() if void else tuple([_line(line) for line in lines if _is_goods(line)]),
            refunds=(Payment(key=f"{row.oh_id}-credit", kind="refunded", succeeded=True, amount=worth, at=at),),
            customer_key=self._customer(row),
        )

    def _customer(self, row: CreditRow) -> str | None:
        named = row.customer_id is not None and row.customer_id not in self._settings.web_accounts
        return str(row.customer_id) if named else None


def _line(row: LineRow) -> ReturnLine:
    quantity = abs(whole(row.quantity, "a credited quantity"))
    return ReturnLine(
        key=str(row.oli_id),
        line_key=None if row.original_line_id is None else str(row.original_line_id),
        quantity=quantity,
        total=cents(abs(amount(row.item_gross)) * quantity),
    )


def _is_goods(row: LineRow) -> bool:
    """Whether a line is of goods that came back, and no text with an amount."""
    return row.variant_id is not None or row.original_line_id is not None
