"""Fulfil's sales as canonical orders."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from retail_sync.model.records import Order, OrderStatus, Payment
from retail_sync.vendors.carriers import Carriers
from retail_sync.vendors.fulfil.addresses import address
from retail_sync.vendors.fulfil.facts import ORDER_STATUS
from retail_sync.vendors.fulfil.lines import SortedLines
from retail_sync.vendors.fulfil.money import payments, rate
from retail_sync.vendors.fulfil.parcels import Parcels
from retail_sync.vendors.fulfil.payloads import SaleRow
from retail_sync.vendors.fulfil.returns import Returns
from retail_sync.vendors.fulfil.sale import Sale
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.times import on_day

#: CONFIRMED: the shipment state of a sale of which everything has left.
_SENT = "sent"


def is_order(row: SaleRow) -> bool:
    """Whether a sale is an order: a cart is none (CONFIRMED flag), nor is a draft that has no number yet."""
    return not row.is_cart and bool(row.number)


class Orders:
    """Turns sales into orders.

    Args:
        settings: The pair file's settings.
        carriers: Where parcels can be followed.
    """

    def __init__(self, settings: Settings, carriers: Carriers) -> None:
        self._settings = settings
        self._parcels = Parcels(carriers, settings)
        self._returns = Returns(settings)
        self._zone = ZoneInfo(settings.timezone)
        self._status = {**ORDER_STATUS, **settings.states}

    def record(self, sale: Sale) -> Order:
        """The canonical order: what was ordered. What came back, which the sale's total lacks, is put on again.

        Raises:
            UnfitError: Its rate can't be told.
        """
        row, settings = sale.row, self._settings
        sorted_lines = SortedLines(sale.lines, sale.priced, settings)
        total = sale.priced.total + sorted_lines.taken_back
        shipping, discounts = sorted_lines.shipping, sorted_lines.discounts()
        placed_at = on_day(row.sale_date, row.create_date, self._zone)
        return Order(
            key=str(row.id),
            number=str(row.number),
            status=self._status_of(row),
            status_source=row.state,
            placed_at=placed_at,
            updated_at=row.changed,
            currency=row.currency,
            rate=rate(sale, settings),
            total=total,
            tax=total - sorted_lines.untaxed,
            shipping=shipping,
            shipping_tax=shipping - sorted_lines.shipping_untaxed,
            discount=sum((one.amount for one in discounts), Decimal(0)),
            discounts=discounts,
            lines=sorted_lines.goods(),
            channel=_channel(sale),
            email=_email(sale),
            customer_key=sale.customer_key,
            market=self._market(sale),
            on_hold=bool(row.has_channel_exception) or row.state in settings.held_states,
            affiliate=_said(row, settings.attribution.affiliate),
            campaign=_said(row, settings.attribution.campaign),
            exchange_of=_said(row, settings.attribution.exchange_of) or sale.replaced,
            cart_key=_said(row, settings.attribution.cart),
            shipping_address=address(sale.shipping_address),
            billing_address=address(sale.billing_address),
            payments=self._payments(sale, placed_at),
            shipments=self._parcels.of(sale),
        )

    def _payments(self, sale: Sale, placed_at: datetime) -> tuple[Payment, ...]:
        """Money that moved for this order. What pays for goods that came back of another one is that one's."""
        moved = payments(sale, placed_at, self._settings)
        if not sale.others:
            return moved
        theirs = [one for one in self._returns.records(sale) if one.order_key != str(sale.row.id)]
        claimed = {payment.key for one in theirs for payment in one.refunds}
        return tuple(payment for payment in moved if payment.key not in claimed)

    def _status_of(self, row: SaleRow) -> OrderStatus:
        status = self._status.get(row.state, "unknown")
        return "shipped" if status in {"confirmed", "processing"} and row.shipment_state == _SENT else status

    def _market(self, sale: Sale) -> str | None:
        to = sale.shipping_address
        return {
            "country": to.country if to else None,
            "channel": sale.channel.name if sale.channel else None,
            "price_list": sale.row.price_list,
            "warehouse": sale.row.warehouse,
        }[self._settings.market]


def _channel(sale: Sale) -> dict[str, str]:
    """What channel rules may look at. Integrators tell wholesale by the last two (SEEN)."""
    channel = sale.channel
    said = {
        "source": channel.source if channel else None,
        "channel": channel.name if channel else None,
        "channel_code": channel.code if channel else None,
        "price_list": sale.row.price_list,
        "account_manager": "yes" if sale.row.account_manager else "no",
    }
    return {name: value for name, value in said.items() if value}


def _email(sale: Sale) -> str | None:
    """The order's own address goes before its party's; the shared party of a channel's guests has none that counts."""
    for own in (sale.billing_address, sale.shipping_address):
        if own is not None and own.email:
            return own.email
    return None if sale.is_anonymous else sale.row.email or None


def _said(row: SaleRow, key: str | None) -> str | None:
    """What a sale's metadata says under a key."""
    said: Any = row.metadata.get(key) if key and isinstance(row.metadata, dict) else None
    return str(said) if said not in (None, "") else None
