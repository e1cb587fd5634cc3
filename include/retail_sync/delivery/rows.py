"""Rows on their way to the outbox: what is wanted and whose it is, arranged where it has steps, and encoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from msgspec import Raw, Struct
from psycopg import Connection

from retail_sync.model.delivery import Wanted

from .fingerprint import JSON, of_text
from .sequences import Arranged, Standing, arrange, is_sequence, standing


@dataclass(frozen=True, slots=True)
class Bearer:
    """What plan knows of a wanted object beside itself.

    Attributes:
        person_id: Whose it is.
        evidence: That of an opt-in.
        still: The destination sets nothing off as yet: nothing is told step by step, and a state may hold any value.
    """

    wanted: Wanted
    person_id: int | None = None
    evidence: dict[str, Any] | None = None
    still: bool = False


class Row(Struct, frozen=True, kw_only=True):
    """A row as it travels to the outbox, its documents encoded already; `operation` is known once it was compared.

    `decided` and `late` are those of `sequences.Arranged`, `sets_off` is whether the row has quiet words.
    """

    kind: str
    object_id: str
    vendor_key: str
    person_id: int | None
    row: str
    step: str
    useful_until: datetime | None
    sets_off: bool
    decided: bool
    late: bool
    operation: str = ""
    payload: Raw
    birth: Raw
    evidence: dict[str, Any] | None
    hash: str
    needs: tuple[str, ...]


#: A row that can be compared, all rows of an object that has to be arranged first, or nothing.
Object: TypeAlias = Row | list[Bearer]


def prepared(bearers: list[Bearer]) -> Object:
    """The rows of one object, as far as they can be made without knowing what stands."""
    if bearers[0].still:
        bearers = [bearer for bearer in bearers if bearer.wanted.row == "state"]
    elif is_sequence([bearer.wanted for bearer in bearers]):
        return bearers
    if not bearers:
        return bearers
    # Of a state that is wanted more than once, the last word counts.
    return _row(bearers[-1], Arranged(bearers[-1].wanted))


def arranged(
    connection: Connection[Any], objects: Sequence[Object], account: str, pair: str, now: datetime
) -> list[Row]:
    """The rows to compare; whoever bears an object's first row bears all that its sequence is arranged to."""
    sequences = [[bearer.wanted for bearer in one] for one in objects if isinstance(one, list) and one]
    known = standing(connection, sequences, account, pair) if sequences else {}
    rows: list[Row] = []
    for one in objects:
        if isinstance(one, Row):
            rows.append(one)
            continue
        if one:
            about = known.get(one[0].wanted.object_id, Standing())
            rows += [_row(one[0], row) for row in arrange([bearer.wanted for bearer in one], about, now)]
    return rows


def _row(bearer: Bearer, row: Arranged) -> Row:
    wanted = row.wanted
    payload = JSON.encode(wanted.payload)
    return Row(
        kind=wanted.kind,
        object_id=wanted.object_id,
        vendor_key=wanted.vendor_key,
        person_id=bearer.person_id,
        row=wanted.row,
        step=wanted.step,
        useful_until=wanted.useful_until,
        sets_off=bool(wanted.quiet),
        decided=row.decided,
        late=row.late,
        payload=Raw(payload),
        birth=Raw(JSON.encode(wanted.birth)),
        evidence=bearer.evidence,
        hash=of_text(payload).hex(),
        needs=wanted.needs,
    )
