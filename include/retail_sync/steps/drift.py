"""Drift: what the catalogue is at the destination, compared product by product and put right as an audit would."""

from __future__ import annotations

from typing import Any

from .audit import compare_kinds
from .context import Road


def drift(road: Road, run_id: str) -> dict[str, Any]:
    """Read the destination's products whole and compare them with what was sent.

    A product that somebody has changed or removed there is put right by a row that this run sends, or named.

    Returns:
        By kind: `objects` read, `suspected` at first, `missing`, `extra`, `different`, and how many were `healed`.

    Raises:
        LeaseTakenError: An audit of the pair is at work, which compares products too.
        IncompleteReadError: Not everything of a kind came.
    """
    return {"by_kind": compare_kinds(road, run_id, road.destination.capabilities.catalogue)}
