"""What an audit found, record by record, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

_FOUND = """
    select case when finding.object_id is null then replace(finding.kind, '_', ' ') || ' ' || finding.vendor_key
                else exceptions.record_name(
                         finding.pair, %(source)s, finding.kind, finding.object_id, finding.person_id)
            end as record,
           finding.verdict, finding.fields, finding.barred,
           outbox.state as healed
      from reconcile.finding
      left join delivery.outbox on outbox.row_id = finding.healing
     where finding.run_id = %(run_id)s
     order by 1, 2
"""

_BARRED = {
    "extra": "nobody here put it there",
    "contact": "a contact is not put back",
    "behind": "its contact is gone",
    "container": "what stood in it is gone with it",
    "troubled": "its newest change was stopped",
    "planned": "planned again by the next run",
    "stuck": "was planned again and is still not right",
    "off": "reconcile.heal is off",
    "many": "more of them than an audit puts right",
    "dry_run": "would be put right",
}

_NEWEST = """
    select run_id from road.run
     where pair = %s and dag = 'audit' and not dry_run and state <> 'open'
     order by opened_at desc
     limit 1
"""


@dataclass(frozen=True, slots=True)
class Found:
    """An object that was not as the ledger has it.

    Attributes:
        record: What people call it.
        verdict: `missing`, `extra`, `different` or `archived`.
        fields: The owned fields that differed.
        barred: The short name of why it is not put right, or None.
        healed: How the row stands that puts it right, or None.
    """

    record: str
    verdict: str
    fields: list[str]
    barred: str | None
    healed: str | None

    @property
    def outcome(self) -> str:
        """What became of it, in words."""
        if self.barred:
            return _BARRED.get(self.barred, self.barred)
        return {"delivered": "put right", None: ""}.get(self.healed, f"to be put right: {self.healed}")


def newest_audit(connection: Connection[Any], pair: str) -> str | None:
    """The newest audit of a pair that was no dry run and has ended, by its name in the books; None before the first."""
    row = connection.execute(_NEWEST, [pair]).fetchone()
    return row[0] if row else None


def findings(connection: Connection[Any], run_id: str, source: str) -> list[Found]:
    """What a run found; `source` is the pair's source account."""
    with connection.cursor(row_factory=class_row(Found)) as cursor:
        return cursor.execute(_FOUND, {"run_id": run_id, "source": source}).fetchall()
