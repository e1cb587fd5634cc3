"""The second opinion: Great Expectations judges the sealed rows by itself, and its counts must equal ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_sync.db.database import Database
from retail_sync.errors import RulesDisagreeError, StopError

from . import results
from .gx import quality_context, sqlalchemy_url
from .rule import Rule, Sheet
from .verdicts import Count

if TYPE_CHECKING:
    from great_expectations.core.expectation_validation_result import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.datasource.fluent.postgres_datasource import PostgresDatasource
    from great_expectations.expectations.expectation import Expectation

_ROWS = "rows"
#: Counts without samples: no address gets into a result, a page or XCom.
_FORMAT: dict[str, Any] = {
    "result_format": "BASIC",
    "partial_unexpected_count": 0,
    "return_unexpected_index_query": False,
}
_KIND = re.compile(r"psycopg\.errors\.\w+|\w+(?:Error|Exception)\b")


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be judged.

    Attributes:
        run_id: Whose sealed rows.
        pair: Names the suites: one for each stream of a pair.
        rules: The rules, for each stream in `rows`.
        rows: How many rows are sealed, by stream; Great Expectations must see as many.
        at: The time that the results carry (aware UTC).
    """

    run_id: str
    pair: str
    rules: Mapping[Sheet, Sequence[Rule]]
    rows: Mapping[Sheet, int]
    at: datetime


def judge(database: Database, batch: Batch) -> dict[str, int]:
    """Judge sealed rows natively and keep the results in Postgres. Imports Great Expectations.

    Returns:
        How many rows fail each rule, by Great Expectations' own count.

    Raises:
        StopError: Great Expectations could not evaluate a rule, or saw other rows: a fault of ours, not of the data.
            No result of the run is kept then, since what an exception says may quote a row.
    """
    url = sqlalchemy_url(database.dsn, {"search_path": "quality", "retail_sync.run_id": batch.run_id})
    place = results.Place(database, batch.run_id)
    found: dict[str, int] = {}
    try:
        with quality_context(place) as context, _source(context, url) as source:
            for stream in batch.rows:
                found |= _counts(_validate(context, source, stream, batch), stream)
    except StopError:
        with database.connection() as connection:
            results.remove_run(connection, batch.run_id)
        raise
    return found


@contextmanager
def _source(context: EphemeralDataContext, url: str) -> Iterator[PostgresDatasource]:
    try:
        source = context.data_sources.add_postgres("sealed", connection_string=url)
    except Exception as error:  # noqa: BLE001 - whatever it is, its text may hold the URL with the password
        raise _not_evaluated("every rule", type(error).__name__) from None
    try:
        yield source
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()


def _validate(
    context: EphemeralDataContext, source: PostgresDatasource, stream: Sheet, batch: Batch
) -> ExpectationSuiteValidationResult:
    import great_expectations as gx

    name = f"{batch.pair}-{stream}"
    sealed = source.add_table_asset(stream, table_name=f"sealed_{stream}").add_batch_definition_whole_table("run")
    judged_by = [rule.to_expectation() for rule in batch.rules[stream]]
    suite = gx.ExpectationSuite(name, expectations=[*judged_by, _whole(batch.rows[stream])])
    definition = gx.ValidationDefinition(name=name, data=sealed, suite=context.suites.add(suite))
    # Always with a time: a run name that looks like a date would otherwise become the time, and results overwrite
    # each other.
    run = gx.RunIdentifier(run_name=_safe(batch.run_id), run_time=batch.at)
    return context.validation_definitions.add(definition).run(result_format=_FORMAT, run_id=run)


def _whole(rows: int) -> Expectation:
    from great_expectations.expectations.core.expect_table_row_count_to_equal import ExpectTableRowCountToEqual
    from great_expectations.expectations.metadata_types import FailureSeverity

    return ExpectTableRowCountToEqual(
        value=rows,
        severity=FailureSeverity.CRITICAL,
        description=f"[{_ROWS}] Every sealed row of the run is judged.",
        meta={"rule": _ROWS},
    )


def _safe(run_id: str) -> str:
    """A run id as a folder's name: Airflow's hold `:` and `+`."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", run_id).strip(".-") or "run"


def _counts(result: ExpectationSuiteValidationResult, stream: Sheet) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in result.results:
        config = each.expectation_config
        rule = str((config.meta or {}).get("rule")) if config else stream
        if problem := _exception(each):
            raise _not_evaluated(f"rule {rule}", problem)
        if rule != _ROWS:
            found[rule] = int(each.result.get("unexpected_count") or 0)
        elif not each.success:
            raise StopError(
                f"Great Expectations saw {each.result.get('observed_value')} sealed rows, and that is not all",
                record=f"stream {stream}",
                fix="Start a new run.",
            )
    return found


def _exception(result: ExpectationValidationResult) -> str | None:
    """The kind of exception that kept a rule from being evaluated, in either of the two shapes it is told in.

    Nothing but its kind: the message may quote a row.
    """
    told = result.exception_info or {}
    for info in (told, *told.values()):
        if isinstance(info, Mapping) and info.get("raised_exception"):
            kind = _KIND.search(f"{info.get('exception_message')} {info.get('exception_traceback')}")
            return kind[0] if kind else "an exception"
    return None


def _not_evaluated(what: str, problem: str) -> StopError:
    return StopError(
        f"Great Expectations could not evaluate it ({problem}); that says nothing about the data",
        record=what,
        fix="Try again; if it stays, the rule or the view that it reads is at fault.",
    )


def compare(ours: Mapping[str, Count], theirs: Mapping[str, int]) -> None:
    """Hold both opinions against each other.

    Raises:
        RulesDisagreeError: A rule counts differently in SQL and in Great Expectations.
    """
    for rule, count in theirs.items():
        if (mine := ours.get(rule, Count()).failing) != count:
            raise RulesDisagreeError(
                f"fails {mine} rows by its SQL predicate and {count} by its expectation",
                record=f"rule {rule}",
                fix="This is a fault in the rule itself: report it.",
            )
