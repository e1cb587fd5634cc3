"""Reconcile: every verdict accounted for, unknowns read back, samples and keys compared, both sides' figures."""

from __future__ import annotations

from typing import Any

from retail_sync.db.crash import crash_point
from retail_sync.reconcile import accounts, unknowns
from retail_sync.reconcile.compare import (
    Comparison,
    Differences,
    compare_keys,
    compare_sample,
    our_keys,
    sample,
    write_findings,
)
from retail_sync.reconcile.late import note_refused
from retail_sync.reconcile.reading import read_for

from .context import Road
from .lifetime import publish
from .runs import read_run


def reconcile(road: Road, run_id: str) -> dict[str, Any]:
    """Read the destination back after a run.

    Returns:
        What `compare` gives; `refused_late`: rows that were taken and refused afterwards; `unknown`: rows settled by
        reading them back; `outbox`: this run's rows by kind and state; `published`: how the rows ended that told a new
        pair's lifetime facts, if this run was the one to tell them.
    """
    if read_run(road.database, run_id).dry_run:
        return {"dry_run": True}
    account, pair = road.pair.destination.account, road.pair.pair
    late = note_refused(road.database, road.destination, account, pair, road.clock())
    settled = unknowns.settle(road.database, road.destination, account, pair, road.clock())
    crash_point("reconcile.settled")
    compared = compare(road, run_id, sample=road.pair.reconcile.sample)
    with road.database.connection() as connection:
        states = accounts.outbox_states(connection, run_id)
    right = not compared["missing"] and not compared["different"]
    published = publish(road, run_id) if right else None
    report = {**compared, "refused_late": late, "unknown": settled, "outbox": states}
    return report | ({"published": published} if published else {})


def compare(road: Road, name: str, *, sample: int) -> dict[str, Any]:
    """Compare a pair's ledger with its destination, and keep what was found under a name.

    Args:
        road: What to work on.
        name: What the findings are kept under: a run, or another occasion.
        sample: How many objects of each kind are compared field by field.

    Returns:
        `missing`, `extra`, `different`: sums over all kinds; `by_kind`: the same and how much was compared; `ours`: how
        many objects of each kind the ledger holds; `proof`: how each kind is known to stand, as `model.proof` has it.
    """
    account, pair = road.pair.destination.account, road.pair.pair
    by_kind = {
        kind: _compare_kind(road, Comparison(account, pair, kind, name, road.clock()), sample)
        for kind in road.destination.capabilities.kinds
        if kind in road.destination.capabilities.readable
    }
    with road.database.connection() as connection:
        ours = accounts.ledger_counts(connection, account, pair)
    sums = {sort: sum(found[sort] for found in by_kind.values()) for sort in ("missing", "extra", "different")}
    able = road.destination.capabilities
    return {**sums, "by_kind": by_kind, "ours": ours, "proof": {kind: able.proof_of(kind) for kind in able.kinds}}


def _compare_kind(road: Road, comparison: Comparison, size: int) -> dict[str, int]:
    limits = road.pair.reconcile
    expected = sample(road.database, comparison, size)
    ours = our_keys(road.database, comparison, limits.full_below)
    reading = read_for(road.destination, comparison.kind, None if ours is None else len(ours), size)
    sampled = compare_sample(road.database, reading, comparison, expected)
    extras = comparison.kind in road.destination.capabilities.exclusive
    keyed = None if ours is None else compare_keys(road.database, reading, comparison, ours, extras=extras)
    found = _joined(sampled, keyed)
    with road.database.connection() as connection:
        write_findings(connection, comparison, found)
    return {
        "sampled": sampled.compared,
        "keys": keyed.compared if keyed else 0,
        "missing": len(found.missing),
        "extra": len(found.extra),
        "different": len(found.different),
    }


def _joined(sampled: Differences, keyed: Differences | None) -> Differences:
    if keyed is None:
        return sampled
    missing = sorted({*sampled.missing, *keyed.missing})
    return Differences(sampled.compared, missing, keyed.extra, sampled.different)
