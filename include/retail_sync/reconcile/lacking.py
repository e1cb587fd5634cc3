"""Rows that were refused since something which they need is not there, though the ledger says that it stands.

What they need is read back: what is missing or wrong is judged as an audit would, and put right where it may be. Rows
of which nothing else is in the way go again behind it. Where it may not be put right, the next load looks again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from retail_sync.db.database import Database
from retail_sync.db.leases import lease
from retail_sync.delivery.ending import TRIES
from retail_sync.errors import LeaseTakenError
from retail_sync.model.ports import Clock, Destination

from .audit import Audit, turn_at
from .heal import judge
from .suspects import forget, read_again, strays

_TURN = timedelta(minutes=2)

# With what they need comes what that needs, so that nothing is put back into what is itself gone.
_NEEDED = """
    with recursive lacking as (
        select row_id, needs from delivery.outbox
         where account = %(account)s and pair = %(pair)s and state = 'held' and code = any (%(codes)s)
           and closed_at is null and attempt < %(tries)s),
    needed (row_id, object_id) as (
        select row_id, unnest(needs) from lacking
         union
        select needed.row_id, need
          from needed
          join delivery.ledger
            on ledger.object_id = needed.object_id and ledger.account = %(account)s and ledger.pair = %(pair)s
          join delivery.outbox as sent on sent.row_id = ledger.row_id
         cross join lateral unnest(sent.needs) as need)
"""

_KINDS = f"""{_NEEDED}
    select distinct ledger.kind
      from needed
      join delivery.ledger
        on ledger.object_id = needed.object_id and ledger.account = %(account)s and ledger.pair = %(pair)s
"""  # noqa: S608 - a constant

_SUSPECT = f"""{_NEEDED}
    insert into reconcile.suspect (pair, kind, vendor_key, object_id, row_id)
    select distinct on (vendor_key) ledger.pair, ledger.kind, ledger.vendor_key, ledger.object_id, ledger.row_id
      from needed
      join delivery.ledger
        on ledger.object_id = needed.object_id and ledger.account = %(account)s and ledger.pair = %(pair)s
     where ledger.kind = %(kind)s and not ledger.gone
     order by vendor_key, ledger.row_id desc
"""  # noqa: S608 - a constant

_GO_AGAIN = f"""{_NEEDED}
    update delivery.outbox
       set code = 'needs', words = 'waits for what it needs to stand again'
      from lacking
     where outbox.row_id = lacking.row_id
       and not exists (select from needed
                         join reconcile.finding
                           on finding.run_id = %(run_id)s and finding.object_id = needed.object_id
                          and finding.seen_at = %(now)s and finding.verdict = 'missing' and finding.healing is null
                        where needed.row_id = lacking.row_id)
"""  # noqa: S608 - a constant


def put_back(database: Database, destination: Destination, audit: Audit, clock: Clock) -> int:
    """Have what refused rows lack put back where that may be; return how many rows go again.

    Nothing is done while an audit of the pair is at work, which finds the same.

    Args:
        database: The product's database.
        destination: Where the rows were refused.
        audit: For whom, and what may be put right.
        clock: The time.

    Raises:
        WaitError: The destination is not to be had.
    """
    given = audit.parameters(codes=sorted(destination.capabilities.lacking), tries=TRIES, now=clock())
    with database.connection() as connection:
        kinds = {kind for (kind,) in connection.execute(_KINDS, given)}
    if not kinds:
        return 0
    try:
        with lease(database, turn_at(audit.pair), audit.run_id, _TURN, take_over=True):
            _look(database, destination, audit, kinds, given, clock=clock)
    except LeaseTakenError:
        return 0
    with database.connection() as connection:
        return connection.execute(_GO_AGAIN, given).rowcount


def _look(
    database: Database,
    destination: Destination,
    audit: Audit,
    kinds: set[str],
    given: dict[str, Any],
    *,
    clock: Clock,
) -> None:
    """Read back what is needed, kind by kind; what stands within something that is missing can't be there."""
    able = destination.capabilities
    missing: set[str] = set()
    for kind in able.kinds:
        if kind in kinds & able.readable and able.within.get(kind) not in missing:
            with database.connection() as connection:
                forget(connection, audit, kind)
                connection.execute(_SUSPECT, given | {"kind": kind})
            read_again(database, destination, audit, kind)
            is_container = kind in able.within.values()
            strayed = strays(database, destination, audit, kind, clock)
            with database.connection() as connection:
                found = judge(
                    connection,
                    audit,
                    kind,
                    given["now"],
                    is_container=is_container,
                    dry_run=False,
                    strays=strayed,
                )
                forget(connection, audit, kind)
            if found["missing"]:
                missing.add(kind)
