"""Money that moved for a sale, and what its currency is worth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from retail_sync.model.records import Payment, PaymentKind
from retail_sync.vendors.fulfil.facts import REFUND, TRANSACTION_KIND
from retail_sync.vendors.fulfil.payloads import InvoiceRow, TransactionRow
from retail_sync.vendors.fulfil.sale import Sale
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.shapes import UnfitError
from retail_sync.vendors.fulfil.times import on_day

_NOTHING = Decimal(0)
_ONE = Decimal(1)
#: Digits behind which a quotient of rounded amounts says nothing any more.
_DIGITS = 10


def payments(sale: Sale, placed_at: datetime, settings: Settings) -> tuple[Payment, ...]:
    """What was set aside, taken, let go and paid back for a sale; every refund, whether or not a return claims it."""
    moved = _transactions(sale) if settings.transactions else _sums(sale, placed_at)
    return (*moved, *refunds(sale, settings))


def refunds(sale: Sale, settings: Settings) -> Iterator[Payment]:
    """Money that went back. Credit notes tell of it, or the gateway does: the settings say which, since it is one."""
    zone = ZoneInfo(settings.timezone)
    if settings.refunds == "credit_notes":
        yield from (refund(one.row, zone, settings) for one in sale.credits)
        return
    for one in sale.transactions:
        if one.type == REFUND:
            yield _payment(one, "refunded", succeeded=TRANSACTION_KIND.get(one.state) == "captured")


def refund(credit: InvoiceRow, zone: ZoneInfo, settings: Settings) -> Payment:
    """A credit note as money that went back, once it is booked."""
    return Payment(
        key=f"credit {credit.id}",
        kind="refunded",
        succeeded=credit.state in settings.booked_states,
        amount=abs(credit.total_amount or _NOTHING),
        at=on_day(credit.invoice_date, credit.create_date, zone),
    )


def rate(sale: Sale, settings: Settings) -> Decimal:
    """What one unit of a sale's currency is worth in the company's: by its own totals, else by its lines.

    What has come back takes from both totals alike, until nothing is left that could be compared.

    Raises:
        UnfitError: Neither tells, and the settings have no rate of this currency.
    """
    row = sale.row
    if row.total_amount and row.company_total:
        return _quotient(row.company_total, row.total_amount)
    told = [(line.company_amount, line.untaxed) for line in sale.lines if line.company_amount and line.untaxed > 0]
    if told:
        return _quotient(sum((ours for ours, _ in told), _NOTHING), sum((theirs for _, theirs in told), _NOTHING))
    if row.currency in settings.rates:
        return settings.rates[row.currency]
    if row.currency == sale.company_currency or not any(line.untaxed for line in sale.lines):
        return _ONE
    raise UnfitError(f"its rate can't be told: set source.settings.rates.{row.currency} in the pair file")


def _quotient(ours: Decimal, theirs: Decimal) -> Decimal:
    return round(ours / theirs, _DIGITS).normalize()


def _transactions(sale: Sale) -> Iterator[Payment]:
    for one in sale.transactions:
        if one.type != REFUND:
            kind = TRANSACTION_KIND.get(one.state)
            yield _payment(one, kind or "other", succeeded=kind is not None)


def _payment(row: TransactionRow, kind: PaymentKind, *, succeeded: bool) -> Payment:
    return Payment(
        key=f"transaction {row.id}",
        kind=kind,
        succeeded=succeeded,
        amount=abs(row.amount or _NOTHING),
        at=row.changed,
    )


def _sums(sale: Sale, placed_at: datetime) -> Iterator[Payment]:
    """The sale's own sums (CONFIRMED names), which have no time: that of the order stands for it."""
    sums: tuple[tuple[PaymentKind, Decimal | None], ...] = (
        ("authorised", sale.row.payment_authorized),
        ("captured", sale.row.payment_captured),
    )
    for kind, amount in sums:
        if amount:
            yield Payment(key=f"{kind} {sale.row.id}", kind=kind, succeeded=True, amount=amount, at=placed_at)
