"""A client of the OrderWise sandbox that knows nothing but what a caller of such an installation must know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import requests

from retail_sync.sandbox.host import running
from retail_sync.sandbox.kit import SandboxApp
from retail_sync.sandbox.world.events import ShopEvent
from retail_sync.vendors.orderwise.sandbox import build

from .centra_shop import NOON

LOGIN = ("api", "orderwise-sandbox-access")
#: The number under which the client installs what it wants to ask.
OWN = 900
Row = dict[str, Any]


class Client:
    """Logs in once, and asks.

    Args:
        url: The base URL.
        app: The sandbox, for what only its owner may do.
        login: Who asks.
    """

    def __init__(self, url: str, app: SandboxApp, login: tuple[str, str] = LOGIN) -> None:
        self.url, self.app, self.login = url, app, login
        self.token = ""

    def log_in(self) -> str:
        """A new token."""
        answer = requests.get(f"{self.url}/token/gettoken", auth=self.login, timeout=30)
        assert answer.status_code == 200
        self.token = answer.json()
        return self.token

    def send(self, method: str, path: str, **more: Any) -> requests.Response:
        """One request with the token, whatever comes of it."""
        headers = {"Authorization": f"Bearer {self.token or self.log_in()}"}
        return requests.request(method, f"{self.url}/{path}", headers=headers, timeout=30, **more)

    def get(self, path: str, **query: Any) -> Any:
        """What a path gives; nothing is an empty list."""
        answer = self.send("GET", path, params=query)
        assert answer.status_code in {200, 204}, answer.text
        return answer.json() if answer.content else []

    def export(self, number: int = OWN, **values: Any) -> requests.Response:
        """Run a definition with parameters by name."""
        body = [{"name": f"@{name}", "value": value} for name, value in values.items()]
        return self.send("POST", f"system/export-definition/{number}", json=body or [{"name": "", "value": None}])

    def install(self, sql: str, number: int = OWN) -> requests.Response:
        """Install a definition as a person does."""
        return requests.post(f"{self.url}/sandbox/definitions", json={number: sql}, timeout=30)

    def rows(self, sql: str, **values: Any) -> list[Row]:
        """What a definition gives."""
        assert self.install(sql).status_code == 200
        answer = self.export(**values)
        assert answer.status_code in {200, 204}, answer.text
        return list(answer.json()) if answer.content else []


@contextmanager
def sandbox(events: Sequence[ShopEvent] = (), **settings: Any) -> Iterator[Client]:
    """A sandbox in which events have happened, without the definitions that the product ships unless asked for."""
    app = build({"definitions_folder": "", **settings})
    app.clock.stand(NOON + timedelta(days=30))
    with running(app) as url:
        app.apply(events)
        yield Client(app.connection(url)["host"], app)
