"""What follows from taking a contact back: nobody left by that, and one that is gone for good is forgotten here too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

# A delete with a code was spared, since something else stands under the key, or it left the contact there.
_PUT_AWAY = """
    insert into consent.put_away (account, vendor_key, status, at)
    select outbox.account, outbox.vendor_key, mirror.status, %(now)s
      from delivery.outbox
      left join consent.mirror on mirror.account = outbox.account and mirror.vendor_key = outbox.vendor_key
     where outbox.row_id = any (%(rows)s) and outbox.operation = 'delete' and outbox.kind = %(contact_kind)s
       and outbox.state = 'delivered' and outbox.code is null
        on conflict (account, vendor_key) do update set status = excluded.status, at = excluded.at
"""

# Nothing will ever be heard of it again, so that what was last heard must not stand for how it is. That its address has
# left, if it has, is on the permanent record.
_FORGET = """
    delete from consent.mirror
     using delivery.outbox
     where outbox.row_id = any (%(rows)s) and outbox.operation = 'delete' and outbox.kind = %(contact_kind)s
       and outbox.state = 'delivered' and outbox.code is null
       and mirror.account = outbox.account and mirror.vendor_key = outbox.vendor_key
"""


def note_taken_back(
    connection: Connection[Any], rows: Sequence[int], contact_kind: str | None, now: datetime, *, is_final: bool
) -> None:
    """Remember which of these deletes put a contact away: nobody left by that. Where it is gone for good, forget it."""
    statement = _FORGET if is_final else _PUT_AWAY
    connection.execute(statement, {"rows": list(rows), "contact_kind": contact_kind, "now": now})
