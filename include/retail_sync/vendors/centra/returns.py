"""Centra's returns as canonical returns."""

from __future__ import annotations

from retail_sync.model.records import Return, ReturnLine
from retail_sync.vendors.centra.canonical import payments, to_utc
from retail_sync.vendors.centra.facts import RETURN_STATUS, Settings
from retail_sync.vendors.centra.payloads import ReturnNode


class Returns:
    """Turns return nodes into canonical returns.

    A return has no time of change (CONFIRMED): its source time is its creation, and the request's time tells which of
    two versions is the newer.
    """

    def __init__(self, settings: Settings) -> None:
        self._utc = to_utc(settings.timezone)

    def key(self, node: ReturnNode) -> str:
        """The return's id."""
        return str(node.id)

    def record(self, node: ReturnNode) -> Return:
        """The canonical return, with the refunds that Centra ties to it."""
        order = node.order
        created_at = self._utc(node.created_at)
        return Return(
            key=str(node.id),
            order_key=order.id if order else None,
            order_number=str(order.number) if order else None,
            status=RETURN_STATUS.get(node.return_status, "unknown"),
            created_at=created_at,
            updated_at=created_at,
            currency=node.grand_total.currency.code,
            total=abs(node.grand_total.value),
            lines=tuple(
                ReturnLine(
                    key=str(line.id),
                    line_key=str(line.order_line.id) if line.order_line else None,
                    quantity=line.quantity,
                    total=abs(line.line_value.value),
                )
                for line in node.lines
            ),
            refunds=payments(node.refund_payment_history, self._utc),
            customer_key=str(node.customer.id) if node.customer else None,
        )
