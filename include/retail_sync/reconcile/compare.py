"""Comparing the ledger with what the destination holds: objects by sample, keys in full where they are not too many.

A difference counts only if the object's ledger row did not change while it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from zlib import crc32

import msgspec
from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.delivery.fingerprint import fingerprint
from retail_sync.model.delivery import Held

from .reading import Reading

# What differed when it was last read comes first, so that it is known to be right again; then what this run delivered,
# then chance decides.
_SAMPLE = """
    with chosen as (
        select object_id, 2 as turn
          from delivery.ledger {drawn}
         where account = %(account)s and pair = %(pair)s and kind = %(kind)s
         union all
        select object_id, 1 from delivery.outbox
         where run_id = %(run_id)s and account = %(account)s and pair = %(pair)s and kind = %(kind)s
           and state = 'delivered'
         union all
        select ledger.object_id, 0
          from reconcile.finding as before
          join delivery.ledger using (pair, kind, vendor_key)
         where before.run_id = (select run_id from reconcile.finding
                                 where pair = %(pair)s and run_id <> %(run_id)s
                                 order by seen_at desc
                                 limit 1)
           and before.kind = %(kind)s and before.verdict = 'different' and ledger.account = %(account)s)
    select ledger.vendor_key, ledger.payload, ledger.row_id
      from (select object_id, min(turn) as turn from chosen group by 1) as chosen
      join delivery.ledger using (object_id)
     where ledger.account = %(account)s and ledger.pair = %(pair)s and ledger.kind = %(kind)s and not gone
     order by turn, md5(ledger.row_id::text || %(run_id)s)
     limit %(limit)s
"""
_OF_FEW = _SAMPLE.format(drawn="")
# Where there is much, chance picks pages of the table: nobody sorts a million objects to read fifty.
_OF_MANY = _SAMPLE.format(drawn="tablesample system (%(share)s) repeatable (%(seed)s)")
_IS_MUCH = """
    select count(*) > %(few)s, pg_relation_size('delivery.ledger') / current_setting('block_size')::bigint
      from (select from delivery.ledger
             where account = %(account)s and pair = %(pair)s and kind = %(kind)s
             limit %(few)s + 1) as counted
"""
#: So many objects are sorted without a thought, and of so many pages a sample is drawn (8 kB each, some ten objects).
_FEW, _PAGES = 2_000, 500

_KEYS = """
    select vendor_key, row_id from delivery.ledger
     where account = %(account)s and pair = %(pair)s and kind = %(kind)s and not gone
     limit %(at_most)s + 1
"""

# Objects with a row under way are not compared: what they hold is about to change.
_STILL = """
    select ledger.vendor_key
      from delivery.ledger
     where account = %(account)s and pair = %(pair)s and kind = %(kind)s and not gone
       and (vendor_key, row_id) in (select * from unnest(%(keys)s::text[], %(rows)s::bigint[]))
       and not exists (select from delivery.outbox
                        where outbox.account = ledger.account and outbox.object_id = ledger.object_id
                          and outbox.state in ('pending', 'claimed', 'unknown'))
"""

# What somebody has taken away with its contact is known to be away, and said where that contact is.
_AWAY = """
    select ledger.vendor_key
      from delivery.ledger
      join delivery.outbox as sent on sent.row_id = ledger.row_id
      join people.person using (person_id)
      join consent.mirror on mirror.account = ledger.account and mirror.email = person.email
     where ledger.account = %(account)s and ledger.pair = %(pair)s and ledger.kind = %(kind)s
       and ledger.vendor_key = any (%(keys)s) and mirror.status = 'removed'
"""

_KNOWN = """
    select vendor_key from delivery.ledger
     where account = %(account)s and kind = %(kind)s and not gone and vendor_key = any (%(keys)s)
     union
    select vendor_key from delivery.outbox
     where account = %(account)s and kind = %(kind)s and state in ('pending', 'claimed', 'unknown', 'held')
       and vendor_key = any (%(keys)s)
"""

_FINDING = """
    insert into reconcile.finding (run_id, pair, kind, vendor_key, verdict, fields, seen_at)
    select %(run_id)s, %(pair)s, %(kind)s, given.vendor_key, %(verdict)s, given.fields, %(now)s
      from jsonb_to_recordset(%(found)s::jsonb) as given(vendor_key text, fields text[])
        on conflict do nothing
"""


#: Objects by vendor key: what they should hold, and the outbox row that brought it.
Sampled: TypeAlias = dict[str, tuple[dict[str, Any], int]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared: one kind of one pair at one account, for a run or for what stands in its place."""

    account: str
    pair: str
    kind: str
    run_id: str
    now: datetime

    def parameters(self, **more: Any) -> dict[str, Any]:
        """Bound parameters of the statements here."""
        return {"account": self.account, "pair": self.pair, "kind": self.kind, "run_id": self.run_id, **more}


