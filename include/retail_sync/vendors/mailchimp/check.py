"""Comparing the live account with what the pair expects of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from retail_sync.errors import ConfigurationError
from retail_sync.model.ports import Finding
from retail_sync.model.views import DestinationView
from retail_sync.vendors.mailchimp.access import Access
from retail_sync.vendors.mailchimp.order_check import order_words
from retail_sync.vendors.mailchimp.wire import Write


class Check:
    """What `retail-sync check` asks of a Mailchimp account.

    Args:
        access: The way to the audience and its store.
        view: The pair.
        types: The merge fields that the pair wants, with their types.
    """

    def __init__(self, access: Access, view: DestinationView, types: Mapping[str, str]) -> None:
        self._send = access.send
        self._paths = access.paths
        self._settings = access.settings
        self._view = view
        self._types = types

    def run(self) -> Iterator[Finding]:
        """Look at everything; what can't be looked at without the thing before it is left out."""
        try:
            answered = self._send(Write("GET", "/ping", "ping")).ok
        except ConfigurationError as error:
            yield Finding("API key", ok=False, detail=error.what, fix=error.fix)
            return
        yield Finding("API key", ok=answered, detail="Mailchimp answers" if answered else "Mailchimp does not answer")
        audience = self._read(self._paths.audience)
        if audience is None:
            detail = f"there is no audience {self._settings.audience}"
            yield Finding("audience", ok=False, detail=detail, fix="Put the audience's id into the pair file.")
            return
        yield Finding("audience", ok=True, detail=f"{audience.get('name')}")
        yield self._opt_in(audience)
        yield from self._merge_fields()
        yield from self._store()
        yield from order_words(self._view)

    def _read(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any] | None:
        reply = self._send(Write("GET", path, "check", params=params or {}))
        return reply.body if reply.ok and isinstance(reply.body, dict) else None

    def _opt_in(self, audience: Mapping[str, Any]) -> Finding:
        there, here = bool(audience.get("double_optin")), self._view.double_opt_in
        if there == here:
            return Finding("double opt-in", ok=True, detail="as the pair file says: " + ("on" if here else "off"))
        return Finding(
            "double opt-in",
            ok=False,
            detail=f"{'on' if there else 'off'} at the audience, {'on' if here else 'off'} in the pair file",
            fix="Set consent.double_opt_in as the audience is: the API subscribes without a confirmation otherwise.",
        )

    def _merge_fields(self) -> Iterator[Finding]:
        answer = self._read(self._paths.merge_fields, {"count": "1000"})
        if answer is None:
            yield Finding("merge fields", ok=False, detail="they can't be read", fix="Check the key's user's role.")
            return
        held = {field["tag"]: field["type"] for field in answer["merge_fields"]}
        wrong = [tag for tag, kind in self._types.items() if held.get(tag, kind) != kind]
        for tag in wrong:
            yield Finding(
                f"merge field {tag}",
                ok=False,
                detail=f"is {held[tag]} at Mailchimp and {self._types[tag]} in the pair file",
                fix="Change the type in the pair file, or remove the field at Mailchimp.",
            )
        yield from self._choices({field["tag"]: field for field in answer["merge_fields"]})
        missing = [tag for tag in self._types if tag not in held]
        limit = answer.get("merge_field_limit")
        room = len(missing) if limit is None else int(limit) - len(held)
        detail = f"{len(held)} of {limit if limit is not None else '?'}; {len(missing)} to be created"
        fix = "" if room >= len(missing) else "Map fewer fields, or remove unused ones at Mailchimp."
        yield Finding("merge fields", ok=not fix, detail=detail, fix=fix)

    def _choices(self, held: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
        """A choice that the field does not offer would have the whole contact refused."""
        for tag, mapped in self._view.mapping.items():
            offered = held.get(tag, {}).get("options", {}).get("choices")
            unknown = sorted(set(mapped.choices) - set(offered)) if mapped.choices and offered is not None else []
            if unknown:
                yield Finding(
                    f"merge field {tag}",
                    ok=False,
                    detail=f"does not offer {', '.join(unknown)}",
                    fix="Add these choices at Mailchimp, or take them out of the pair file.",
                )

    def _store(self) -> Iterator[Finding]:
        store = self._read(self._paths.store)
        if store is None:
            yield Finding("store", ok=True, detail=f"{self._settings.store} is not there yet; the first run creates it")
            return
        right = store["list_id"] == self._settings.audience
        fix = "" if right else "A store never changes its audience: name another store in the pair file."
        yield Finding("store's audience", ok=right, detail=f"{store['list_id']}", fix=fix)
        currency = store["currency_code"] == self._view.currency
        fix = "" if currency else "Set value.currency as the store has it, or name another store."
        yield Finding("store's currency", ok=currency, detail=f"{store['currency_code']}", fix=fix)
        syncing = bool(store.get("is_syncing"))
        fix = "Run the pair: it is turned off with the next change of the store." if syncing else ""
        detail = "is_syncing is on, so no order mail is sent" if syncing else "is_syncing is off"
        yield Finding("store's mails", ok=not syncing, detail=detail, fix=fix)
