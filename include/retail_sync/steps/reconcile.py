"""Reconcile: every verdict accounted for, unknowns read back, samples and keys compared, both sides' figures."""

from __future__ import annotations

from typing import Any

from retail_sync.reconcile import accounts, unknowns
from retail_sync.reconcile.compare import (
    Comparison,
    Differences,
    compare_keys,
    compare_sample,
    write_findings,
)

from .context import Road
from .dry_run import is_dry


def reconcile(road: Road, run_id: str, *, sample: int | None = None) -> dict[str, Any]:
    """Read the destination back after a run.

    Args:
        road: What to work on.
        run_id: The run.
        sample: How many objects of each kind are compared field by field; what the pair file says unless given.

    Returns:
        `missing`, `extra`, `different`: sums over all kinds; `by_kind`: the same and how much was compared; `unknown`:
        rows settled by reading them back; `outbox`: this run's rows by kind and state; `ours`, `theirs`: figures.
    """
    if is_dry(road, run_id):
        return {"dry_run": True}
    account, pair = road.pair.destination.account, road.pair.pair
    size = road.pair.reconcile.sample if sample is None else sample
    settled = unknowns.settle(road.database, road.destination, account, pair, road.clock())
    by_kind = {
        kind: _compare(road, Comparison(account, pair, kind, run_id, road.clock()), size)
        for kind in road.destination.capabilities.kinds
        if kind in road.destination.capabilities.readable
    }
    with road.database.connection() as connection:
        ours = accounts.ledger_counts(connection, account, pair)
        states = accounts.outbox_states(connection, run_id)
    sums = {name: sum(found[name] for found in by_kind.values()) for name in ("missing", "extra", "different")}
    theirs = {total.name: total.value for total in road.destination.totals()}
    return {**sums, "by_kind": by_kind, "unknown": settled, "outbox": states, "ours": ours, "theirs": theirs}


def _compare(road: Road, comparison: Comparison, size: int) -> dict[str, int]:
    limits = road.pair.reconcile
    sampled = compare_sample(road.database, road.destination, comparison, size)
    extras = comparison.kind in road.destination.capabilities.exclusive
    keyed = compare_keys(road.database, road.destination, comparison, extras=extras, at_most=limits.full_below)
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
