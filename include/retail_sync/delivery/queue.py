"""From what is wanted to what is queued: only differences become outbox rows.

What is wanted of an object is compared with its newest unfinished row, held and unknown ones included, else with the
ledger. So a re-run, a clear, a backfill and a full refresh are the same code, and none sends what already stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from psycopg import Connection

from retail_sync.model.delivery import Wanted

_CHUNK = 5000
_JSON = msgspec.json.Encoder(order="sorted", decimal_format="string")


@dataclass(frozen=True, slots=True)
class Bearer:
    """What plan knows of a wanted object beside itself: whose it is, and the evidence of an opt-in."""

    wanted: Wanted
    person_id: int | None = None
    evidence: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Queueing:
    """Where rows go and why: the destination's account, the pair, the run, the priority, and the kind of contacts."""

    account: str
    pair: str
    run_id: str
    now: datetime
    priority: int
    contact_kind: str | None


# Documents stay text until they are queued: most of what is wanted stands already, and is never read.
_WANTED = """
    create temporary table wanted (
        position bigint generated always as identity, kind text, object_id text, vendor_key text, person_id bigint,
        row text, payload text, birth text, evidence text, hash bytea, needs text[]) on commit drop
"""

_COPY = "copy wanted (kind, object_id, vendor_key, person_id, row, payload, birth, evidence, hash, needs) from stdin"

# What stands: the newest row that is not finished, else the ledger. A rejected row keeps the same payload away. Both
# are looked up by index, since the ledger holds all that was ever sent and a run wants little of it.
_DIFFERENCES = """
    create temporary table difference on commit drop as
    select wanted.*,
           case when ledger.object_id is not null and not ledger.gone then 'update'
                when wanted.kind = %(contact_kind)s and mirror.vendor_key is not null then 'update'
                else 'create' end as operation
      from wanted
      left join lateral (
           select state, hash from delivery.outbox
            where outbox.account = %(account)s and outbox.object_id = wanted.object_id and outbox.pair = %(pair)s
              and operation in ('create', 'update') and state <> 'superseded'
            order by row_id desc limit 1) as newest on true
      left join lateral (
           select object_id, hash, gone from delivery.ledger
            where ledger.account = %(account)s and ledger.object_id = wanted.object_id and ledger.pair = %(pair)s
            limit 1) as ledger on true
      left join consent.mirror
        on wanted.kind = %(contact_kind)s and mirror.account = %(account)s
       and mirror.vendor_key = wanted.vendor_key and mirror.status <> 'removed'
     where case when newest.state in ('pending', 'claimed', 'held', 'unknown', 'rejected')
                then newest.hash is distinct from wanted.hash
                else ledger.gone or ledger.hash is distinct from wanted.hash end
"""

_SUPERSEDE = """
    update delivery.outbox
       set state = 'superseded', closed_at = %(now)s
      from difference
     where outbox.account = %(account)s and outbox.pair = %(pair)s and outbox.object_id = difference.object_id
       and outbox.row = 'state' and outbox.state in ('pending', 'held')
"""

_QUEUE = """
    insert into delivery.outbox
        (account, pair, kind, object_id, vendor_key, person_id, row, operation, payload, birth, evidence, hash, needs,
         priority, run_id, queued_at)
    select %(account)s, %(pair)s, kind, object_id, vendor_key, person_id, row, operation, payload::jsonb,
           birth::jsonb, evidence::jsonb, hash, needs, %(priority)s, %(run_id)s, %(now)s
      from difference
     order by position
"""

_COUNTS = "select kind, operation, count(*) from difference group by 1, 2 order by 1, 2"

# What must stand first inherits the priority of what waits for it.
_INHERIT = """
    update delivery.outbox as needed
       set priority = %(priority)s
      from (select distinct unnest(needs) as object_id from difference) as need
     where needed.account = %(account)s and needed.object_id = need.object_id
       and needed.state = 'pending' and needed.priority > %(priority)s
"""


def fingerprint(payload: dict[str, Any]) -> bytes:
    """Sixteen bytes that are equal exactly where two payloads are, whatever the order of their keys."""
    return hashlib.blake2b(_JSON.encode(payload), digest_size=16).digest()


def prepare(connection: Connection[Any]) -> None:
    """Make this transaction's table of what is wanted."""
    connection.execute(_WANTED)


def want(connection: Connection[Any], bearers: Iterable[Bearer]) -> int:
    """Write what is wanted where it can be compared; return how many objects there were."""
    count = 0
    stream = iter(bearers)
    # In chunks, because what renders them may itself be reading from this connection.
    while chunk := [_row(bearer) for bearer in islice(stream, _CHUNK)]:
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in chunk:
                copy.write_row(row)
        count += len(chunk)
    return count


def _row(bearer: Bearer) -> Sequence[Any]:
    wanted = bearer.wanted
    payload = _JSON.encode(wanted.payload)
    return (
        wanted.kind,
        wanted.object_id,
        wanted.vendor_key,
        bearer.person_id,
        wanted.row,
        payload.decode(),
        _JSON.encode(wanted.birth).decode(),
        _JSON.encode(bearer.evidence).decode() if bearer.evidence else None,
        hashlib.blake2b(payload, digest_size=16).digest(),
        _array(wanted.needs),
    )


def _array(texts: Sequence[str]) -> str:
    """Texts as Postgres writes an array of them. The driver's own way takes longer than all else about a row."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join([f'"{text}"' for text in quoted]) + "}"


def queue_differences(connection: Connection[Any], queueing: Queueing) -> dict[str, dict[str, int]]:
    """Queue what differs and supersede older rows of the same objects.

    Returns:
        How many rows were queued, by kind and operation.
    """
    parameters = {
        "account": queueing.account,
        "pair": queueing.pair,
        "run_id": queueing.run_id,
        "now": queueing.now,
        "priority": queueing.priority,
        "contact_kind": queueing.contact_kind,
    }
    connection.execute("analyze wanted (kind, object_id, vendor_key)")
    for statement in (_DIFFERENCES, _SUPERSEDE, _QUEUE, _INHERIT):
        connection.execute(statement, parameters)
    counts: dict[str, dict[str, int]] = {}
    for kind, operation, count in connection.execute(_COUNTS):
        counts.setdefault(kind, {})[operation] = count
    return counts
