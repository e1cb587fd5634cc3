"""Events that registered addresses are told of: signed, one try each, and nobody hears where that fails."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from queue import SimpleQueue
from typing import Any
from urllib.parse import urlsplit

import msgspec

from retail_sync.vendors.fulfil.sandbox.database import Database
from retail_sync.vendors.fulfil.sandbox.records import Product, Webhook
from retail_sync.vendors.fulfil.sandbox.refusals import user_error

#: The one event that is documented.
STOCK = "product.product.inventory_level_changed"
_SECONDS = 5.0
_HERE = ("127.0.0.1", "localhost")
_ORGANISATION = "kustlinje-sandbox"


class Webhooks:
    """Delivers events from a thread of its own, in the order in which they happened.

    Args:
        db: The tables.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: SimpleQueue[tuple[Webhook, bytes]] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def stock_changed(self, product: Product, at: datetime) -> None:
        """Tell of a product's new stock."""
        hooks = [one for one in self._db.webhooks if one.active and one.event == STOCK]
        if not hooks:
            return
        body = msgspec.json.encode([self._level(product, at)])
        for hook in hooks:
            self._waiting.put((hook, body))
        if self._thread is None:
            self._thread = threading.Thread(target=self._deliver, name="fulfil webhooks", daemon=True)
            self._thread.start()

    def _level(self, product: Product, at: datetime) -> dict[str, Any]:
        return {
            "timestamp": at.isoformat(),
            "product_id": product.id,
            "product_code": product.code,
            "warehouse_quantities": [
                {
                    "warehouse_id": place,
                    "warehouse_code": self._db.locations[place].code,
                    "quantity_on_hand": count,
                    "quantity_available": count,
                }
                for place, count in product.stock.items()
            ],
            "listing_quantities": [],
        }

    def _deliver(self) -> None:
        while True:
            hook, body = self._waiting.get()
            headers = {
                "Content-Type": "application/json",
                "X-Fulfil-Event": hook.event,
                "X-Fulfil-Organization": _ORGANISATION,
                "X-Fulfil-Hmac-SHA256": signature(hook.secret or "", body),
            }
            request = urllib.request.Request(hook.url, data=body, headers=headers)  # noqa: S310 - checked by `complete`
            with suppress(OSError), urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310 - as above
                pass


def signature(secret: str, body: bytes) -> str:
    """What proves that a body is the vendor's; secrets are base64."""
    return base64.b64encode(hmac.new(base64.b64decode(secret), body, hashlib.sha256).digest()).decode()


def complete(values: Mapping[str, Any]) -> dict[str, Any]:
    """A registration as it is kept: its secret is made where none was given.

    Raises:
        RefusedError: The event is unknown, or the address is not HTTPS; on this machine alone it need not be.
    """
    if values["event"] != STOCK:
        raise user_error(f"There is no event {values['event']}")
    address = urlsplit(values["url"])
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in _HERE):
        raise user_error("Webhooks are delivered by HTTPS only")
    made = base64.b64encode(hashlib.sha256(values["url"].encode()).digest()).decode()
    return {**values, "secret": values.get("secret") or made}
