"""A sale with everything that hangs on it, as what it becomes is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from retail_sync.vendors.fulfil.payloads import (
    AddressRow,
    ChannelRow,
    InvoiceLineRow,
    InvoiceRow,
    LineRow,
    MoveRow,
    OwnerRow,
    ReturnRow,
    SaleRow,
    ShipmentRow,
    TransactionRow,
)
from retail_sync.vendors.fulfil.prices import Priced

R = TypeVar("R")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class With(Generic[R, D]):
    """A row with what it lists."""

    row: R
    details: Sequence[D]


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale with what hangs on it.

    Attributes:
        company_currency: The currency of list prices, which is the company's.
        credits: Credit notes with their lines; invoices are left out.
        replaced: The number of the sale that it says to come from.
        others: Lines of other sales that its own returned lines name, by their ids. ASSUMED: what comes back is put
            into its order, or into a sale of its own that names the lines.
    """

    row: SaleRow
    channel: ChannelRow | None
    is_anonymous: bool
    company_currency: str | None
    lines: Sequence[LineRow]
    priced: Priced
    shipments: Sequence[With[ShipmentRow, MoveRow]]
    returns: Sequence[With[ReturnRow, MoveRow]]
    credits: Sequence[With[InvoiceRow, InvoiceLineRow]]
    transactions: Sequence[TransactionRow]
    shipping_address: AddressRow | None
    billing_address: AddressRow | None
    replaced: str | None
    others: Mapping[int, OwnerRow]

    @property
    def customer_key(self) -> str | None:
        """The party's key, unless that party is nobody."""
        return None if self.is_anonymous or self.row.party is None else str(self.row.party)

    @property
    def is_return_alone(self) -> bool:
        """Whether it is no order, but takes back what another one sold."""
        return bool(self.others) and not any(line.pieces > 0 for line in self.lines)