@dataclass(slots=True)
class Differences:
    """Vendor keys by what is wrong with them; for differing objects also the fields."""

    compared: int = 0
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    different: dict[str, list[str]] = field(default_factory=dict)


def sample(database: Database, comparison: Comparison, size: int) -> Sampled:
    """Up to `size` objects to compare: by vendor key, what they should hold and the outbox row that brought it."""
    with database.connection() as connection:
        return {key: (payload, row_id) for key, payload, row_id in _sample(connection, comparison, size)}


def our_keys(database: Database, comparison: Comparison, at_most: int) -> dict[str, int] | None:
    """Vendor keys of all our objects of a kind, with the outbox rows that brought them; None for more than that."""
    with database.connection() as connection:
        ours = dict(connection.execute(_KEYS, comparison.parameters(at_most=at_most)).fetchall())
    return ours if len(ours) <= at_most else None


def compare_sample(database: Database, reading: Reading, comparison: Comparison, expected: Sampled) -> Differences:
    """Compare every owned field of sampled objects.

    Args:
        database: Where the ledger is.
        reading: What the destination holds.
        comparison: What is compared.
        expected: The objects, as `sample` gave them before the reading.
    """
    held = reading.held(list(expected))
    with database.connection() as connection:
        still = _still(connection, comparison, {key: row_id for key, (_, row_id) in expected.items()})
    found = Differences(compared=len(still))
    for answer in held:
        if answer.vendor_key in still:
            _judge(found, answer, expected[answer.vendor_key][0])
    if found.missing:
        with database.connection() as connection:
            found.missing = sorted(_not_away(connection, comparison, found.missing))
    return found


def _sample(connection: Connection[Any], comparison: Comparison, size: int) -> list[tuple[str, dict[str, Any], int]]:
    """Vendor key, payload and outbox row of the objects to read."""
    parameters = comparison.parameters(limit=size, few=max(size, _FEW))
    is_much, pages = connection.execute(_IS_MUCH, parameters).fetchone() or (False, 0)
    if not is_much:
        return connection.execute(_OF_FEW, parameters).fetchall()
    drawn = {"share": min(100.0, 100.0 * _PAGES / max(1, pages)), "seed": crc32(comparison.run_id.encode())}
    return connection.execute(_OF_MANY, parameters | drawn).fetchall()


def _judge(found: Differences, held: Held, expected: dict[str, Any]) -> None:
    if held.payload is None:
        found.missing.append(held.vendor_key)
    elif fingerprint(held.payload) != fingerprint(expected):
        fields = sorted(
            name for name in expected.keys() | held.payload.keys() if _differs(name, expected, held.payload)
        )
        found.different[held.vendor_key] = fields


def _differs(name: str, one: dict[str, Any], other: dict[str, Any]) -> bool:
    return fingerprint({name: one.get(name)}) != fingerprint({name: other.get(name)})


def compare_keys(
    database: Database, reading: Reading, comparison: Comparison, ours: Mapping[str, int], *, extras: bool
) -> Differences:
    """Compare all keys of a kind.

    Args:
        database: Where the ledger is.
        reading: What the destination holds.
        comparison: What is compared.
        ours: Our keys, as `our_keys` gave them before the reading.
        extras: Whether the destination may hold none but ours, as is so for a store and not for an audience.
    """
    theirs = reading.keys()
    found = Differences(compared=len(ours))
    with database.connection() as connection:
        still = _still(connection, comparison, {key: ours[key] for key in ours.keys() - theirs})
        found.missing = sorted(_not_away(connection, comparison, still))
        if extras:
            found.extra = sorted(_unknown_to_us(connection, comparison, theirs - ours.keys()))
    return found


def _still(connection: Connection[Any], comparison: Comparison, rows: dict[str, int]) -> set[str]:
    parameters = comparison.parameters(keys=list(rows), rows=list(rows.values()))
    return {key for (key,) in connection.execute(_STILL, parameters)}


def _not_away(connection: Connection[Any], comparison: Comparison, missing: Iterable[str]) -> set[str]:
    keys = set(missing)
    return keys - {key for (key,) in connection.execute(_AWAY, comparison.parameters(keys=list(keys)))}


def _unknown_to_us(connection: Connection[Any], comparison: Comparison, keys: Iterable[str]) -> set[str]:
    suspects = set(keys)
    known = {key for (key,) in connection.execute(_KNOWN, comparison.parameters(keys=list(suspects)))}
    return suspects - known


def write_findings(connection: Connection[Any], comparison: Comparison, found: Differences) -> None:
    """Keep what was found, by record, for whoever looks into it."""
    for verdict, rows in (
        ("missing", [{"vendor_key": key, "fields": []} for key in found.missing]),
        ("extra", [{"vendor_key": key, "fields": []} for key in found.extra]),
        ("different", [{"vendor_key": key, "fields": names} for key, names in found.different.items()]),
    ):
        if rows:
            connection.execute(
                _FINDING,
                comparison.parameters(verdict=verdict, found=msgspec.json.encode(rows).decode(), now=comparison.now),
            )
