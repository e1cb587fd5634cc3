"""Deadlines of a pair: how long a run, a record or a stream's silence may last before somebody is told."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from retail_sync.model.records import Stream

from .durations import Duration
from .part import Part


class RunDeadlines(Part):
    """How long a run of each DAG may take, counted from when it began or was cleared."""

    live: Duration = timedelta(minutes=30)
    consent: Duration = timedelta(minutes=30)
    catalogue: Duration = timedelta(hours=1)
    history: Duration = timedelta(hours=6)
    audit: Duration = timedelta(hours=6)


class Deadline(Part):
    """When the pair's owners are told that something does not arrive."""

    run: RunDeadlines = RunDeadlines()
    record: Duration | None = Field(
        timedelta(minutes=30),
        description="How long after it was placed or changed an order may be on its way; null watches none.",
    )
    deferred: Duration = Field(
        timedelta(days=1), description="How long a stream may wait for the end of its source's peak hours."
    )
    quiet: dict[Stream, Duration] = Field(
        default_factory=dict,
        description="How long a stream may bring nothing new. Hours that are as quiet in other weeks don't count.",
    )
