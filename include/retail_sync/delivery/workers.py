"""Workers and what they claim: a claim is a token with an expiry; a late worker finds its rows taken over."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.errors import FencedError
from retail_sync.model.delivery import PRIORITY, Delivery

#: For so long what nobody answered may still be done at the other side: until then, that it is not there says nothing.
IN_FLIGHT = timedelta(minutes=3)

_REGISTER = """
    insert into delivery.worker (account, holder, expires_at)
    values (%s, %s, clock_timestamp() + %s)
    returning token
"""

_RENEW = """
    update delivery.worker set expires_at = clock_timestamp() + %s
     where token = %s and expires_at > clock_timestamp()
"""

_RETIRE = "delete from delivery.worker where token = %s"

_HOLDERS = "select token, holder from delivery.worker where account = %s and expires_at > clock_timestamp()"
_BURY = "update delivery.worker set expires_at = '-infinity' where token = any (%s)"

# Rows whose worker is gone. What may be sent twice waits again; of the rest nobody can tell whether it arrived.
_TAKE_OVER = """
    update delivery.outbox
       set state = case when kind = any (%(safe)s) or operation in ('delete', 'opt_out') then 'pending'
                        else 'unknown' end,
           code = case when kind = any (%(safe)s) or operation in ('delete', 'opt_out') then code
                       else 'unanswered' end,
           available_at = case when kind = any (%(safe)s) or operation in ('delete', 'opt_out') then available_at
                               else %(now)s + %(in_flight)s end,
           claim_token = null
     where account = %(account)s and state = 'claimed' and closed_at is null
       and not exists (select from delivery.worker
                        where worker.token = outbox.claim_token and worker.expires_at > clock_timestamp())
"""

_BUSY = """
    select min(worker.expires_at) from delivery.worker
      join delivery.outbox
        on outbox.account = worker.account and outbox.closed_at is null
       and outbox.claim_token = worker.token and outbox.state = 'claimed'
     where worker.account = %(account)s and worker.expires_at > clock_timestamp()
       and outbox.priority <= coalesce(%(last_priority)s, outbox.priority)
"""

_URGENT = """
    select 1 from delivery.outbox
     where account = %(account)s and priority < %(priority)s and closed_at is null and state = 'pending'
       and available_at <= %(now)s and row_id > %(after)s
     limit 1
"""
_NEWEST = "select coalesce(max(row_id), 0) from delivery.outbox"

_PHASES = """
    select priority, kind, count(*)
      from delivery.outbox
     where account = %(account)s and state = 'pending' and closed_at is null and available_at <= %(now)s
     group by 1, 2
"""

# One row of an object in flight, and its rows in their order: what is unanswered, waits or is a step that was held or
# refused blocks what is behind it. Opt-outs wait for no more than what is in flight. What is needed must stand.
# Rows are looked at in their order and none twice in a row of claims (`after`), each looked up by index, whatever
# the planner thinks of a table that has just been filled: a claim costs the same wherever it stands in an outbox of
# whatever length.
_CLAIM = """
    with candidate as materialized (
        select row_id, account, object_id, pair, needs, operation
          from delivery.outbox
         where account = %(account)s and priority = %(priority)s and kind = %(kind)s and closed_at is null
           and state = 'pending' and row_id > %(after)s and available_at <= %(now)s
           and (useful_until is null or useful_until > %(now)s)
         order by row_id
         limit %(limit)s
           for update skip locked),
    free as materialized (
        select candidate.row_id, standing.payload as previous, standing.object_id is not null as stands
          from candidate
          left join lateral (
               select object_id, payload from delivery.ledger
                where ledger.account = candidate.account and ledger.object_id = candidate.object_id
                  and ledger.pair = candidate.pair and not ledger.gone
                limit 1) as standing on true
         where (select 1 from delivery.outbox as earlier
                 where earlier.account = candidate.account
                   and earlier.object_id = candidate.object_id and earlier.pair = candidate.pair
                   and earlier.row_id < candidate.row_id
                   and (earlier.state in ('claimed', 'unknown')
                        or candidate.operation <> 'opt_out' and earlier.operation <> 'opt_out'
                           and (earlier.state = 'pending' or earlier.state = 'held' and earlier.row = 'step'))
                 limit 1) is null
           and (candidate.operation = 'opt_out'
                or (select 1 from delivery.step as refused
                     where refused.object_id = candidate.object_id and refused.account = candidate.account
                       and refused.pair = candidate.pair and refused.result = 'rejected'
                     limit 1) is null)
           and case when candidate.operation = 'delete'
                    then delivery.is_settled(candidate.account, candidate.needs)
                    else (select 1 from unnest(candidate.needs) as need
                           where (select 1 from delivery.ledger as needed
                                   where needed.account = candidate.account and needed.object_id = need
                                     and not needed.gone and not needed.moving
                                   limit 1) is null
                           limit 1) is null end),
    claimed as (
        update delivery.outbox
           set state = 'claimed', claim_token = %(token)s, attempt = outbox.attempt + 1
          from free
         where outbox.row_id = free.row_id
     returning outbox.row_id, object_id, vendor_key,
               case when operation in ('create', 'update') and free.stands then 'update' else operation end
                   as operation,
               payload, nullif(birth, '{}') as birth, free.previous, attempt,
               coalesce(errand, '') as errand,
               case when heir is not null
                    then (select vendor_key from delivery.ledger
                           where ledger.object_id = outbox.heir and ledger.account = outbox.account
                             and ledger.pair = outbox.pair and not ledger.gone) end as heir)
    select candidate.row_id, claimed.object_id, vendor_key, claimed.operation, payload, birth, previous, attempt,
           errand, claimed.heir
      from candidate
      left join claimed using (row_id)
     order by candidate.row_id
