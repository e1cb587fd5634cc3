"""What is owed and paid."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from retail_sync.vendors.fulfil.sandbox.records.record import Ids, Record


@dataclass(slots=True, kw_only=True)
class Currency(Record):
    """A currency; `digits` is how many decimals its amounts have."""

    name: str
    code: str
    symbol: str
    digits: int = 2
    active: bool = True


@dataclass(slots=True, kw_only=True)
class Tax(Record):
    """A tax; `rate` is a share, such as 0.25."""

    name: str
    rate: Decimal
    type: str = "percentage"
    active: bool = True


@dataclass(slots=True, kw_only=True)
class Invoice(Record):
    """A customer's invoice, or a credit note."""

    number: str
    party: int
    type: str
    state: str
    total_amount: Decimal
    currency: int
    invoice_date: date
    sales: Ids
    reference: str | None = None
    payment_term: int | None = 1
    lines: Ids = field(default_factory=list)

    @property
    def is_credit(self) -> bool:
        """Whether money goes back by it."""
        return "credit" in self.type or self.total_amount < 0


@dataclass(slots=True, kw_only=True)
class InvoiceLine(Record):
    """What an invoice is for; `origin` is the line of the sale."""

    invoice: int
    description: str
    quantity: int
    unit_price: Decimal
    origin: str | None = None


@dataclass(slots=True, kw_only=True)
class Payment(Record):
    """What a sale is to be paid with."""

    sale: int
    amount: Decimal
    gateway: str


@dataclass(slots=True, kw_only=True)
class Transaction(Record):
    """What happened at the payment gateway."""

    origin: str
    type: str
    state: str
    amount: Decimal
    currency: int
    date: date
