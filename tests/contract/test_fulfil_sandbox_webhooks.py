"""The Fulfil sandbox tells registered addresses of stock, signed so that the vendor's own client verifies it."""

from __future__ import annotations

import json
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from fulfil_client.client import verify_webhook  # type: ignore[import-untyped]

from retail_sync.sandbox.world.events import StockChanged

from .fulfil_shop import LATER, product, sandbox

EVENT = "product.product.inventory_level_changed"


class _Listener(HTTPServer):
    """Takes one event."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.body = ""
        self.told = Message()


class _Handler(BaseHTTPRequestHandler):
    server: _Listener

    def do_POST(self) -> None:
        self.server.body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.told = self.headers
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass


@pytest.mark.req("CAT-1")
def test_a_change_of_stock_is_told_and_signed() -> None:
    with _Listener() as listener, sandbox([product()]) as client:
        taken = Thread(target=listener.handle_request)
        taken.start()
        url = f"http://127.0.0.1:{listener.server_port}/stock"
        made = client.send("POST", "model/ir.webhook", json=[{"event": EVENT, "url": url}])
        assert made.status_code == 201
        client.app.apply([StockChanged(at=LATER, variant_id=71, stock=10)])
        taken.join(timeout=30)
        (level,) = json.loads(listener.body)
        assert (level["product_code"], level["timestamp"]) == ("P7-R-S", LATER.replace(tzinfo=None).isoformat())
        assert [(one["warehouse_code"], one["quantity_available"]) for one in level["warehouse_quantities"]] == [
            ("MAIN", 8),
            ("STORE", 2),
        ]
        secret = client.row("ir.webhook", [], ["secret"])["secret"]
        assert verify_webhook(listener.body, secret, listener.told["X-Fulfil-Hmac-SHA256"])
        assert not verify_webhook(listener.body + " ", secret, listener.told["X-Fulfil-Hmac-SHA256"])
        assert listener.told["X-Fulfil-Event"] == EVENT


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize(
    "hook", [{"event": EVENT, "url": "http://shop.test/x"}, {"event": "sale.sale.odd", "url": "https://shop.test/x"}]
)
def test_an_open_address_and_an_unknown_event_are_refused(hook: dict[str, str]) -> None:
    with sandbox() as client:
        refused = client.send("POST", "model/ir.webhook", json=[hook])
        assert (refused.status_code, refused.json()["type"]) == (400, "UserError")
