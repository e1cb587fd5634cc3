"""The sandbox as an application: every endpoint, the gate before them, the account behind them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import msgspec

from retail_sync.sandbox import kit
from retail_sync.vendors.mailchimp.sandbox import (
    batches,
    carts,
    customers,
    lists,
    member_batch,
    member_extras,
    members,
    merge_fields,
    orders,
    product_parts,
    products,
    sale_lines,
    stores,
)
from retail_sync.vendors.mailchimp.sandbox.access import Gate
from retail_sync.vendors.mailchimp.sandbox.account import Account
from retail_sync.vendors.mailchimp.sandbox.batch_results import PATH
from retail_sync.vendors.mailchimp.sandbox.endpoints import Endpoint, unknown_path
from retail_sync.vendors.mailchimp.sandbox.settings import Settings
from retail_sync.vendors.mailchimp.sandbox.traps import KNOWN, Traps

RESOURCES = (
    lists,
    member_batch,
    members,
    member_extras,
    merge_fields,
    stores,
    customers,
    products,
    product_parts,
    orders,
    carts,
    sale_lines,
    batches,
)
ENDPOINTS: tuple[Endpoint, ...] = tuple(chain.from_iterable(resource.ENDPOINTS for resource in RESOURCES))


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
    routes = [endpoint.route(account) for endpoint in ENDPOINTS]
    gate = Gate(wanted, lambda: app.in_flight, lambda meant: app.call(meant, count=False))
    app = kit.SandboxApp(
        "mailchimp",
        account,
        [
            *routes,
            kit.Route("GET", PATH, lambda request: account.batches.download(request, account.now()), f"GET {PATH}"),
        ],
        connection=lambda url: {
            "conn_type": "mailchimp",
            "host": url,
            "password": wanted.api_keys[0],
        },
        before=gate.check,
        not_found=unknown_path(routes),
        latency=wanted.latency,
        faults=faults,
    )
    account.now = app.clock.now
    account.batches.attach(app)
    return app
