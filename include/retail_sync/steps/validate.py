"""Judging what seal has frozen: which row fails which rule, and whether the batch is fit to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from retail_sync.db.crash import crash_point
from retail_sync.quality import docs, evidence
from retail_sync.quality.catalogue import rules_by_stream, rules_of
from retail_sync.quality.report import failing_by_rule, require_fit, require_mostly_fit
from retail_sync.quality.rule import Rule, Sheet
from retail_sync.quality.verdicts import (
    count_verdicts,
    has_unjudged,
    held_rows,
    note_judged_before,
    relevant_rows,
    sealed_rows,
    write_verdicts,
)

from .context import Road


def validate(road: Road, run_id: str) -> dict[str, int]:
    """Judge the sealed rows of a run, twice: by SQL, which names the rows, and by Great Expectations, as evidence.

    Verdicts and results are kept and the data-quality site is published before anything is raised about the data.
    Without sealed rows nothing is judged or published.

    A batch is what was newly staged or is due; every batch has its evidence. Rows beside it were merely read again, as
    returns are for as long as they are open: the same version, judged by the same rules when it was new, with its
    evidence on the site. A run of nothing but such rows has no batch. SQL judges them all the same, in milliseconds,
    and should what it finds set aside another row than before, or none any more, that is evidence that is missing, and
    Great Expectations judges too. Otherwise it is left out, since it takes seconds to load, and the run is noted in
    `quality.judged_before`, so that its page can say that nothing new was there to judge.

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
    every = [rule for judged_by in rules.values() for rule in judged_by]
    with road.database.connection() as connection:
        counts = count_verdicts(connection, run_id)
        held = held_rows(connection, run_id, every)
        relevant = relevant_rows(connection, run_id, rows)
        batch = has_unjudged(connection, run_id, pair=road.pair.pair, account=road.pair.source.account)
        note_judged_before(connection, run_id, {} if batch else rows)
    if batch:
        theirs = evidence.judge(road.database, evidence.Batch(run_id, road.pair.pair, rules, rows, road.clock()))
        docs.publish(road.database, run_id)
        evidence.compare(counts, theirs)
    require_fit(counts, rules, relevant)
    require_mostly_fit(held, relevant)
    return failing_by_rule(counts, every)


def _write_verdicts(road: Road, run_id: str) -> tuple[Mapping[Sheet, Sequence[Rule]], Mapping[Sheet, int]]:
    """Judge by SQL; returns the rules of the streams that have rows, and how many rows each has."""
    every = rules_by_stream(rules_of(road.pair))
    with road.database.connection() as connection:
        sealed = sealed_rows(connection, run_id)
        rules = {stream: every[stream] for stream in sealed if stream in every}
        rows = {stream: sealed[stream] for stream in rules}
        write_verdicts(connection, run_id, rules)
    return rules, rows
