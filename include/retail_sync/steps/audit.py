"""Audit: the destination read whole and compared; what may be put right is queued, the rest is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from retail_sync.consent import mirror as contacts
from retail_sync.db.crash import crash_point
from retail_sync.db.leases import Lease, lease
from retail_sync.model.capabilities import Capabilities
from retail_sync.reconcile import mirror, suspects, unknowns
from retail_sync.reconcile.archived import find_archived
from retail_sync.reconcile.audit import Audit, begin_afresh, note_kind, progress, turn_at
from retail_sync.reconcile.heal import judge
from retail_sync.reconcile.totals import write_totals

from .context import Road
from .runs import read_run

_TURN = timedelta(minutes=15)
_CHUNK = 5_000


def audit(road: Road, run_id: str) -> dict[str, Any]:
    """Read the destination whole, archived objects included, and compare it with the ledger by the fields we own.

    An audit that broke off goes on with the kind at which it was; one that had come to its end is done again. A dry run
    reads and finds as any other, and puts nothing right.

    Returns:
        `by_kind`: `objects` read, `suspected` at first, `missing`, `extra`, `different`, and how many of these were
        `healed`; `proof`: by kind, how it is known to stand, as `model.proof` has it; `skipped`: kinds that stand
        within an object which is missing; `archived`: contacts; `totals`.

    Raises:
        LeaseTakenError: Another audit of the pair is at work.
        IncompleteReadError: Not everything of a kind came.
    """
    dry_run = read_run(road.database, run_id).dry_run
    with lease(road.database, turn_at(road.pair.pair), run_id, _TURN, take_over=True) as turn:
        return _Auditing(road, audit_of(road, run_id), turn, dry_run=dry_run).run()


def compare_kinds(road: Road, run_id: str, kinds: Sequence[str]) -> dict[str, dict[str, int]]:
    """Compare these kinds alone, and those within which their objects stand; what is within nothing is left out.

    Returns:
        By kind what `audit` counts of it.

    Raises:
        LeaseTakenError: An audit of the pair is at work.
        IncompleteReadError: Not everything of a kind came.
    """
    able, dry_run = road.destination.capabilities, read_run(road.database, run_id).dry_run
    by_kind: dict[str, dict[str, int]] = {}
    with lease(road.database, turn_at(road.pair.pair), run_id, _TURN, take_over=True) as turn:
        auditing = _Auditing(road, audit_of(road, run_id), turn, dry_run=dry_run)
        for kind in dict.fromkeys((*(able.within[kind] for kind in kinds if kind in able.within), *kinds)):
            if not by_kind.get(able.within.get(kind, ""), {}).get("missing"):
                by_kind[kind] = auditing.compare(kind)
    return by_kind


def audit_of(road: Road, run_id: str) -> Audit:
    """What a run may put right of the pair's destination."""
    pair = road.pair
    return Audit(
        account=pair.destination.account,
        source=pair.source.account,
        pair=pair.pair,
        run_id=run_id,
        contact_kind=road.destination.capabilities.contact_kind,
        heals=pair.reconcile.heal,
        at_most=pair.reconcile.heal_at_most,
    )


class _Auditing:
    """One call of `audit`."""

    def __init__(self, road: Road, audit: Audit, turn: Lease, *, dry_run: bool) -> None:
        self._road = road
        self._audit = audit
        self._turn = turn
        self._dry_run = dry_run

    def run(self) -> dict[str, Any]:
        road, audit = self._road, self._audit
        if not self._dry_run:
            unknowns.settle(road.database, road.destination, audit.account, audit.pair, road.clock())
        contacts_read = self._refresh_contacts()
        by_kind: dict[str, dict[str, int]] = {}
        skipped: list[str] = []
        able = road.destination.capabilities
        done = self._done(able)
        for kind in _readable(able):
            if by_kind.get(able.within.get(kind, ""), {}).get("missing"):
                skipped.append(kind)
                continue
            by_kind[kind] = self._kind(kind, done.get(kind), able)
        if able.sale_kind and able.proof_of(able.sale_kind) == "ledger":
            mirror.take_from_ledger(road.database, road.destination, audit, clock=road.clock, kept=self._turn.renew)
        rest = self._rest(whole=not skipped)
        return {
            "by_kind": by_kind,
            "proof": {kind: able.proof_of(kind) for kind in able.kinds},
            "skipped": skipped,
            "contacts": contacts_read,
            **rest,
            "dry_run": self._dry_run,
        }

    def compare(self, kind: str) -> dict[str, int]:
        """Read a kind whole, whatever was read of it before, compare it and put right what may be."""
        return self._kind(kind, None, self._road.destination.capabilities)

    def _done(self, able: Capabilities) -> dict[str, str]:
        """How far an earlier try of this run came; nothing where it had come to its end."""
        with self._road.database.connection() as connection:
            done = progress(connection, self._audit)
            if all(done.get(kind) == "compared" for kind in _readable(able)):
                begin_afresh(connection, self._audit)
                return {}
        return done

    def _kind(self, kind: str, done: str | None, able: Capabilities) -> dict[str, int]:
        road, audit = self._road, self._audit
        self._turn.renew()
        if done not in {"read", "compared"}:
            mirror.read_kind(road.database, road.destination, audit, kind, clock=road.clock, kept=self._turn.renew)
        self._turn.renew()
        suspected = suspects.suspect(road.database, road.destination, audit, kind)
        strays = suspects.strays(road.database, road.destination, audit, kind, road.clock)
        crash_point("audit.suspected")
        with road.database.connection() as connection:
            counts = judge(
                connection,
                audit,
                kind,
                road.clock(),
                is_container=kind in able.within.values(),
                dry_run=self._dry_run,
                strays=strays,
            )
            suspects.forget(connection, audit, kind)
            objects = note_kind(connection, audit, kind, "compared", road.clock())
        crash_point("audit.judged")
        return {"objects": objects, "suspected": suspected, **counts}

    def _refresh_contacts(self) -> int:
        """Bring the mirror of contacts up to date: a change that moved no time of change is seen here alone."""
        road, count = self._road, 0
        started = road.clock()
        found = iter(road.destination.contacts())
        while chunk := list(islice(found, _CHUNK)):
            with road.database.connection() as connection:
                count += contacts.remember(connection, self._audit.account, chunk, started)
            self._turn.renew()
        return count

    def _rest(self, *, whole: bool) -> dict[str, Any]:
        """What is found once every kind has been compared; totals only where all of them could be."""
        stated = self._road.destination.totals() if whole else ()
        now = self._road.clock()
        with self._road.database.connection() as connection:
            archived = find_archived(connection, self._audit, now)
            if not whole:
                return {"archived": archived, "totals": {}}
            able, zone = self._road.destination.capabilities, self._road.pair.schedule.timezone
            totals = write_totals(connection, self._audit, stated, able, timezone=zone, now=now)
        return {"archived": archived, "totals": totals}


def _readable(able: Capabilities) -> Iterator[str]:
    return (kind for kind in able.kinds if kind in able.readable)
