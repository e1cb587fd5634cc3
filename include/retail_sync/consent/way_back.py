"""The way back: whoever left at the destination is written as opted out at the source, in every record they have."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from psycopg import Connection

from .contested import CONTESTED

#: An opt-out that was refused is tried again after so long.
AGAIN = timedelta(days=1)

# What we wrote and have not read since is on its way back to us, however long that takes: to write it again could undo
# a yes that was given meanwhile. What was refused is tried again once a day, or when the record changes.
_TO_WRITE = f"""
    {CONTESTED}
    select key, person_id
      from contested
     where not newer
       and not exists (select from delivery.outbox
                        where outbox.account = %(source)s and outbox.vendor_key = contested.key
                          and outbox.operation = 'opt_out'
                          and (outbox.state in ('pending', 'claimed', 'held', 'unknown')
                               or outbox.state in ('delivered', 'rejected')
                                  and outbox.closed_at >= greatest(contested.read_at, contested.known_at)
                                  and (outbox.state = 'delivered'
                                       or outbox.closed_at >= %(now)s::timestamptz - %(again)s)))
     order by key
"""  # noqa: S608 - constants


def to_write_back(connection: Connection[Any], parameters: dict[str, Any]) -> list[tuple[str, int]]:
    """The source customers that still say yes although their address has left, as (customer key, person id)."""
    return connection.execute(_TO_WRITE, parameters | {"again": AGAIN}).fetchall()
