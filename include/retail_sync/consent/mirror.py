"""The mirror: what a destination said of its contacts, and what that means for the permanent record.

Nothing here compares clocks. How far changes have been read is kept in the destination's own time; which of two
readings is the newer, and whether a contact's own yes is newer than its leaving, is told by the destination's times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.model.delivery import Contact
from retail_sync.model.email import normalise
from retail_sync.model.ports import Clock, Destination

#: Statuses of people who left, bounced or were taken out: never created as subscribed again.
OUT = ("unsubscribed", "cleaned", "archived", "removed")
#: Changes are read again this far back, since a destination may be late in telling of them.
OVERLAP = timedelta(minutes=15)
_CHUNK = 5000

# A reading that is older than what stands changes nothing, however late it is written; of equal ones a leaving stays.
_MIRROR = """
    insert into consent.mirror as kept
        (account, email, vendor_key, status, changed_at, reason, fields, opt_in_at, opt_in_ip, opt_in_via, opt_in_own,
         still_in, seen_at)
    select %(account)s, email, vendor_key, status, changed_at, reason, fields, (opt_in ->> 'at')::timestamptz,
           opt_in ->> 'ip', opt_in ->> 'via', (opt_in ->> 'own')::boolean, still_in, %(now)s
      from jsonb_to_recordset(%(contacts)s::jsonb)
        as given (email text, vendor_key text, status text, changed_at timestamptz, reason text, fields jsonb,
                  opt_in jsonb, still_in boolean)
        on conflict (account, email) do update
       set vendor_key = excluded.vendor_key, status = excluded.status, changed_at = excluded.changed_at,
           reason = excluded.reason, fields = excluded.fields, opt_in_at = excluded.opt_in_at,
           opt_in_ip = excluded.opt_in_ip, opt_in_via = excluded.opt_in_via, opt_in_own = excluded.opt_in_own,
           still_in = excluded.still_in, seen_at = excluded.seen_at
     where excluded.changed_at is null or kept.changed_at is null or excluded.changed_at > kept.changed_at
        or excluded.changed_at = kept.changed_at
           and (excluded.status = any (%(out)s) or not kept.status = any (%(out)s))
"""

# Who left stays out until the destination can show a yes by the contact's own hand that is newer: than the leaving
# where that is in the destination's time, than every yes before where it is in ours. How somebody left is kept when an
# admin puts them away afterwards, which says less. Who was back in between, by such a yes or without one, leaves anew.
_RECORD = """
    with read as (
        select email, status, changed_at, reason,
               status = any (%(out)s)
                   and not (status = 'archived' and exists (
                            select from consent.put_away
                             where put_away.account = mirror.account and put_away.vendor_key = mirror.vendor_key))
                   as leaves,
               case when opt_in_own then opt_in_at end as own_yes_at
          from consent.mirror
         where account = %(account)s and email = any (%(emails)s))
    insert into consent.record as kept
        (account, email, is_out, status, since, since_theirs, known_at, own_yes_at, reason, origin, updated_at)
    select %(account)s, email, leaves, status, coalesce(changed_at, %(now)s), changed_at is not null,
           case when leaves then %(now)s::timestamptz end, own_yes_at, reason, 'destination', %(now)s
      from read
        on conflict (account, email) do update
       set (is_out, status, since, since_theirs, known_at, own_yes_at, is_back, reason, origin, updated_at) = (
            select turn.is_out,
                   case when turn.leaves or not turn.is_out then excluded.status else kept.status end,
                   case when turn.leaves or turn.dated then excluded.since else kept.since end,
                   case when turn.leaves then excluded.since_theirs else kept.since_theirs or turn.dated end,
                   case when turn.leaves then excluded.known_at else kept.known_at end,
                   greatest(kept.own_yes_at, excluded.own_yes_at),
                   turn.is_out and not turn.leaves and (kept.is_back or excluded.status = 'subscribed'),
                   case when turn.leaves then excluded.reason else kept.reason end,
                   case when turn.leaves or not turn.is_out then excluded.origin else kept.origin end,
                   excluded.updated_at
              from (select excluded.is_out
                           or kept.is_out and not coalesce(
                               excluded.status = 'subscribed'
                               and excluded.own_yes_at > case when kept.since_theirs then kept.since
                                                              else coalesce(kept.own_yes_at, '-infinity') end,
                               false) as is_out,
                           excluded.is_out
                           and (not kept.is_out
                                or kept.status = 'archived' and excluded.status <> 'archived'
                                or (kept.is_back or kept.status <> excluded.status
                                    or coalesce(kept.since_theirs and excluded.own_yes_at > kept.since, false))
                                   and excluded.status in ('unsubscribed', 'cleaned')) as leaves,
                           excluded.is_out and kept.is_out and excluded.status = kept.status
                           and excluded.since_theirs and not kept.since_theirs as dated) as turn)
     where (kept.is_out, kept.status) is distinct from (excluded.is_out, excluded.status)
        or kept.own_yes_at is distinct from excluded.own_yes_at
        or kept.is_out and (kept.is_back or not kept.since_theirs)
