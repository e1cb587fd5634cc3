"""All measurements, one after the other, and the report that they leave."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from retail_sync.errors import ConfigurationError

from . import extracting, parsing, planning, pushing, unchanged
from .figures import Extent, Figure
from .ground import Ground

_REPORT = "report.json"
#: Measurements by name.
MEASUREMENTS: Mapping[str, Callable[[Ground, Extent], Iterator[Figure]]] = {
    "extract": extracting.measure,
    "push": pushing.measure,
    "plan": planning.measure,
    "unchanged": unchanged.measure,
    "parse": parsing.measure,
}


def measure(folder: Path, only: Sequence[str], extent: Extent) -> Iterator[Figure]:
    """Measure, and write `report.json` at the end, with what there is if a measurement breaks.

    Args:
        folder: Where the server keeps its data and the report goes.
        only: Names of measurements; all of them if empty.
        extent: How much.

    Raises:
        ConfigurationError: There is no measurement of such a name.
    """
    unknown = sorted(set(only) - MEASUREMENTS.keys())
    if unknown:
        raise ConfigurationError(
            f"there is no measurement {unknown[0]!r}", fix=f"Name one of {', '.join(MEASUREMENTS)}."
        )
    folder.mkdir(parents=True, exist_ok=True)
    ground = Ground(folder)
    ground.open()
    figures: list[Figure] = []
    try:
        for name in only or MEASUREMENTS:
            for figure in MEASUREMENTS[name](ground, extent):
                figures.append(figure)
                yield figure
    finally:
        ground.close()
        (folder / _REPORT).write_bytes(msgspec.json.format(msgspec.json.encode(_report(figures, extent))))


def _report(figures: Sequence[Figure], extent: Extent) -> dict[str, Any]:
    return {
        "measured_at": datetime.now(UTC),
        "machine": {
            "cores": os.cpu_count(),
            "load_average": os.getloadavg(),
            "python": platform.python_version(),
            "system": platform.platform(),
        },
        "scale": extent.scale,
        "repeat": extent.repeat,
        "figures": [{**msgspec.to_builtins(figure), "rate": figure.rate} for figure in figures],
    }
