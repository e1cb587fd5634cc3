"""The sandbox as an application: every endpoint, the gate before them, the account behind them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import msgspec

from retail_sync.sandbox import kit
from retail_sync.vendors.emarsys.sandbox import (
    catalogue,
    contact_deletion,
    contact_lists,
    contact_reads,
    contact_writes,
    event_api,
    event_triggers,
    export_api,
    field_api,
    responses,
    sales,
)
from retail_sync.vendors.emarsys.sandbox.account import Account
from retail_sync.vendors.emarsys.sandbox.endpoints import Endpoint
from retail_sync.vendors.emarsys.sandbox.envelope import envelope
from retail_sync.vendors.emarsys.sandbox.settings import Settings
from retail_sync.vendors.emarsys.sandbox.tokens import TOKEN_PATH
from retail_sync.vendors.emarsys.sandbox.traps import KNOWN, Traps
from retail_sync.vendors.emarsys.sandbox.uploads import PREFIX, upload

RESOURCES = (
    contact_writes,
    contact_reads,
    contact_deletion,
    contact_lists,
    field_api,
    event_api,
    event_triggers,
    responses,
    export_api,
)
ENDPOINTS: tuple[Endpoint, ...] = tuple(chain.from_iterable(resource.ENDPOINTS for resource in RESOURCES))
SALES, CATALOGUE = "POST sales-data", "POST catalog"


def build(settings: Mapping[str, Any]) -> kit.SandboxApp:
    """The sandbox of one account.

    Args:
        settings: Fields of `Settings`; what is left out has its default.

    Raises:
        msgspec.ValidationError: A setting that does not exist or has a wrong type.
    """
    wanted = msgspec.convert(dict(settings), Settings)
    faults = kit.Faults(KNOWN, wanted.seed)
    account = Account(wanted, Traps(faults))
    app = kit.SandboxApp(
        "emarsys",
        account,
        [
            *chain.from_iterable(endpoint.routes(account) for endpoint in ENDPOINTS),
            kit.Route("POST", TOKEN_PATH, account.gate.tokens.give, "token"),
            kit.Route("GET", "/healthcheck", lambda _: kit.reply({"status": "ok"}), "healthcheck"),
            kit.Route("POST", f"{PREFIX}/sales-data/api", upload(sales.take, account, SALES), SALES, write=True),
            kit.Route(
                "POST", f"{PREFIX}/catalog/api", upload(catalogue.take, account, CATALOGUE), CATALOGUE, write=True
            ),
        ],
        connection=lambda url: _connection(url, wanted),
        before=account.gate.check,
        not_found=lambda _, status: _unknown(wanted, status),
        faults=faults,
        latency=wanted.latency,
    )
    account.clock = app.clock.now
    return app


def _unknown(settings: Settings, status: int) -> kit.Response:
    code, text = (1009, "Method not allowed") if status == 405 else (1, "Not found")
    return envelope("", settings.content_type, code=code, text=text, status=status)


def _connection(url: str, settings: Settings) -> dict[str, Any]:
    return {
        "conn_type": "emarsys",
        "host": url,
        "login": settings.client_id,
        "password": settings.client_secret,
        "extra": {
            "token_url": f"{url}{TOKEN_PATH}",
            "sales_url": url,
            "sales_token": settings.merchant_token,
            "catalogue_token": "sandbox-catalogue-token",
        },
    }
