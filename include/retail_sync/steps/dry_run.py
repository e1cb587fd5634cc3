"""Whether a run only shows what it would do."""

from __future__ import annotations

from .context import Road

_DRY = "select dry_run from road.run where run_id = %s"


def is_dry(road: Road, run_id: str) -> bool:
    """Whether this run was opened as a dry run."""
    with road.database.connection() as connection:
        row = connection.execute(_DRY, (run_id,)).fetchone()
    return bool(row and row[0])
