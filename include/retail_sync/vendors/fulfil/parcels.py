"""Fulfil's customer shipments as parcels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from retail_sync.model.records import Shipment, ShipmentLine
from retail_sync.vendors.carriers import Carriers, tracking_url
from retail_sync.vendors.fulfil.children import linked
from retail_sync.vendors.fulfil.facts import CANCELLED, SHIPPED
from retail_sync.vendors.fulfil.lines import whole
from retail_sync.vendors.fulfil.payloads import AddressRow, MoveRow, ShipmentRow
from retail_sync.vendors.fulfil.sale import Sale, With
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.times import on_day


class Parcels:
    """Turns shipments into parcels.

    Args:
        carriers: Where parcels can be followed, unless the shipment says so itself.
        settings: The pair file's settings.
    """

    def __init__(self, carriers: Carriers, settings: Settings) -> None:
        self._carriers = carriers
        self._zone = ZoneInfo(settings.timezone)

    def of(self, sale: Sale) -> tuple[Shipment, ...]:
        """The parcels of a sale; shipments that were called off are none."""
        ordered = {line.id for line in sale.lines if line.pieces > 0}
        return tuple(
            self._parcel(one, sale.shipping_address, ordered)
            for one in sale.shipments
            if one.row.state not in CANCELLED
        )

    def _parcel(self, shipment: With[ShipmentRow, MoveRow], to: AddressRow | None, ordered: set[int]) -> Shipment:
        row = shipment.row
        number = str(row.tracking_number).strip() if row.tracking_number is not None else ""
        followed = tracking_url(
            self._carriers,
            row.carrier,
            row.service,
            number,
            country=to.country if to else None,
            postcode=to.zip if to else None,
        )
        own = row.tracking_url if urlsplit(row.tracking_url or "").scheme == "https" else None
        shipped = row.state == SHIPPED
        seen = row.shipped_at or row.changed
        return Shipment(
            key=str(row.id),
            number=row.number or str(row.id),
            shipped=shipped,
            shipped_at=on_day(None if row.shipped_at else row.effective_date, seen, self._zone) if shipped else None,
            carrier=row.carrier or None,
            service=row.service or None,
            tracking_number=number or None,
            tracking_url=own or followed.url,
            untracked=followed.untracked and own is None,
            lines=_packed(shipment.details, ordered),
        )


def _packed(moves: Sequence[MoveRow], ordered: set[int]) -> tuple[ShipmentLine, ...]:
    """How many of which line a parcel holds, as far as its moves name lines."""
    packed: Counter[int] = Counter()
    for move in moves:
        if move.state not in CANCELLED and move.quantity:
            packed.update({line: whole(move.quantity) for line in linked(move.origin, "sale.line") if line in ordered})
    return tuple(ShipmentLine(line_key=str(line), quantity=quantity) for line, quantity in packed.items())
