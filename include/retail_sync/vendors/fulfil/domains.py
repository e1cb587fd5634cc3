"""What is asked for: domains, which are lists of clauses, and the values in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from retail_sync.model.reading import Window

#: A list of clauses `[field, operator, value]`; all must hold, unless it begins with "OR".
Domain = list[Any]
EVERYTHING: Domain = []


def among(field: str, values: Iterable[int | str]) -> Domain:
    """Rows of which a field is one of these."""
    return [[field, "in", list(values)]]


def within(window: Window | None) -> Domain:
    """Rows that were created or changed in a window.

    A row that was never edited has no time of change (CONFIRMED); its creation stands for it.
    """
    if window is None:
        return EVERYTHING
    if window.by == "created":
        return _span("create_date", window)
    return ["OR", _span("write_date", window), [["write_date", "=", None], *_span("create_date", window)]]


def before(moment: datetime) -> Domain:
    """Rows that were there already."""
    return [["create_date", "<=", _moment(moment)]]


def both(first: Domain, second: Domain) -> Domain:
    """What fits two domains; one of alternatives stays a group of its own."""
    if not first or not second:
        return first or second
    return ["AND", first, second]


def after(domain: Domain, last: int) -> Domain:
    """The rows of a domain behind an id. The clause stands outside of any alternative, so that none escapes it."""
    return both(domain, [["id", ">", last]])


def _span(field: str, window: Window) -> Domain:
    return [[field, ">", _moment(window.since)], [field, "<=", _moment(window.until)]]


def _moment(moment: datetime) -> dict[str, Any]:
    """A time with its ISO text and its parts, since servers have taken either (SEEN)."""
    at = moment.astimezone(UTC).replace(tzinfo=None)
    return {
        "__class__": "datetime",
        "iso_string": at.isoformat(),
        **{part: getattr(at, part) for part in ("year", "month", "day", "hour", "minute", "second", "microsecond")},
    }
