"""Contacts that a destination does not find under their key: strays, or taken away by somebody.

Whoever has only lost our key, as an import or a merge by hand may bring about, is still there under the address and has
left nothing: what is not there under the address either was taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from retail_sync.db.database import Database
from retail_sync.model.email import normalise
from retail_sync.model.ports import Clock, Destination

from . import mirror

#: What a person has put away is not brought back, though it is still to be found.
_PUT_AWAY = frozenset({"archived", "removed", "forgotten"})

_ADDRESSES = """
    select row_id, person.email
      from delivery.outbox
      join people.person using (person_id)
     where row_id = any (%s)
"""


class Sorted(NamedTuple):
    """Outbox rows whose contact was not found: of those that stray, and of those that were taken away."""

    strays: frozenset[int] = frozenset()
    taken: frozenset[int] = frozenset()


Sort = Callable[[Sequence[int]], Sorted]


def sorting(database: Database, destination: Destination, account: str, clock: Clock, *, at_most: int) -> Sort:
    """Build what sorts rows by what became of their contacts.

    So many contacts at once that more than `at_most` are not found are more likely hidden than taken away: none of
    them is sorted.
    """

    def sort(rows: Sequence[int]) -> Sorted:
        if len(rows) > at_most:
            return Sorted()
        with database.connection() as connection:
            emails = dict(connection.execute(_ADDRESSES, (list(rows),)).fetchall())
        there = look_up(database, destination, account, emails.values(), clock)
        strays = frozenset(row_id for row_id, email in emails.items() if email in there)
        return Sorted(strays, frozenset(rows) - strays)

    return sort


def look_up(
    database: Database, destination: Destination, account: str, emails: Iterable[str], clock: Clock
) -> frozenset[str]:
    """Which of these addresses the destination still holds, in no archive; what it says of them is remembered.

    Raises:
        WaitError: It did not tell.
    """
    found = list(destination.lookup(list(dict.fromkeys(emails))))
    with database.connection() as connection:
        mirror.remember(connection, account, found, clock())
    there = (normalise(one.email) for one in found if one.status not in _PUT_AWAY)
    return frozenset(email for email in there if email)
