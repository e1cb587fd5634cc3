"""Comparing the live account with what the pair expects of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from retail_sync.errors import ConfigurationError
from retail_sync.model.ports import Finding
from retail_sync.model.views import DestinationView
from retail_sync.vendors.ometria.client import OmetriaClient
from retail_sync.vendors.ometria.events import event_types
from retail_sync.vendors.ometria.facts import OmetriaSettings
from retail_sync.vendors.ometria.people import Names

_FEW = {"limit": 25}


class Check:
    """What `retail-sync check` asks of an Ometria account.

    Args:
        client: The way to Ometria.
        view: The pair.
        settings: Its settings.
        names: How its people are called.
    """

    def __init__(self, client: OmetriaClient, view: DestinationView, settings: OmetriaSettings, names: Names) -> None:
        self._client = client
        self._view = view
        self._settings = settings
        self._names = names

    def run(self) -> Iterator[Finding]:
        """Look at everything; what can't be looked at without the thing before it is left out."""
        try:
            collections = self._client.get("/contacts", "check")
        except ConfigurationError as error:
            yield Finding("API key", ok=False, detail=error.what, fix=error.fix)
            return
        yield Finding("API key", ok=True, detail="Ometria answers")
        yield self._collection(collections)
        yield self._listed("orders", "/orders", _FEW)
        yield self._listed("products", "/products", _FEW)
        yield self._listed("unsubscribes", "/unsubscribes")
        yield self._listed("errors of pushes", "/push/_errors")
        yield from self._profiles()
        yield self._events()

    def _collection(self, collections: Any) -> Finding:
        if not isinstance(collections, list):
            return Finding(
                "collection", ok=False, detail="can't be read as a list", fix="Correct the connection's host."
            )
        counts = {str(one.get("collection")): one.get("count") for one in collections if isinstance(one, dict)}
        count = counts.get(self._names.collection)
        detail = f"{self._names.collection} " + (f"holds {count}" if count else "is made by the first contact")
        return Finding("collection", ok=True, detail=detail)

    def _listed(self, what: str, path: str, params: Mapping[str, int] | None = None) -> Finding:
        answer = self._client.get(path, "check", params)
        ok = isinstance(answer, list)
        fix = "" if ok else "Ask Ometria's staff whether the key may read these."
        return Finding(what, ok=ok, detail="can be read" if ok else "can't be read as a list", fix=fix)

    def _profiles(self) -> Iterator[Finding]:
        answer = self._client.get("/profiles/", "check", _FEW)
        rows = [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else None
        if rows is None:
            yield Finding("profiles", ok=False, detail="can't be read as a list", fix="Ask Ometria's staff why.")
            return
        odd = sorted({type(one.get("marketing_optin")).__name__ for one in rows} - {"bool", "NoneType"})
        detail = f"marketing_optin is {' or '.join(odd)}" if odd else "marketing_optin is true, false or nothing"
        fix = "Run no pair with this account: consent can't be read from it." if odd else ""
        yield Finding("profiles", ok=not odd, detail=detail, fix=fix)
        yield self._customer_ids(rows)

    def _customer_ids(self, rows: list[dict[str, Any]]) -> Finding:
        """Whether somebody else gives customer ids too: then one address becomes several profiles."""
        given = [str(one["customer_id"]) for one in rows if one.get("customer_id")]
        foreign = [one for one in given if not self._names.is_ours(one)]
        if self._names.named and foreign:
            return Finding(
                "customer ids",
                ok=False,
                detail=f"{len(foreign)} of {len(rows)} profiles have a customer_id that is none of ours",
                fix="Set account_ids: false, or one address with two customer ids becomes two profiles.",
            )
        return Finding("customer ids", ok=True, detail="ours" if self._names.named else "left to others")

    def _events(self) -> Finding:
        names = ", ".join(event_types(self._view)) or "none"
        detail = f"{names}; no call tells whether Ometria's staff has registered them"
        return Finding("event types", ok=True, detail=detail)
