"""The figures of a run, from the product's own books."""

from __future__ import annotations

from collections import Counter
from typing import Any

from retail_sync.steps.context import Road

_REPORT = "select report from road.run where run_id = %s"
_ENDED = ("delivered", "rejected", "held", "unknown", "superseded")


def figures(road: Road, live: str, consent: str) -> dict[str, Any]:
    """What a live run and the consent run after it did.

    Returns:
        `extracted` and `staged` by stream, `set_aside` by rule, `people`, `queued` and the ends of rows by kind,
        `opt_outs_written_back`, and `reconciliation`.
    """
    with road.database.connection() as connection:
        reports = [connection.execute(_REPORT, (name,)).fetchone() for name in (live, consent)]
    first, second = ((row[0] if row else None) or {} for row in reports)
    streams = first.get("streams", {})
    outbox = first.get("outbox", {})
    return {
        "run_id": live,
        "extracted": {name: found["extracted"] for name, found in streams.items()},
        "staged": {name: found["new_versions"] for name, found in streams.items()},
        "set_aside": {name: found["count"] for name, found in first.get("verdicts", {}).items()},
        "people": first.get("people", 0),
        "queued": {kind: found["queued"] for kind, found in outbox.items()},
        **{state: {kind: found[state] for kind, found in outbox.items() if state in found} for state in _ENDED},
        "opt_outs_written_back": _written_back(second),
        "reconciliation": first.get("reconciliation", {}),
    }


def _written_back(report: dict[str, Any]) -> int:
    delivered = report.get("steps", {}).get("consent", {}).get("delivered", {})
    total: Counter[str] = Counter()
    for verdicts in delivered.values():
        total.update(verdicts)
    return total["delivered"]