"""


def remember(connection: Connection[Any], account: str, contacts: Iterable[Contact], now: datetime) -> int:
    """Write contacts as they were just read into the mirror and the permanent record; return how many there were.

    Args:
        connection: The transaction.
        account: The destination's account.
        contacts: As the destination gave them.
        now: By our clock, after they were read: whoever is known to have left had left by then.
    """
    count = 0
    stream = iter(contacts)
    while chunk := list(islice(stream, _CHUNK)):
        known = {email: contact for contact in chunk if (email := normalise(contact.email))}
        parameters = {
            "account": account,
            "now": now,
            "out": list(OUT),
            "emails": list(known),
            "contacts": msgspec.json.encode(
                [msgspec.structs.asdict(contact) | {"email": email} for email, contact in known.items()]
            ).decode(),
        }
        connection.execute(_MIRROR, parameters)
        connection.execute(_RECORD, parameters)
        count += len(known)
    return count


_WATERMARK = "select until from consent.watermark where account = %s"
_READ_AT = "select read_at from consent.watermark where account = %s"
_ADVANCE = """
    insert into consent.watermark as kept (account, until, read_at) values (%(account)s, %(until)s, %(now)s)
        on conflict (account) do update
       set until = greatest(kept.until, excluded.until), read_at = greatest(kept.read_at, excluded.read_at)
"""


def refresh(database: Database, destination: Destination, account: str, clock: Clock) -> int:
    """Read the contacts that changed since the last time, all of them the first time; return how many came.

    Raises:
        WaitError: The destination is not to be had; what was read is kept and is read again.
    """
    started, count = clock(), 0
    told: datetime | None = None
    changed: datetime | None = None
    with database.connection() as connection:
        row = connection.execute(_WATERMARK, (account,)).fetchone()
    until = row[0] if row else None
    for chunk in _chunks(destination.contacts(until - OVERLAP if until else None)):
        told = _latest(told, (contact.told_at for contact in chunk))
        changed = _latest(changed, (contact.changed_at for contact in chunk))
        with database.connection() as connection:
            count += remember(connection, account, chunk, clock())
    # Where nobody says up to when all was told, who changed while this was read may have stood on a page before.
    until = told or (changed - (clock() - started) if changed else None)
    with database.connection() as connection:
        connection.execute(_ADVANCE, {"account": account, "until": until, "now": started})
    return count


def _latest(known: datetime | None, times: Iterable[datetime | None]) -> datetime | None:
    return max(filter(None, (known, *times)), default=None)


def _chunks(contacts: Iterable[Contact]) -> Iterator[list[Contact]]:
    stream = iter(contacts)
    while chunk := list(islice(stream, _CHUNK)):
        yield chunk


def is_current(connection: Connection[Any], account: str, since: datetime) -> bool:
    """Whether the contacts of this account have been read since then, by our clock."""
    row = connection.execute(_READ_AT, (account,)).fetchone()
    return row is not None and row[0] >= since
