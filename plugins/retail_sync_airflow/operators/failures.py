"""What Airflow is told of an error: to come again, or what is wrong without the content of any record."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
from airflow.sdk.exceptions import AirflowRescheduleException

from retail_sync.errors import LeaseTakenError, RetailSyncError, StopError, UnreachableError, WaitError

#: How soon a task comes again that found another worker at the same work.
COME_AGAIN = timedelta(seconds=20)


@contextmanager
def told_to_airflow() -> Iterator[None]:
    """Turn errors of the road into what Airflow acts on.

    Work that another holds, and a vendor's own word of when to come again, free the worker until then and cost no try.
    What Postgres says may quote a record's columns; only its kind and place go on.
    """
    try:
        yield
    except WaitError as error:
        if (at := _again_at(error)) is None:
            raise
        raise AirflowRescheduleException(at) from error  # type: ignore[no-untyped-call]
    except psycopg.Error as error:
        raise _without_content(error) from None


def _again_at(error: WaitError) -> datetime | None:
    soon = datetime.now(UTC) + COME_AGAIN
    if error.retry_at is not None:
        return max(soon, error.retry_at)
    return soon if isinstance(error, LeaseTakenError) else None


def _without_content(error: psycopg.Error) -> RetailSyncError:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "retail_sync" in frame.filename]
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "unknown"
    diagnosis = error.diag
    facts = {"sqlstate": error.sqlstate, "table": diagnosis.table_name, "constraint": diagnosis.constraint_name}
    said = ", ".join(f"{name} {value}" for name, value in facts.items() if value)
    what = f"Postgres: {type(error).__name__} at {place} ({said or 'no code'})"
    if isinstance(error, psycopg.OperationalError):
        return UnreachableError(what, fix="It is tried again; see that the server runs.")
    return StopError(what, fix="Its server's log has the whole text.")
