"""The sandbox as an application: every endpoint, the gate before them, the account behind them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import msgspec

from retail_sync.sandbox import kit
from retail_sync.vendors.ometria.sandbox import erasures, mails, merging, profiles, push, records
from retail_sync.vendors.ometria.sandbox.access import Gate
from retail_sync.vendors.ometria.sandbox.account import Account
from retail_sync.vendors.ometria.sandbox.endpoints import Endpoint, refused
from retail_sync.vendors.ometria.sandbox.refusals import no_such_method, not_found
from retail_sync.vendors.ometria.sandbox.settings import Settings
from retail_sync.vendors.ometria.sandbox.traps import KNOWN, Traps

RESOURCES = (push, records, profiles, merging, erasures, mails)
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
    app = kit.SandboxApp(
        "ometria",
        account,
        list(chain.from_iterable(endpoint.routes(account) for endpoint in ENDPOINTS)),
        connection=lambda url: {"conn_type": "ometria", "host": url, "password": wanted.api_keys[0]},
        before=Gate(account, ENDPOINTS).check,
        not_found=_unknown_path,
        latency=wanted.latency,
        faults=faults,
    )
    account.now = app.clock.now
    return app


def _unknown_path(_: kit.Request, status: int) -> kit.Response:
    return refused(not_found() if status == 404 else no_such_method())
