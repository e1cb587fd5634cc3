"""Workers and what they claim: a claim is a token with an expiry; a late worker finds its rows taken over."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.errors import FencedError
from retail_sync.model.delivery import Delivery

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
           claim_token = null
     where account = %(account)s and state = 'claimed'
       and not exists (select from delivery.worker
                        where worker.token = outbox.claim_token and worker.expires_at > clock_timestamp())
"""

_BUSY = """
    select min(worker.expires_at) from delivery.worker
      join delivery.outbox on outbox.claim_token = worker.token and outbox.state = 'claimed'
     where worker.account = %s and worker.expires_at > clock_timestamp()
"""

_PHASES = """
    select priority, kind, count(*)
      from delivery.outbox
     where account = %(account)s and state = 'pending' and available_at <= %(now)s
     group by 1, 2
"""

# One row of an object in flight; an unanswered one blocks its object; what is needed must stand.
_CLAIM = """
    update delivery.outbox
       set state = 'claimed', claim_token = %(token)s, attempt = outbox.attempt + 1
      from (select candidate.row_id, ledger.payload as previous, ledger.object_id is not null as stands
              from delivery.outbox as candidate
              left join delivery.ledger
                on ledger.account = candidate.account and ledger.object_id = candidate.object_id
               and ledger.pair = candidate.pair and not ledger.gone
             where candidate.account = %(account)s and candidate.state = 'pending'
               and candidate.priority = %(priority)s and candidate.kind = %(kind)s
               and candidate.available_at <= %(now)s
               and not exists (select from delivery.outbox as earlier
                                where earlier.account = candidate.account
                                  and earlier.object_id = candidate.object_id and earlier.pair = candidate.pair
                                  and earlier.row_id < candidate.row_id
                                  and (earlier.state in ('claimed', 'unknown')
                                       or earlier.state = 'pending' and earlier.row = 'step'))
               and not exists (select from unnest(candidate.needs) as need
                                where not exists (select from delivery.ledger as standing
                                                   where standing.account = candidate.account
                                                     and standing.object_id = need and not standing.gone))
             order by candidate.row_id
             limit %(limit)s
               for update of candidate skip locked) as picked
     where outbox.row_id = picked.row_id
 returning outbox.row_id, object_id, vendor_key,
           case when operation in ('create', 'update') and picked.stands then 'update' else operation end,
           payload, birth, picked.previous, attempt
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
    """A sort of rows to send: everything of one priority and kind."""

    priority: int
    kind: str


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


def take_over(connection: Connection[Any], account: str, safe: Sequence[str]) -> int:
    """Free the rows of workers that are gone; return how many there were."""
    return connection.execute(_TAKE_OVER, {"account": account, "safe": list(safe)}).rowcount


def busy_until(connection: Connection[Any], account: str) -> datetime | None:
    """When the first claim of a living worker of this account will end if nobody renews it, or None."""
    row = connection.execute(_BUSY, (account,)).fetchone()
    return row[0] if row else None


def phases(connection: Connection[Any], account: str, now: datetime, kinds: Sequence[str]) -> list[Phase]:
    """What waits to be sent, in the order in which to send it: by priority, then as the destination builds up."""
    order = {kind: position for position, kind in enumerate(kinds)}
    rows = connection.execute(_PHASES, {"account": account, "now": now}).fetchall()
    found = [Phase(priority, kind) for priority, kind, _ in rows]
    return sorted(found, key=lambda phase: (phase.priority, order.get(phase.kind, len(order))))


def claim(connection: Connection[Any], worker: Worker, phase: Phase, now: datetime, limit: int) -> list[Delivery]:
    """Claim up to `limit` rows of a phase that nothing stands in the way of, oldest first."""
    parameters = {
        "token": worker.token,
        "account": worker.account,
        "priority": phase.priority,
        "kind": phase.kind,
        "now": now,
        "limit": limit,
    }
    rows = connection.execute(_CLAIM, parameters).fetchall()
    rows.sort(key=lambda row: row[0])
    return [
        Delivery(
            row_id=row_id,
            kind=phase.kind,
            object_id=object_id,
            vendor_key=vendor_key,
            operation=operation,
            payload=payload,
            birth=birth,
            previous=previous,
            attempt=attempt,
        )
        for row_id, object_id, vendor_key, operation, payload, birth, previous, attempt in rows
    ]
