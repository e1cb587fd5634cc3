"""Who is let in: keys, and how many requests of each kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from retail_sync.sandbox import kit
from retail_sync.vendors.ometria.sandbox.endpoints import ROOT, Endpoint, refused
from retail_sync.vendors.ometria.sandbox.refusals import not_authorised, too_many

if TYPE_CHECKING:
    from retail_sync.vendors.ometria.sandbox.account import Account

HEADER = "x-ometria-auth"


class Gate:
    """Stands before every request below the API's root.

    Args:
        account: Its keys, its buckets and its traps.
        endpoints: Which bucket pays for what.
    """

    def __init__(self, account: Account, endpoints: Iterable[Endpoint]) -> None:
        self._account = account
        self._buckets = {endpoint.name: endpoint.bucket for endpoint in endpoints}

    def check(self, request: kit.Request) -> kit.Response | None:
        """A refusal, or None to go on."""
        account, name = self._account, request.endpoint
        if not request.path.startswith(ROOT):
            return None
        account.settle()
        if request.header(HEADER) not in account.settings.api_keys or account.traps.take("token_expired", name):
            return refused(not_authorised())
        bucket = self._buckets.get(name, "data")
        if account.traps.take("quota_spent", name):
            account.buckets.drain(bucket)
        return None if account.buckets.spend(bucket) else refused(too_many())
