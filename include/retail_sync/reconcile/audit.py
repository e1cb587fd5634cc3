"""An audit: the newest full reading of a destination by one pair, and the books of how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.model.delivery import PRIORITY
from retail_sync.model.proof import Proof


@dataclass(frozen=True, slots=True)
class Audit:
    """Who audits what, for which run.

    Attributes:
        account: The destination account.
        source: The source account.
        contact_kind: The destination's kind of contacts.
        heals: Whether differences are put right.
        at_most: Of a kind with more differences than this, none is put right by itself.
    """

    account: str
    source: str
    pair: str
    run_id: str
    contact_kind: str
    heals: bool
    at_most: int

    def parameters(self, **more: Any) -> dict[str, Any]:
        """Bound parameters of the statements of this room."""
        return {
            "account": self.account,
            "source": self.source,
            "pair": self.pair,
            "run_id": self.run_id,
            "contact_kind": self.contact_kind,
            "heals": self.heals,
            "at_most": self.at_most,
            "priority": PRIORITY["state"],
            **more,
        }


def turn_at(pair: str) -> str:
    """The lease that whoever judges what a pair's destination holds must have."""
    return f"audit/{pair}"


_STATES = "select kind, state from reconcile.reading where pair = %(pair)s and run_id = %(run_id)s"
_AFRESH = "delete from reconcile.reading where pair = %(pair)s and run_id = %(run_id)s"
_BEGIN = """
    insert into reconcile.reading (pair, kind, run_id, state, proof, started_at)
    values (%(pair)s, %(kind)s, %(run_id)s, 'reading', %(proof)s, %(now)s)
        on conflict (pair, kind) do update
       set run_id = excluded.run_id, state = 'reading', proof = excluded.proof, objects = 0,
           started_at = excluded.started_at, finished_at = null
"""
_NOTE = """
    update reconcile.reading
       set state = %(state)s, finished_at = %(now)s,
           objects = (select count(*) from reconcile.mirror where pair = %(pair)s and kind = %(kind)s)
     where pair = %(pair)s and kind = %(kind)s and run_id = %(run_id)s
 returning objects
"""


def progress(connection: Connection[Any], audit: Audit) -> dict[str, str]:
    """How far this run has come: `reading`, `read` or `compared`, by kind; what another run has read does not count."""
    return dict(connection.execute(_STATES, audit.parameters()).fetchall())


def begin_afresh(connection: Connection[Any], audit: Audit) -> None:
    """Forget what this run has read."""
    connection.execute(_AFRESH, audit.parameters())


def begin_kind(connection: Connection[Any], audit: Audit, kind: str, proof: Proof, now: datetime) -> None:
    """Note that a kind is being read, from where `proof` says, whoever had read it before."""
    connection.execute(_BEGIN, audit.parameters(kind=kind, proof=proof, now=now))


def note_kind(connection: Connection[Any], audit: Audit, kind: str, state: str, now: datetime) -> int:
    """Note that a kind has been read, or compared; return how many objects there are of it."""
    row = connection.execute(_NOTE, audit.parameters(kind=kind, state=state, now=now)).fetchone()
    return int(row[0]) if row else 0
