"""Comparing the live account with what the pair expects of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from retail_sync.errors import ConfigurationError, PermissionMissingError, RetailSyncError
from retail_sync.model.ports import Finding
from retail_sync.model.views import DestinationView
from retail_sync.vendors.emarsys.access import Access
from retail_sync.vendors.emarsys.contact_fields import ContactField
from retail_sync.vendors.emarsys.events import event_names
from retail_sync.vendors.emarsys.facts import EMAIL, FIELD_TYPES, SYSTEM_FIELDS
from retail_sync.vendors.emarsys.sales_upload import SalesUpload
from retail_sync.vendors.emarsys.wire import Ask

_NO_INDEX = 2015
_WSSE_ENDS = datetime(2027, 1, 1, tzinfo=UTC)
_ALLOW = "Allow this endpoint for the API credential at Emarsys; each is forbidden until somebody does."
#: Nobody's address: who asks for it only learns whether it may ask.
_NOBODY = "nobody@mail.invalid"


class Check:
    """What `retail-sync check` asks of an Emarsys account.

    Args:
        access: The way to it.
        view: The pair.
        fields: The contact fields that it fills.
        sales: The way to the interface of sales data, where orders go by it.
    """

    def __init__(
        self, access: Access, view: DestinationView, fields: Sequence[ContactField], sales: SalesUpload | None
    ) -> None:
        self._access = access
        self._settings = access.settings
        self._view = view
        self._fields = fields
        self._sales = sales

    def run(self) -> Iterator[Finding]:
        """Look at everything; what can't be looked at without the thing before it is left out."""
        yield from self._way_in()
        try:
            self._access.ids.find(self._settings.key_field)
        except ConfigurationError as error:
            yield Finding("API credential", ok=False, detail=error.what, fix=error.fix)
            return
        yield Finding("API credential", ok=True, detail="Emarsys answers")
        yield self._key_field()
        for field in self._fields:
            yield from self._field(field)
        yield from self._permissions()
        yield from self._events()
        yield self._sales_data()

    def _way_in(self) -> Iterator[Finding]:
        if self._settings.auth == "wsse":
            ended = self._access.clock() >= _WSSE_ENDS
            fix = "Make an OAuth2 credential at Emarsys and set auth: oauth2."
            detail = "WSSE has ended" if ended else "WSSE and version 2 of the API end with 2026"
            yield Finding("way in", ok=not ended, detail=detail, fix=fix if ended else "")

    def _key_field(self) -> Finding:
        subject, name = "key field", self._settings.key_field
        fix = f"Have Emarsys' support make an index for the field {name}; without it no contact can be written."
        if not name.isdigit() and self._access.ids.find(name) is None:
            return Finding(subject, ok=False, detail=f"{name} is not there yet; the first run makes it", fix=fix)
        field = self._access.key_field
        params = {"return": field, field: "nobody", "limit": "1"}
        reply = self._access.send(Ask("GET", "/contact/query/", "contact.query", params=params))
        if reply.code == _NO_INDEX:
            return Finding(subject, ok=False, detail=f"{name} has no index", fix=fix)
        return Finding(subject, ok=True, detail=f"{name} is field {field} and has an index")

    def _field(self, field: ContactField) -> Iterator[Finding]:
        subject = f"contact field {field.name}"
        if field.name in self._settings.choices:
            yield self._choices(field, subject)
        if not field.own:
            return
        held, wanted = self._access.ids.find(field.name), FIELD_TYPES[field.type][0]
        if held is None:
            yield Finding(subject, ok=True, detail=f"is not there yet; the first run makes it as {wanted}")
        elif held.type != wanted:
            fix = "Change the type in the pair file, or name another field: Emarsys never changes a type."
            yield Finding(subject, ok=False, detail=f"is {held.type} at Emarsys, {wanted} in the pair file", fix=fix)

    def _choices(self, field: ContactField, subject: str) -> Finding:
        """A choice that the field does not offer would have the whole contact refused."""
        number = str(SYSTEM_FIELDS.get(field.name, "")) or self._access.ids.of(field.name)
        reply = self._access.send(Ask("GET", f"/field/{number}/choice/translate/en", "field.choices"))
        offered = {str(choice.get("id")) for choice in reply.data} if isinstance(reply.data, list) else set()
        unknown = sorted(set(self._settings.choices[field.name].values()) - offered)
        if not unknown:
            return Finding(subject, ok=True, detail="offers every choice that the pair file names")
        fix = "Correct destination.settings.choices: it takes ids, not labels."
        return Finding(subject, ok=False, detail=f"does not offer {', '.join(unknown)}", fix=fix)

    def _permissions(self) -> Iterator[Finding]:
        now = self._access.clock().astimezone(ZoneInfo(self._settings.timezone))
        times = [f"{at:%Y-%m-%d %H:%M:%S}" for at in (now - timedelta(minutes=1), now)]
        export: dict[str, Any] = {"distribution_method": "local", "contact_fields": [EMAIL]}
        responses = {**export, "sources": ["unsubscribe"], "analysis_fields": [8], "time_range": times}
        changes = {**export, "origin": "all", "origin_id": "0", "time_range": [f"{now:%Y-%m-%d}"] * 2}
        asked = (
            Ask("POST", "/contact/getdata", "contact.getdata", {"keyId": "3", "keyValues": [_NOBODY], "fields": ["3"]}),
            Ask("PUT", "/contact/", "contact.update", {"key_id": "3", "contacts": [{"3": _NOBODY}]}),
            Ask("POST", "/email/getresponses", "export.responses", responses),
            Ask("POST", "/contact/getchanges", "export.changes", changes),
        )
        for ask in asked:
            yield _tried(f"permission {ask.endpoint}", partial(self._access.send, ask))

    def _events(self) -> Iterator[Finding]:
        names = event_names(self._view)
        if not names:
            return
        held: set[str] = set()
        finding = _tried("permission event.list", lambda: held.update(self._event_names()))
        if not finding.ok:
            yield finding
            return
        for name in names:
            if name in self._settings.event_ids:
                known, detail = True, f"has the id {self._settings.event_ids[name]}"
            else:
                known = name in held
                detail = "is there" if known else "is not there yet; the first run makes it, and marketing ties it"
            yield Finding(f"external event {name}", ok=True, detail=detail)

    def _event_names(self) -> set[str]:
        reply = self._access.send(Ask("GET", "/event", "event.list"))
        return {str(event.get("name")) for event in reply.data} if isinstance(reply.data, list) else set()

    def _sales_data(self) -> Finding:
        subject = "sales data"
        if self._sales is not None:
            return _tried(subject, self._sales.probe)
        if self._settings.sales == "none":
            return Finding(subject, ok=True, detail="the pair sends no orders")
        folder = Path(self._settings.sales_folder)
        ok = folder.is_dir() and os.access(folder, os.W_OK)
        fix = "" if ok else "Make the folder that destination.settings.sales_folder names, and let us write there."
        return Finding(subject, ok=ok, detail=f"files go to {folder}", fix=fix)


def _tried(subject: str, do: Callable[[], object]) -> Finding:
    """Whether a call may be made; what it answers does not matter."""
    try:
        do()
    except PermissionMissingError as error:
        return Finding(subject, ok=False, detail=error.what, fix=_ALLOW)
    except RetailSyncError as error:
        return Finding(subject, ok=False, detail=error.what, fix=error.fix)
    return Finding(subject, ok=True, detail="is given")
