"""OrderWise's despatches as canonical shipments: an order may leave in several."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from retail_sync.model.records import Shipment, ShipmentLine
from retail_sync.vendors.carriers import Carriers, tracking_url
from retail_sync.vendors.orderwise.canonical import whole
from retail_sync.vendors.orderwise.local_time import LocalTime
from retail_sync.vendors.orderwise.payloads import DespatchRow, OrderRow


class Shipments:
    """Turns the rows of despatches into canonical shipments.

    Args:
        carriers: Where parcels can be followed whose courier has no address in OrderWise.
        clock: The server's.
    """

    def __init__(self, carriers: Carriers, clock: LocalTime) -> None:
        self._carriers = carriers
        self._clock = clock

    def of(self, order: OrderRow, number: str, despatches: Sequence[Sequence[DespatchRow]]) -> tuple[Shipment, ...]:
        """The shipments of an order; the rows of each despatch come together."""
        return tuple([self._shipment(order, number, rows) for rows in despatches])

    def _shipment(self, order: OrderRow, number: str, rows: Sequence[DespatchRow]) -> Shipment:
        despatch = rows[0]
        # What CONFIRMED names of carriers.yaml know of a service holds for a courier of OrderWise's too.
        tracking = tracking_url(
            self._carriers,
            despatch.courier,
            despatch.method,
            despatch.consignment,
            country=order.delivery_code,
            postcode=order.delivery_postcode,
        )
        return Shipment(
            key=str(despatch.dh_id),
            number=despatch.number or f"{number}-{despatch.dh_id}",
            shipped=True,
            shipped_at=self._clock.utc(despatch.despatched_at) if despatch.despatched_at else None,
            carrier=despatch.courier,
            service=despatch.method,
            tracking_number=despatch.consignment,
            tracking_url=_own_url(despatch) or tracking.url,
            untracked=tracking.untracked,
            lines=tuple([_line(row) for row in rows if row.line_id is not None]),
        )


def _line(row: DespatchRow) -> ShipmentLine:
    return ShipmentLine(line_key=str(row.line_id), quantity=whole(row.quantity, "a despatched quantity"))


def _own_url(despatch: DespatchRow) -> str | None:
    """The courier's address in OrderWise: prefix, number, suffix (CONFIRMED)."""
    prefix = despatch.tracking_prefix or ""
    if not despatch.consignment or not prefix.lower().startswith(("https://", "http://")):
        return None
    return f"{prefix}{quote(despatch.consignment, safe='')}{despatch.tracking_suffix or ''}"
