"""What Airflow makes of an error: fail at once, try again, or come again later."""

from __future__ import annotations

import pytest

from .airflow_process import AirflowProcess

SOON = 20.0


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize(
    ("kind", "decided"),
    [
        ("ConfigurationError", "fail"),
        ("CredentialsError", "fail"),
        ("SchemaDriftError", "fail"),
        ("StopError", "fail"),
        ("RecordError", "fail"),
        ("RejectedError", "fail"),
        ("IncompleteReadError", "retry"),
        ("FencedError", "retry"),
        ("RulesDisagreeError", "fail"),
        ("WaitError", "default"),
        ("UnreachableError", "default"),
        ("OSError", "default"),
    ],
)
def test_only_what_waiting_may_heal_is_tried_again(airflow_process: AirflowProcess, kind: str, decided: str) -> None:
    assert airflow_process.ask("decided", kind=kind) == decided


@pytest.mark.req("DAG-2")
def test_work_that_another_holds_is_come_back_to(airflow_process: AirflowProcess) -> None:
    told = airflow_process.ask("told", kind="LeaseTakenError")
    assert told["kind"] == "AirflowRescheduleException"
    assert told["in"] >= SOON


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize(("asked", "waits"), [(900.0, 900.0), (1.0, SOON), (-60.0, SOON)])
def test_a_vendors_word_of_when_to_come_again_is_kept(
    airflow_process: AirflowProcess, asked: float, waits: float
) -> None:
    told = airflow_process.ask("told", kind="RateLimitedError", after=asked)
    assert told["kind"] == "AirflowRescheduleException"
    assert waits <= told["in"] < waits + SOON


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("kind", ["UnreachableError", "StopError", "CredentialsError"])
def test_other_errors_pass_as_they_are(airflow_process: AirflowProcess, kind: str) -> None:
    assert airflow_process.ask("told", kind=kind) == {"kind": kind, "in": None}


@pytest.mark.req("SEC-1")
def test_what_postgres_quotes_of_a_row_goes_no_further(airflow_process: AirflowProcess, dsn: str) -> None:
    told = airflow_process.ask("told_of_postgres", dsn=dsn)
    assert told["kind"] == "StopError"
    assert told["hidden"]
    assert "UniqueViolation" in told["text"]
    assert "person_pkey" in told["text"]
    assert "@" not in told["text"]
