"""What a worker says of its claim: how its rows ended, as long as the claim stands, or that it gives them back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.consent.strays import Sorted
from retail_sync.model.delivery import Delivery, Errand, Outcome

from .ending import end_rows
from .workers import Worker

_RELEASE = """
    update delivery.outbox
       set state = 'pending', claim_token = null, attempt = attempt - 1
     where row_id = any (%s) and claim_token = %s and state = 'claimed'
"""

_NOTE = """
    update delivery.outbox set errand = %(name)s
     where row_id = any (%(rows)s) and claim_token = %(token)s and state = 'claimed'
"""


def acknowledge(
    connection: Connection[Any],
    worker: Worker,
    outcomes: Sequence[Outcome],
    *,
    contact_kind: str | None,
    now: datetime,
    delete_is_final: bool = False,
    missing: Sorted | None = None,
) -> Counter[str]:
    """Write outcomes down in this transaction; those of rows that somebody else has taken over are left out.

    Returns:
        How many rows ended with each verdict.
    """
    return end_rows(
        connection,
        outcomes,
        token=worker.token,
        contact_kind=contact_kind,
        now=now,
        delete_is_final=delete_is_final,
        missing=missing,
    )


def note_errand(connection: Connection[Any], worker: Worker, errand: Errand) -> None:
    """Keep with rows of this worker what the vendor does for them by itself."""
    connection.execute(_NOTE, {"name": errand.name, "rows": list(errand.rows), "token": worker.token})


def release(connection: Connection[Any], worker: Worker, rows: Sequence[Delivery]) -> int:
    """Give back those of these rows that this worker claimed and did not send; return how many rows that were."""
    return connection.execute(_RELEASE, ([row.row_id for row in rows], worker.token)).rowcount
