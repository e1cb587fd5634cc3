"""Contacts that are archived at the destination while the source says yes to marketing: nobody writes to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from .audit import Audit

_ARCHIVED = """
    insert into reconcile.finding as kept
        (run_id, pair, kind, vendor_key, verdict, seen_at, object_id, person_id, barred)
    select distinct on (ledger.vendor_key) %(run_id)s, %(pair)s, ledger.kind, ledger.vendor_key, 'archived', %(now)s,
           ledger.object_id, person.person_id, 'contact'
      from consent.mirror
      join people.person on person.pair = %(pair)s and person.email = mirror.email
      join delivery.ledger
        on ledger.account = mirror.account and ledger.pair = person.pair and ledger.kind = %(contact_kind)s
       and ledger.vendor_key = mirror.vendor_key and not ledger.gone
     where mirror.account = %(account)s and mirror.status = 'archived'
       and not exists (select from consent.put_away
                        where put_away.account = mirror.account and put_away.vendor_key = mirror.vendor_key)
       and exists (select from people.customer
                    where customer.person_id = person.person_id and customer.opted_in and not customer.anonymised)
     order by ledger.vendor_key
        on conflict (run_id, kind, vendor_key, verdict) do update set seen_at = excluded.seen_at
"""


def find_archived(connection: Connection[Any], audit: Audit, now: datetime) -> int:
    """Keep who of the pair's contacts is archived and says yes at the source; return how many they are."""
    return connection.execute(_ARCHIVED, audit.parameters(now=now)).rowcount
