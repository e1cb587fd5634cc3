"""What a demo's report must show for the demo to have gone well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_STILL = "unchanged"


def what_is_wrong(report: dict[str, Any]) -> list[str]:
    """Everything that a report shows to be wrong, in a line each.

    Both sides of a pair must agree in every object and in every order's money, and something must have been compared at
    all. A run that finds nothing new must write nothing, neither to its destination nor back to its source.
    """
    wrong = [line for name, pair in report["pairs"].items() for line in _of_pair(name, pair)]
    return wrong + [
        f"{account}: the {_STILL} runs wrote {chapters[_STILL]} times to this source"
        for account, chapters in report["sources"].items()
        if chapters[_STILL]
    ]


def _of_pair(name: str, pair: dict[str, Any]) -> Iterator[str]:
    found = pair["reconciliation"]
    yield from (f"{name}: {found[key]} {key}" for key in ("missing", "extra", "different") if found[key])
    if not any(kind["sampled"] for kind in found["by_kind"].values()):
        yield f"{name}: nothing was there to be compared"
    if unexplained := pair["money"]["differ"].get("unexplained"):
        yield f"{name}: both sides count {unexplained} orders differently, for no known reason"
    for run in pair["runs"]:
        if run["label"] == _STILL and run["outbound_writes"]:
            yield f"{name}: the {_STILL} run wrote {run['outbound_writes']} times"
