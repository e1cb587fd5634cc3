"""The mirror: what a destination said of its contacts, and what that means for the permanent record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from psycopg import Connection

from retail_sync.model.delivery import Contact
from retail_sync.model.email import normalise

#: Statuses of people who left, bounced or were taken out: never created as subscribed again.
OUT = ("unsubscribed", "cleaned", "archived", "removed")

_MIRROR = """
    insert into consent.mirror as kept (account, email, vendor_key, status, changed_at, reason, fields, seen_at)
    select %(account)s, given.*, %(now)s
      from unnest(%(emails)s::text[], %(keys)s::text[], %(statuses)s::text[], %(changes)s::timestamptz[],
                  %(reasons)s::text[], %(fields)s::jsonb[])
        as given(email, vendor_key, status, changed_at, reason, fields)
        on conflict (account, email) do update
       set vendor_key = excluded.vendor_key, status = excluded.status, changed_at = excluded.changed_at,
           reason = excluded.reason, fields = excluded.fields, seen_at = excluded.seen_at
"""

# Once out, an address stays out in the record; only the status and the time of the latest leaving move.
_RECORD = """
    insert into consent.record as kept (account, email, is_out, status, since, reason, origin, updated_at)
    select account, email, status = any (%(out)s), status, coalesce(changed_at, seen_at), reason, 'destination', %(now)s
      from consent.mirror
     where account = %(account)s and email = any (%(emails)s)
        on conflict (account, email) do update
       set is_out = kept.is_out or excluded.is_out,
           status = excluded.status,
           since = case when excluded.is_out and (not kept.is_out or kept.status <> excluded.status)
                        then excluded.since else kept.since end,
           reason = coalesce(excluded.reason, kept.reason),
           updated_at = excluded.updated_at
     where kept.status <> excluded.status or excluded.is_out and not kept.is_out
"""

_CHUNK = 5000


def remember(connection: Connection[Any], account: str, contacts: Iterable[Contact], now: datetime) -> int:
    """Write contacts as they were just read into the mirror and the permanent record; return how many there were."""
    count = 0
    stream = iter(contacts)
    while chunk := {email: contact for contact in islice(stream, _CHUNK) if (email := normalise(contact.email))}:
        parameters = {
            "account": account,
            "now": now,
            "out": list(OUT),
            "emails": list(chunk),
            "keys": [contact.vendor_key for contact in chunk.values()],
            "statuses": [contact.status for contact in chunk.values()],
            "changes": [contact.changed_at for contact in chunk.values()],
            "reasons": [contact.reason for contact in chunk.values()],
            "fields": [msgspec.json.encode(contact.fields).decode() for contact in chunk.values()],
        }
        connection.execute(_MIRROR, parameters)
        connection.execute(_RECORD, parameters)
        count += len(chunk)
    return count


_WATERMARK = "select until from consent.watermark where account = %s"
_ADVANCE = """
    insert into consent.watermark as kept (account, until, updated_at) values (%(account)s, %(until)s, %(until)s)
        on conflict (account) do update
       set until = greatest(kept.until, excluded.until), updated_at = excluded.updated_at
"""


def read_until(connection: Connection[Any], account: str) -> datetime | None:
    """Until when the changes of this account's contacts have been read, or None where they never were."""
    row = connection.execute(_WATERMARK, (account,)).fetchone()
    return row[0] if row else None


def advance(connection: Connection[Any], account: str, until: datetime) -> None:
    """Note that changes have been read until then; never back."""
    connection.execute(_ADVANCE, {"account": account, "until": until})
