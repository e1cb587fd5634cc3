"""What the verdicts of a run amount to: figures for its report, and whether the batch is fit to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from retail_sync.errors import StopError

from .rule import Rule, Sheet
from .verdicts import Count

#: A share says little of a few rows: a threshold stops a run only when at least so many rows fail.
FEWEST = 10
#: Which share of a stream may be held back for all reasons together.
HELD_AT_MOST = 0.5


def failing_by_rule(counts: Mapping[str, Count], rules: Sequence[Rule]) -> dict[str, int]:
    """How many rows fail each rule that was asked, in the order of the catalogue, zeros included."""
    return {rule.id: counts.get(rule.id, Count()).failing for rule in rules}


def require_fit(
    counts: Mapping[str, Count], rules: Mapping[Sheet, Sequence[Rule]], relevant: Mapping[Sheet, int]
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


def require_mostly_fit(held: Mapping[Sheet, int], relevant: Mapping[Sheet, int]) -> None:
    """Let a batch pass of which most is not held back, whatever the single reasons.

    Args:
        held: How many rows of each stream are held back by rules that have a threshold.
        relevant: How many rows of each stream no rule excludes.

    Raises:
        StopError: More than half of a stream is held back.
    """
    worst = [
        f"{count} of {relevant[stream]} {stream} are held back"
        for stream, count in held.items()
        if count >= FEWEST and count / relevant[stream] > HELD_AT_MOST
    ]
    if worst:
        raise StopError(
            f"{'; '.join(worst)}, each for a reason that is no reason to stop by itself",
            fix="See the run's verdicts: something at the source or in the pair file has gone wrong as a whole.",
        )
