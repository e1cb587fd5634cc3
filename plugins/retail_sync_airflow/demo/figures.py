"""The figures of a run, from the product's own books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from retail_sync.exceptions.entries import Entry
from retail_sync.reconcile.totals import order_differences, sums
from retail_sync.steps.context import Road

_REPORT = "select report from road.run where run_id = %s"
_COLUMNS = ("orders", "gross", "reduced", "net", "held", "held_total")
_ENDED = ("delivered", "rejected", "held", "unknown", "superseded")


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a chapter: a live one, the consent run after it, and at night the audit before both."""

    live: str
    consent: str
    audit: str | None = None


def figures(road: Road, runs: Runs) -> dict[str, Any]:
    """What the runs of a chapter did.

    Returns:
        `audited`: what the audit found by sort, and how many of these were `healed`. Of the live run: `extracted` and
        `staged` by stream, `set_aside` by rule, `people`, `queued` and the ends of rows by kind, and `reconciliation`.
        `opt_outs_written_back` by the consent run.
    """
    with road.database.connection() as connection:
        reports = [connection.execute(_REPORT, (name,)).fetchone() for name in (runs.live, runs.consent, runs.audit)]
    first, second, audit = ((row[0] if row else None) or {} for row in reports)
    streams = first.get("streams", {})
    outbox = first.get("outbox", {})
    return {
        "run_id": runs.live,
        "audited": _audited(audit),
        "extracted": {name: found["extracted"] for name, found in streams.items()},
        "staged": {name: found["new_versions"] for name, found in streams.items()},
        "set_aside": {name: found["count"] for name, found in first.get("verdicts", {}).items()},
        "people": first.get("people", 0),
        "queued": {kind: found["queued"] for kind, found in outbox.items()},
        **{state: {kind: found[state] for kind, found in outbox.items() if state in found} for state in _ENDED},
        "opt_outs_written_back": _written_back(second),
        "reconciliation": first.get("reconciliation", {}),
    }


def money(road: Road) -> dict[str, Any]:
    """Both sides' orders as the newest audit read them, before what it planned again was sent.

    Returns:
        `by_currency`: for each currency `orders`, `gross`, `reduced` and `net` of the source, `held` and `held_total`
        of the destination, and `proof`: how these are known. `differ`: how many orders are counted differently, by why;
        those without a reason under `unexplained`.
    """
    with road.database.connection() as connection:
        months = sums(connection, road.pair.pair, "month")
        differing = order_differences(connection, road.pair.pair)
    found: dict[str, dict[str, Any]] = {}
    for month in months:
        line = found.setdefault(month.currency, {"proof": month.proof, **dict.fromkeys(_COLUMNS, 0)})
        line.update({column: line[column] + getattr(month, column) for column in _COLUMNS})
    return {"by_currency": found, "differ": dict(Counter(one.why or "unexplained" for one in differing))}


def by_family(entries: Sequence[Entry]) -> dict[str, dict[str, Any]]:
    """Exceptions by the first part of their subject: how many are open, of which sorts, and whose turn it is."""
    families = sorted({_family(entry) for entry in entries})
    return {
        family: {
            "open": len(own),
            "subjects": dict(Counter(entry.subject for entry in own)),
            "owners": dict(Counter(entry.owner for entry in own)),
        }
        for family in families
        if (own := [entry for entry in entries if _family(entry) == family])
    }


def _family(entry: Entry) -> str:
    return entry.subject.partition(".")[0]


def _audited(report: dict[str, Any]) -> dict[str, int]:
    by_kind = report.get("steps", {}).get("audit", {}).get("by_kind", {})
    sorts = ("missing", "extra", "different", "healed")
    return {sort: sum(found[sort] for found in by_kind.values()) for sort in sorts if by_kind}


def _written_back(report: dict[str, Any]) -> int:
    delivered = report.get("steps", {}).get("consent", {}).get("delivered", {})
    total: Counter[str] = Counter()
    for verdicts in delivered.values():
        total.update(verdicts)
    return total["delivered"]
