"""Sequences: an object's steps in their order and its state behind them, told apart into what leaves and what does not.

Whatever is retried, cleared, killed or read again, three things hold. A step leaves once: what has ended is remembered
in `delivery.step`, what is under way stands in the outbox, and where the object is past a step, that is moot. A step
that is past its useful age is logged and not sent. And nothing but a step brings a value that sets something off: in
every other row such a value stands only where the object has it already, and else gives way to its quiet word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from retail_sync.model.delivery import Wanted

from .fingerprint import fingerprint

# What the object has: by its row that is under way, whose answer is still to come, else by the ledger.
_STANDING = """
    select given.object_id, coalesce(moving.words, held.words, '{}'), coalesce(ended.steps, '{}'),
           coalesce(waiting.rows, '[]'), coalesce(moving.steps, '[]')
      from unnest(%(objects)s::text[]) as given (object_id)
      left join lateral (
           select jsonb_object_agg(name, payload -> name) as words
             from delivery.ledger, unnest(%(fields)s::text[]) as name
            where ledger.object_id = given.object_id and ledger.account = %(account)s and ledger.pair = %(pair)s
              and not gone and payload ? name) as held on true
      left join lateral (
           select (array_agg(found.words order by outbox.row_id desc))[1] as words,
                  jsonb_agg(outbox.step) filter (where outbox.row = 'step') as steps
             from delivery.outbox
            cross join lateral (
                  select coalesce(jsonb_object_agg(name, payload -> name), '{}') as words
                    from unnest(%(fields)s::text[]) as name
                   where payload ? name) as found
            where outbox.object_id = given.object_id and outbox.account = %(account)s and outbox.pair = %(pair)s
              and operation in ('create', 'update') and state in ('claimed', 'unknown')) as moving on true
      left join lateral (
           select jsonb_object_agg(step, jsonb_build_array(result, encode(hash, 'hex'))) as steps
             from delivery.step
            where step.object_id = given.object_id and step.account = %(account)s and step.pair = %(pair)s
           ) as ended on true
      left join lateral (
           select jsonb_agg(jsonb_build_array(outbox.row, step, encode(hash, 'hex')) order by row_id) as rows
             from delivery.outbox
            where outbox.object_id = given.object_id and outbox.account = %(account)s and outbox.pair = %(pair)s
              and operation in ('create', 'update') and state in ('pending', 'held')) as waiting on true
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an object before it is planned.

    Attributes:
        words: The values that it has, or is getting, in the fields that set something off.
        ended: By step, how it ended and the hash of what it ended with.
        waiting: The rows that have not left, in their order: row, step, hash.
        moving: The steps that are under way.
    """

    words: Mapping[str, Any] = field(default_factory=dict)
    ended: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    waiting: Sequence[tuple[str, str, str]] = ()
    moving: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Arranged:
    """One row of a sequence as it is to be queued.

    Attributes:
        decided: It is queued, and what waits of the object gives way; else it is compared like any state.
        late: It has expired, and is only written down.
    """

    wanted: Wanted
    decided: bool = False
    late: bool = False


def is_sequence(rows: Sequence[Wanted]) -> bool:
    """Whether rows of one object have to be arranged before they are compared."""
    return any(row.row == "step" or row.quiet for row in rows)


def standing(
    connection: Connection[Any], sequences: Sequence[Sequence[Wanted]], account: str, pair: str
) -> dict[str, Standing]:
    """What is known of the objects of these sequences, by object id."""
    rows = connection.execute(
        _STANDING,
        {
            "objects": [sequence[0].object_id for sequence in sequences],
            "fields": sorted({name for sequence in sequences for row in sequence for name in row.quiet}),
            "account": account,
            "pair": pair,
        },
    )
    return {
        object_id: Standing(
            words,
            {step: (result, digest) for step, (result, digest) in ended.items()},
            [(row, step, digest) for row, step, digest in waiting],
            frozenset(moving),
        )
        for object_id, words, ended, waiting, moving in rows
    }


def arrange(sequence: Sequence[Wanted], known: Standing, now: datetime) -> list[Arranged]:
    """What of a sequence is queued; none where one of its steps was refused and is still the same.

    Args:
        sequence: All rows of one object: steps in the order in which they happened, the state last.
        known: What is known of it.
        now: Aware UTC.
    """
    words = dict(known.words)
    late: list[Arranged] = []
    leaving: list[Wanted] = []
    for place, row in enumerate(sequence):
        brings = _brings(sequence, place)
        if row.row == "state":
            state = _settled(row, words, frozenset())
            if not leaving or digest(leaving[-1]) != digest(state):
                leaving.append(state)
            continue
        if _is_past(sequence, place, brings, known.words) or row.step in known.moving:
            continue
        step = _settled(row, words, brings)
        result, ended_with = known.ended.get(row.step, ("", ""))
        if result == "rejected" and ended_with == digest(step):
            return []
        if result in {"delivered", "expired"}:
            continue
        if row.useful_until is not None and row.useful_until <= now:
            late.append(Arranged(step, decided=True, late=True))
            continue
        words |= {name: row.payload[name] for name in brings}
        leaving.append(step)
    return late + _compared(leaving, known)


def digest(row: Wanted) -> str:
    """The fingerprint of a row's payload, as text."""
    return fingerprint(row.payload).hex()


def _brings(sequence: Sequence[Wanted], place: int) -> frozenset[str]:
    """The fields in which a row differs from the one before it by a value that sets something off."""
    before = sequence[place - 1].payload if place else {}
    row = sequence[place]
    return frozenset(name for name in row.quiet if row.payload[name] != before.get(name))


def _is_past(sequence: Sequence[Wanted], place: int, brings: frozenset[str], words: Mapping[str, Any]) -> bool:
    """Whether the object already has, in a field that this step brings, the step's value or that of a later row."""
    return any(words.get(name) == row.payload.get(name) for name in brings if name in words for row in sequence[place:])


def _settled(row: Wanted, words: Mapping[str, Any], brings: frozenset[str]) -> Wanted:
    """The row with quiet words for all that it must not set off."""
    payload = dict(row.payload)
    for name, quiet in row.quiet.items():
        if name in brings or words.get(name) == payload[name]:
            continue
        if quiet:
            payload[name] = quiet
        else:
            del payload[name]
    return replace(row, payload=payload)


def _compared(leaving: Sequence[Wanted], known: Standing) -> list[Arranged]:
    """Rows as they are queued: none where exactly these wait already, and a lone state is compared like any other."""
    steps = any(row.row == "step" for row in leaving) or any(row == "step" for row, _, _ in known.waiting)
    if not steps:
        return [Arranged(row) for row in leaving]
    if [(row.row, row.step, digest(row)) for row in leaving] == list(known.waiting):
        return []
    return [Arranged(row, decided=True) for row in leaving]
