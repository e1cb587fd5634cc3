"""Contacts as the audience holds them, whatever their status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from retail_sync.errors import UnreachableError
from retail_sync.model.delivery import Contact, OptIn
from retail_sync.vendors.mailchimp.access import Access
from retail_sync.vendors.mailchimp.facts import PAGE, STATUSES
from retail_sync.vendors.mailchimp.paging import everything
from retail_sync.vendors.mailchimp.payloads import contact_key, moment
from retail_sync.vendors.mailchimp.shapes import merge_values
from retail_sync.vendors.mailchimp.wire import Paths, Reply, Write

_FIELDS = (
    "id",
    "email_address",
    "status",
    "last_changed",
    "unsubscribe_reason",
    "merge_fields",
    "timestamp_opt",
    "ip_opt",
    "source",
)
#: How many single reads one page of a thousand costs as much as.
_PAGE_WEIGHT = 5
_STABLE = {"sort_field": "last_changed", "sort_dir": "ASC"}


class Contacts:
    """Reads the contacts of one audience.

    Args:
        access: The way to the audience.
        types: The merge fields that we own, with their types.
    """

    def __init__(self, access: Access, types: Mapping[str, str]) -> None:
        self._send = access.send
        self._pool = access.pool
        self._path = access.paths.members
        self._settings = access.settings
        self._types = types

    def lookup(self, emails: Sequence[str]) -> Iterator[Contact]:
        """The contacts of these addresses; those that are not there, or were deleted for good, are absent."""
        keys = list(dict.fromkeys(map(contact_key, emails)))
        if len(keys) > self._settings.direct_up_to and self._paging_is_cheaper(len(keys)):
            wanted = set(keys)
            yield from (contact for contact in self.changed(None) if contact.vendor_key in wanted)
            return
        yield from (contact for contact in self._pool.map(self._find, keys) if contact)

    def changed(self, since: datetime | None) -> Iterator[Contact]:
        """All contacts, archived ones included, or those that changed since a time; a little more than that."""
        window: dict[str, str] = {}
        if since is not None:
            back = since.astimezone(UTC) - timedelta(seconds=self._settings.change_overlap)
            window = {"since_last_changed": moment(back)}
        for status in STATUSES:
            params = {"status": status, **_STABLE, **window}
            yield from map(self._contact, everything(self._send, self._path, "members", _FIELDS, params))

    def count(self, status: str) -> int:
        """How many contacts have this status."""
        query = {"status": status, "count": "1", "fields": "total_items"}
        reply = self._send(Write("GET", self._path, "members.count", params=query))
        if not reply.ok:
            raise _unusable(reply)
        return int(reply.body["total_items"])

    def _paging_is_cheaper(self, wanted: int) -> bool:
        pages = sum(1 + self.count(status) // PAGE for status in STATUSES)
        return pages * _PAGE_WEIGHT < wanted

    def _find(self, key: str) -> Contact | None:
        query = {"fields": ",".join(_FIELDS)}
        reply = self._send(Write("GET", Paths.one(self._path, key), "member.read", params=query))
        if reply.status == 404:
            return None
        if not reply.ok:
            raise _unusable(reply)
        return self._contact(reply.body)

    def _contact(self, member: Mapping[str, Any]) -> Contact:
        changed = member.get("last_changed")
        return Contact(
            vendor_key=member["id"],
            email=member["email_address"],
            status=member["status"],
            changed_at=datetime.fromisoformat(changed) if changed else None,
            fields=merge_values(member.get("merge_fields") or {}, self._types),
            reason=member.get("unsubscribe_reason") or None,
            opt_in=_opt_in(member),
        )


def _opt_in(member: Mapping[str, Any]) -> OptIn:
    """How a member came to be subscribed.

    ASSUMED: a form or a confirmation leaves the network address that it came from; an import, an admin and a program
    leave none.
    """
    at, ip = member.get("timestamp_opt"), member.get("ip_opt") or None
    return OptIn(
        at=datetime.fromisoformat(at) if at else None,
        ip=ip,
        via=member.get("source") or None,
        own=bool(at and ip),
    )


def _unusable(reply: Reply) -> UnreachableError:
    return UnreachableError(f"contacts could not be read ({reply.status})", fix="It is read again.")
