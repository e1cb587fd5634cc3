"""Judging what seal has frozen: which row fails which rule, and whether the batch is fit to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from retail_sync.db.crash import crash_point
from retail_sync.model.records import Stream
from retail_sync.quality import docs, evidence
from retail_sync.quality.catalogue import rules_by_stream, rules_of
from retail_sync.quality.report import failing_by_rule, require_fit
from retail_sync.quality.rule import Rule
from retail_sync.quality.verdicts import (
    count_verdicts,
    has_unjudged,
    relevant_rows,
    sealed_rows,
    write_verdicts,
)

from .context import Road


def validate(road: Road, run_id: str) -> dict[str, int]:
    """Judge the sealed rows of a run, twice: by SQL, which names the rows, and by Great Expectations, as evidence.

    Verdicts and results are kept and the data-quality site is published before anything is raised about the data.
    Without sealed rows nothing is judged or published. Where all of them were merely read again, as returns are for as
    long as they are open, the evidence of the run that judged them first stands: Great Expectations takes seconds to
    load, and an unchanged run is over in less.

    Returns:
        How many rows fail each rule, for the rules of every stream that has rows; empty where none has.

    Raises:
        RulesDisagreeError: Both count differently for a rule: a fault of ours.
        StopError: Sealed rows are gone, Great Expectations could not evaluate a rule, or the batch is too bad.
    """
    rules, rows = _write_verdicts(road, run_id)
    crash_point("validate.verdicts_written")
    if not rows:
        return {}
    with road.database.connection() as connection:
        counts = count_verdicts(connection, run_id)
        relevant = relevant_rows(connection, run_id, rows)
        news = has_unjudged(connection, run_id, pair=road.pair.pair, account=road.pair.source.account)
    if news:
        theirs = evidence.judge(road.database, evidence.Batch(run_id, road.pair.pair, rules, rows, road.clock()))
        docs.publish(road.database, run_id)
        evidence.compare(counts, theirs)
    require_fit(counts, rules, relevant)
    return failing_by_rule(counts, [rule for judged_by in rules.values() for rule in judged_by])


def _write_verdicts(road: Road, run_id: str) -> tuple[Mapping[Stream, Sequence[Rule]], Mapping[Stream, int]]:
    """Judge by SQL; returns the rules of the streams that have rows, and how many rows each has."""
    every = rules_by_stream(rules_of(road.pair))
    with road.database.connection() as connection:
        sealed = sealed_rows(connection, run_id)
        rules = {stream: every[stream] for stream in sealed if stream in every}
        rows = {stream: sealed[stream] for stream in rules}
        write_verdicts(connection, run_id, rules, pair=road.pair.pair, account=road.pair.source.account)
    return rules, rows
