"""What happens to sales before anything is sent: placed, confirmed, paid, cut, called off, held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import (
    LineCancelled,
    OrderCancelled,
    OrderConfirmed,
    OrderHeld,
    OrderPlaced,
    OrderReleased,
    PaymentCaptured,
    ShopEvent,
)
from retail_sync.vendors.fulfil.sandbox.amounts import Amounts
from retail_sync.vendors.fulfil.sandbox.party_events import address_of
from retail_sync.vendors.fulfil.sandbox.records import Address, Channel, Party, Sale
from retail_sync.vendors.fulfil.sandbox.sale_lines import Lines, reserve
from retail_sync.vendors.fulfil.sandbox.values import naive

if TYPE_CHECKING:
    from retail_sync.vendors.fulfil.sandbox.shop import Shop


def _placed(shop: Shop, event: OrderPlaced) -> None:
    at, channel = naive(event.at), shop.channel(event.store_type, event.affiliate)
    party, address = _buyer(shop, event, channel, at)
    currency = shop.currency(event.currency)
    sale = shop.db.sales.add(
        create_date=at,
        number=f"SO{event.number}",
        reference=str(event.number),
        channel_identifier=str(event.number),
        channel=channel.id,
        party=party.id,
        currency=currency,
        digits=shop.db.currencies[currency].digits,
        rate=event.rate,
        warehouse=channel.warehouse,
        state="quotation",
        sale_date=at.date(),
        shipment_address=address.id,
        invoice_address=address.id,
        price_list=shop.named(shop.db.price_lists, _price_list(event)),
        origin=_replaced(shop, event),
        metadata=_metadata(event),
    )
    shop.sales[event.number] = sale.id
    _add_lines(shop, sale, event, at)
    _authorise(shop, sale, event, at)
    if event.captured:
        _capture(shop, sale, at)


def _price_list(event: OrderPlaced) -> str:
    """Every market has a price list of its own, and resellers have theirs."""
    return "Wholesale" if event.store_type == "WHOLESALE" else event.market


def _replaced(shop: Shop, event: OrderPlaced) -> str | None:
    original = shop.sales.get(event.exchange_of) if event.exchange_of is not None else None
    return None if original is None else f"sale.sale,{original}"


def _metadata(event: OrderPlaced) -> dict[str, str] | None:
    """What the shop hands over that the ERP has no field for."""
    named = {"affiliate": event.affiliate, "cart": event.cart_id, "voucher": event.voucher}
    campaigns = sorted({line.campaign for line in event.lines if line.campaign})
    found = {name: value for name, value in named.items() if value}
    return {**found, **({"campaign": campaigns[0]} if campaigns else {})} or None


def _buyer(shop: Shop, event: OrderPlaced, channel: Channel, at: datetime) -> tuple[Party, Address]:
    """Who a sale is booked on: guests of a channel that has a party for them share it, under their own address."""
    known = shop.parties.get(event.customer_id)
    party = shop.db.parties[known] if known is not None else None
    name = f"{event.first_name} {event.last_name}".strip()
    if channel.anonymous_customer is not None and (party is None or not party.registered):
        shared = shop.db.parties[channel.anonymous_customer]
        return shared, address_of(shop, shared, name, event.ship_to, at, email=event.email)
    if party is None:
        party = shop.db.parties.add(create_date=at, name=name, code=str(event.customer_id), registered=False)
        shop.parties[event.customer_id] = party.id
        mechanism = shop.db.mechanisms.add(create_date=at, party=party.id, type="email", value=event.email)
        party.contact_mechanisms.append(mechanism.id)
    if event.store_type == "WHOLESALE" and party.account_manager is None:
        party.account_manager = next(iter(shop.db.employees)).id
        party.sale_price_list = shop.named(shop.db.price_lists, "Wholesale")
        shop.touch(party, at)
    return party, address_of(shop, party, name, event.ship_to, at)


def _add_lines(shop: Shop, sale: Sale, event: OrderPlaced, at: datetime) -> None:
    lines = Lines(shop, sale, shop.tax(event.tax_percent), at)
    for spec in event.lines:
        lines.goods(spec)
    if event.shipping:
        lines.shipping(event.shipping)
    if event.discount:
        lines.discount(event.voucher or "Discount", event.discount)


def _authorise(shop: Shop, sale: Sale, event: OrderPlaced, at: datetime) -> None:
    total = Amounts(shop.db).total(sale)
    payment = shop.db.payments.add(create_date=at, sale=sale.id, amount=total, gateway=event.payment_method)
    sale.payments.append(payment.id)
    made = shop.db.transactions.add(
        create_date=at,
        origin=f"sale.payment,{payment.id}",
        type="charge",
        state="authorized",
        amount=total,
        currency=sale.currency,
        date=at.date(),
    )
    sale.gateway_transactions.append(made.id)


def _capture(shop: Shop, sale: Sale, at: datetime) -> None:
    """The money is taken and the invoice is paid."""
    transaction = shop.db.transactions[sale.gateway_transactions[0]]
    transaction.state, transaction.date, transaction.amount = "completed", at.date(), Amounts(shop.db).total(sale)
    if transaction.create_date != at:
        shop.touch(transaction, at)
    invoice = shop.db.invoices.add(
        create_date=at,
        number=f"INV{sale.number[2:]}",
        party=sale.party,
        type="out",
        state="paid",
        total_amount=transaction.amount,
        currency=sale.currency,
        invoice_date=at.date(),
        sales=[sale.id],
    )
    sale.invoices.append(invoice.id)
    shop.touch_parent(sale, at)


def _confirmed(shop: Shop, event: OrderConfirmed) -> None:
    sale, at = shop.sale(event.number), naive(event.at)
    if sale.state == "quotation":
        sale.state, sale.confirmation_time = "confirmed", at
        shop.touch(sale, at)


def _captured(shop: Shop, event: PaymentCaptured) -> None:
    sale, at = shop.sale(event.number), naive(event.at)
    if not Amounts(shop.db).invoices(sale):
        _capture(shop, sale, at)
        if sale.state == "processing" and sale.shipment_state == "sent":
            sale.state = "done"
            shop.touch(sale, at)


def _line_cancelled(shop: Shop, event: LineCancelled) -> None:
    """The line keeps what is left of it, which may be nothing; a paid invoice falls with it."""
    sale, at = shop.sale(event.number), naive(event.at)
    line = next(one for one in Amounts(shop.db).lines(sale) if one.key == event.line_id)
    gone = min(event.quantity, line.quantity)
    line.quantity -= gone
    reserve(shop, line.product, -gone)
    shop.touch(line, at)
    shop.touch_parent(sale, at)
    for invoice in Amounts(shop.db).invoices(sale):
        invoice.total_amount = Amounts(shop.db).total(sale)
        shop.touch(invoice, at)


def _cancelled(shop: Shop, event: OrderCancelled) -> None:
    """The lines keep their quantities."""
    sale, at = shop.sale(event.number), naive(event.at)
    sale.state = shop.settings.cancelled_word
    for line in Amounts(shop.db).lines(sale):
        reserve(shop, line.product, -line.quantity)
    for transaction in (shop.db.transactions[number] for number in sale.gateway_transactions):
        if transaction.state == "authorized":
            transaction.state = "cancel"
            shop.touch(transaction, at)
    shop.touch(sale, at)


def _held(shop: Shop, event: OrderHeld) -> None:
    sale, at = shop.sale(event.number), naive(event.at)
    made = shop.db.exceptions.add(create_date=at, origin=f"sale.sale,{sale.id}", channel=sale.channel, log=event.reason)
    sale.exceptions.append(made.id)
    shop.touch_parent(sale, at)
    if shop.settings.held_state:
        sale.state_before_hold, sale.state = sale.state, shop.settings.held_state
        shop.touch(sale, at)


def _released(shop: Shop, event: OrderReleased) -> None:
    sale, at = shop.sale(event.number), naive(event.at)
    for exception in (shop.db.exceptions[number] for number in sale.exceptions):
        exception.is_resolved = True
        shop.touch(exception, at)
    shop.touch_parent(sale, at)
    if sale.state_before_hold:
        sale.state, sale.state_before_hold = sale.state_before_hold, None
        shop.touch(sale, at)


HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    OrderPlaced: _placed,
    OrderConfirmed: _confirmed,
    OrderHeld: _held,
    OrderReleased: _released,
    PaymentCaptured: _captured,
    LineCancelled: _line_cancelled,
    OrderCancelled: _cancelled,
}
