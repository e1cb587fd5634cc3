"""The form that the UI shows when somebody starts a run by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk import Param

from retail_sync.model.records import Stream

_MOMENT: dict[str, Any] = {"type": ["null", "string"], "format": "date-time"}


def form(streams: Sequence[Stream], beginning: str) -> dict[str, Param]:
    """The form of a DAG that reads from the source.

    Args:
        streams: What it reads.
        beginning: Where it begins if nobody says.
    """
    known = list(streams)
    return {
        "since": Param(None, title="Read from", description=f"Empty: {beginning}.", **_MOMENT),
        "until": Param(None, title="Read to", description="Empty: now.", **_MOMENT),
        "streams": Param(
            known,
            type="array",
            items={"type": "string", "enum": known},
            examples=known,
            title="Streams",
            description="What to read and work on.",
        ),
        **dry_run_form("Show what would be sent, send nothing."),
        "full_refresh": Param(
            False, type="boolean", title="Full refresh", description="Look at every record that is known again."
        ),
    }


def dry_run_form(description: str) -> dict[str, Param]:
    """The form of a DAG that asks for nothing but whether it only shows what it would do."""
    return {"dry_run": Param(False, type="boolean", title="Dry run", description=description)}
