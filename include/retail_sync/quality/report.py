"""What the verdicts of a run amount to: figures for its report, and whether the batch is fit to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from retail_sync.errors import StopError
from retail_sync.model.records import Stream

from .rule import Rule
from .verdicts import Count

#: A share says little of a few rows: a threshold stops a run only when at least so many rows fail.
FEWEST = 10


def failing_by_rule(counts: Mapping[str, Count], rules: Sequence[Rule]) -> dict[str, int]:
    """How many rows fail each rule that was asked, in the order of the catalogue, zeros included."""
    return {rule.id: counts.get(rule.id, Count()).failing for rule in rules}


def require_fit(
    counts: Mapping[str, Count], rules: Mapping[Stream, Sequence[Rule]], relevant: Mapping[Stream, int]
) -> None:
    """Let a batch pass that is good enough.

    Excluded rows don't matter here: wholesale orders without an address are no reason to stop.

    Args:
        counts: How many rows fail each rule.
        rules: The rules that judged, by stream.
        relevant: How many rows of each stream no rule excludes.

    Raises:
        StopError: Rows fail a rule whose effect is `stop`, or more of them than its threshold allows.
    """
    worst = [
        _reason(rule, counts.get(rule.id, Count()).relevant, relevant[stream])
        for stream, judged_by in rules.items()
        for rule in judged_by
    ]
    if reasons := [reason for reason in worst if reason]:
        raise StopError("; ".join(reasons), fix="Mend it at the source or in the pair file, then start a new run.")


def _reason(rule: Rule, failing: int, rows: int) -> str:
    if not failing:
        return ""
    about = f"{failing} of {rows} {rule.stream} fail the rule {rule.id} (owner: {rule.owner}; {rule.next_step})"
    if rule.effect == "stop":
        return about
    if rule.threshold is not None and failing >= FEWEST and failing / rows > rule.threshold:
        return f"{about}, and {rule.threshold:.0%} is what may"
    return ""