"""


@dataclass(frozen=True, slots=True)
class Worker:
    """One connection's worth of delivery work for an account."""

    database: Database
    account: str
    token: int
    lease: timedelta

    def renew(self) -> None:
        """Stay the owner of what is claimed.

        Raises:
            FencedError: The claim ran out; somebody else may have taken the rows over.
        """
        with self.database.connection() as connection:
            if connection.execute(_RENEW, (self.lease, self.token)).rowcount == 0:
                raise FencedError("the claim of this worker has run out", fix="Start the task again.")

    def retire(self) -> None:
        """Give the token back."""
        with self.database.connection() as connection:
            connection.execute(_RETIRE, (self.token,))


@dataclass(frozen=True, slots=True)
class Phase:
    """A sort of rows to send: everything of one priority and kind; `waiting` is how many there were."""

    priority: int
    kind: str
    waiting: int = field(default=0, compare=False)


def register(database: Database, account: str, lease: timedelta) -> Worker:
    """Become a worker of an account."""
    holder = f"{socket.gethostname()}:{os.getpid()}"
    with database.connection() as connection:
        row = connection.execute(_REGISTER, (account, holder, lease)).fetchone()
        assert row is not None  # noqa: S101 - `returning` of an insert
        return Worker(database, account, int(row[0]), lease)


def bury(connection: Connection[Any], account: str) -> int:
    """End the claims of processes of this host that are no more, so that nobody waits for them to run out."""
    host = socket.gethostname()
    holders = connection.execute(_HOLDERS, (account,)).fetchall()
    dead = [token for token, holder in holders if holder.startswith(f"{host}:") and _is_dead(int(holder.split(":")[1]))]
    return connection.execute(_BURY, (dead,)).rowcount if dead else 0


def _is_dead(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def take_over(connection: Connection[Any], account: str, safe: Sequence[str], now: datetime) -> int:
    """Free the rows of workers that are gone; return how many there were."""
    parameters = {"account": account, "safe": list(safe), "now": now, "in_flight": IN_FLIGHT}
    return connection.execute(_TAKE_OVER, parameters).rowcount


def busy_until(connection: Connection[Any], account: str, last_priority: int | None = None) -> datetime | None:
    """When the first claim of a living worker of this account will end if nobody renews it, or None.

    Args:
        connection: The database.
        account: The account.
        last_priority: Claims of rows that are less urgent than this are nobody's concern.
    """
    row = connection.execute(_BUSY, {"account": account, "last_priority": last_priority}).fetchone()
    return row[0] if row else None


def newest_row(connection: Connection[Any]) -> int:
    """The row that was queued last, whoever's it is."""
    row = connection.execute(_NEWEST).fetchone()
    return int(row[0]) if row else 0


def is_overtaken(connection: Connection[Any], account: str, priority: int, after: int, now: datetime) -> bool:
    """Whether something more urgent has been queued since the row `after`, and may go."""
    given = {"account": account, "priority": priority, "after": after, "now": now}
    return connection.execute(_URGENT, given).fetchone() is not None


def phases(connection: Connection[Any], account: str, now: datetime, kinds: Sequence[str]) -> list[Phase]:
    """What waits to be sent, in the order in which to send it: by priority, then as the destination builds up."""
    order = {kind: position for position, kind in enumerate(kinds)}
    rows = connection.execute(_PHASES, {"account": account, "now": now}).fetchall()
    found = [Phase(*row) for row in rows]
    return sorted(found, key=lambda phase: (phase.priority, _place(phase, order)))


def _place(phase: Phase, order: Mapping[str, int]) -> int:
    """Where a kind comes among those of its priority: what is taken back goes in the reverse order of building."""
    place = order.get(phase.kind, len(order))
    return -place if phase.priority == PRIORITY["retire"] else place


def claim(
    connection: Connection[Any], worker: Worker, phase: Phase, now: datetime, limit: int, *, after: int = 0
) -> list[Delivery]:
    """Claim up to `limit` rows of a phase that nothing stands in the way of, oldest first.

    Args:
        connection: The transaction that claims.
        worker: For whom.
        phase: Which rows.
        now: Rows that become available later are left.
        limit: How many rows are looked at in one go; where all of these have to wait, the next ones are looked at.
        after: The row after which to begin.
    """
    parameters = {
        "token": worker.token,
        "account": worker.account,
        "priority": phase.priority,
        "kind": phase.kind,
        "now": now,
        "limit": limit,
    }
    while True:
        looked_at = connection.execute(_CLAIM, {**parameters, "after": after}).fetchall()
        claimed = [_delivery(phase, row) for row in looked_at if row[1] is not None]
        if claimed or not looked_at:
            return claimed
        after = looked_at[-1][0]


def _delivery(phase: Phase, row: tuple[Any, ...]) -> Delivery:
    row_id, object_id, vendor_key, operation, payload, birth, previous, attempt, errand, heir = row
    return Delivery(
        row_id=row_id,
        kind=phase.kind,
        object_id=object_id,
        vendor_key=vendor_key,
        operation=operation,
        payload=payload,
        birth=birth or {},
        previous=previous,
        attempt=attempt,
        errand=errand,
        heir=heir,
    )
