"""Sales with everything that hangs on them, brought in few requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from msgspec.structs import replace

from retail_sync.vendors.fulfil.channels import Channels
from retail_sync.vendors.fulfil.children import Brought, Children, linked
from retail_sync.vendors.fulfil.payloads import (
    AddressRow,
    InvoiceLineRow,
    InvoiceRow,
    LineRow,
    MoveRow,
    NumberRow,
    OwnerRow,
    ReturnRow,
    SaleRow,
    ShipmentRow,
    TaxRow,
    TrackingRow,
    TransactionRow,
)
from retail_sync.vendors.fulfil.prices import Priced, Rates
from retail_sync.vendors.fulfil.sale import Sale, With
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.shapes import Shapes, UnfitError


class Sales:
    """Brings what hangs on sales.

    Args:
        children: Brings rows by their ids.
        channels: Where sales come from.
        shapes: What is asked for.
        settings: The pair file's settings.
    """

    def __init__(self, children: Children, channels: Channels, shapes: Shapes, settings: Settings) -> None:
        self._children = children
        self._channels = channels
        self._shapes = shapes
        self._settings = settings

    def whole(self, rows: Sequence[SaleRow]) -> list[Sale | tuple[str, str]]:
        """These sales with what hangs on them; instead of one that can't be taken apart, its key and the reason."""
        brought = self._bring(rows)
        found: list[Sale | tuple[str, str]] = []
        for row in rows:
            try:
                found.append(self._assembled(row, brought))
            except UnfitError as error:
                found.append((str(row.id), str(error)))
        return found

    def _bring(self, sales: Sequence[SaleRow]) -> _Brought:
        shapes, bring = self._shapes, self._children.bring
        lines = bring(shapes.lines, _ids(sale.lines for sale in sales))
        shipments = bring(shapes.shipments, _ids(sale.shipments for sale in sales))
        returns = bring(shapes.returns, _ids(sale.shipment_returns for sale in sales))
        invoices = bring(shapes.invoices, _ids(sale.invoices for sale in sales))
        moves = [*(row.moves for row in shipments.fit), *(row.moves for row in returns.fit)]
        origins = _ids(linked(sale.origin, shapes.sales.model) for sale in sales)
        addresses = [(sale.shipment_address, sale.invoice_address) for sale in sales]
        return _Brought(
            lines=lines,
            taxes=bring(shapes.taxes, _ids(line.taxes for line in lines.fit)),
            shipments=shipments,
            returns=returns,
            moves=bring(shapes.moves, _ids(moves)),
            invoices=invoices,
            invoice_lines=bring(shapes.invoice_lines, _ids(row.lines for row in invoices.fit if row.is_credit)),
            transactions=bring(shapes.transactions, _ids(sale.transactions for sale in sales)),
            addresses=bring(shapes.addresses, [one for pair in addresses for one in pair if one is not None]),
            numbers=bring(shapes.sale_numbers, origins),
            owners=bring(shapes.owners, _ids(_strange(lines.known_of(sale.lines)) for sale in sales)),
            trackings=bring(
                shapes.trackings,
                [row.tracking_number for row in shipments.fit if isinstance(row.tracking_number, int)],
            ),
        )

    def _assembled(self, sale: SaleRow, brought: _Brought) -> Sale:
        lines = brought.lines.of(sale.lines)
        invoices = brought.invoices.of(sale.invoices)
        shipments = [brought.followed(row) for row in brought.shipments.of(sale.shipments)]
        replaced = [brought.numbers.known(one) for one in linked(sale.origin, self._shapes.sales.model)]
        return Sale(
            row=sale,
            channel=self._channels.of(sale.channel),
            is_anonymous=self._channels.is_anonymous(sale.party),
            company_currency=self._channels.currency,
            lines=lines,
            priced=Priced(sale, lines, self._rates(lines, brought.taxes), _invoiced(invoices)),
            shipments=[With(row, brought.moves.of(row.moves)) for row in shipments],
            returns=[With(row, brought.moves.of(row.moves)) for row in brought.returns.of(sale.shipment_returns)],
            credits=[With(row, brought.invoice_lines.of(row.lines)) for row in invoices if row.is_credit],
            transactions=brought.transactions.of(sale.transactions),
            shipping_address=brought.addresses.known(sale.shipment_address),
            billing_address=brought.addresses.known(sale.invoice_address),
            replaced=next((one.number for one in replaced if one is not None), None),
            others={number: one for number in _strange(lines) if (one := brought.owners.known(number)) is not None},
        )

    def _rates(self, lines: Sequence[LineRow], taxes: Brought[TaxRow]) -> Rates | None:
        if self._settings.names.line_taxes is None:
            return None
        return {line.id: sum((tax.rate or Decimal(0) for tax in taxes.of(line.taxes)), Decimal(0)) for line in lines}


@dataclass(frozen=True, slots=True)
class _Brought:
    lines: Brought[LineRow]
    taxes: Brought[TaxRow]
    shipments: Brought[ShipmentRow]
    returns: Brought[ReturnRow]
    moves: Brought[MoveRow]
    invoices: Brought[InvoiceRow]
    invoice_lines: Brought[InvoiceLineRow]
    transactions: Brought[TransactionRow]
    addresses: Brought[AddressRow]
    numbers: Brought[NumberRow]
    owners: Brought[OwnerRow]
    trackings: Brought[TrackingRow]

    def followed(self, row: ShipmentRow) -> ShipmentRow:
        """A parcel with its tracking number as text, wherever that stands."""
        if not isinstance(row.tracking_number, int):
            return row
        tracking = self.trackings.known(row.tracking_number)
        if tracking is None:
            return replace(row, tracking_number=None)
        return replace(row, tracking_number=tracking.number, tracking_url=row.tracking_url or tracking.url)


def _strange(lines: Sequence[LineRow]) -> list[int]:
    """The lines that returned ones of a sale name, and that are none of its own."""
    own = {line.id for line in lines}
    named = _ids(linked(line.origin, "sale.line") for line in lines if line.pieces < 0)
    return [number for number in named if number not in own]


def _invoiced(invoices: Sequence[InvoiceRow]) -> Decimal:
    return sum((row.total_amount or Decimal(0) for row in invoices if not row.is_credit), Decimal(0))


def _ids(lists: Iterable[Iterable[int]]) -> list[int]:
    return [number for numbers in lists for number in numbers]
