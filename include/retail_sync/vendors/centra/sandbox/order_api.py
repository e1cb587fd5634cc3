"""`GET /order-api/shipments`: completed shipments with their tracking addresses, as the older REST plugin has them."""

from __future__ import annotations

from typing import Any

from retail_sync.sandbox.kit import Request, Response, reply
from retail_sync.vendors.centra.sandbox.records import Shipment
from retail_sync.vendors.centra.sandbox.settings import Settings
from retail_sync.vendors.centra.sandbox.shop import Shop

PATH = "/order-api/shipments"
_STATES = ("goodtogo", "inprogress", "completed")


class OrderApi:
    """The plugin.

    Args:
        settings: The instance; its `order_api_secret` is the plugin's.
        shop: Its books.
    """

    def __init__(self, settings: Settings, shop: Shop) -> None:
        self._settings, self._shop = settings, shop

    def shipments(self, request: Request) -> Response:
        """GET shipments, oldest first. ASSUMED: how a refusal looks, and that its status is 200."""
        if request.header("api-authorization") != self._settings.order_api_secret:
            return reply({"status": "no", "msg": "authorization failed"})
        state, limit = request.argument("status") or "goodtogo", int(request.argument("limit") or 100)
        if state not in _STATES or not 1 <= limit <= 100:
            return reply({"status": "no", "msg": "bad parameter"})
        order, offset = request.argument("order"), int(request.argument("offset") or 0)
        found = [
            one
            for one in sorted(self._shop.shipments.values(), key=lambda one: (one.created_at, one.id))
            if (order is None or str(one.order.number) == order)
            and (one.shipped_at is not None) == (state == "completed")
        ]
        return reply({"status": "ok", "shipments": [self._view(one) for one in found[offset : offset + limit]]})

    def _view(self, shipment: Shipment) -> dict[str, Any]:
        number = shipment.tracking_number
        return {
            "shipmentId": shipment.number,
            "orderId": str(shipment.order.number),
            "carrier": shipment.carrier or "",
            "service": shipment.service or "",
            "trackingNumber": number or "",
            "trackingId": number or "",
            "trackingUrl": f"https://follow.shop.test/{number}" if number else "",
        }
