"""What is measured and what it is held to: a row of the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from .usage import Usage


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured.

    Attributes:
        scale: By how much every size is multiplied. Marks are meant for 1.
        full: Whether the longest sizes are measured too.
        repeat: How often a measurement is done that can be done again; the median counts.
    """

    scale: float = 1.0
    full: bool = False
    repeat: int = 1

    def of(self, size: int, least: int) -> int:
        """A size at this scale."""
        return max(least, int(size * self.scale))

    def median(self, measure: Callable[[], Figure]) -> Figure:
        """Measure as often as is wanted, and take the one of median length."""
        figures = sorted((measure() for _ in range(self.repeat)), key=lambda figure: figure.usage.seconds)
        return figures[len(figures) // 2]


class Figure(Struct, kw_only=True):
    """One row of the table.

    Attributes:
        what: What was done.
        size: How many of what.
        usage: What it used.
        count: How many things were done, from which the rate follows; 0 where a rate says nothing.
        mark: What it is held to, in words; empty for a floor or a figure that only informs.
        holds: Whether it is as good as its mark; None where there is none.
        notes: Further figures, by name.
        floor: Whether it is a floor: plain code that does the same reading and writing and promises nothing.
    """

    what: str
    size: str
    usage: Usage
    count: int = 0
    mark: str = ""
    holds: bool | None = None
    notes: dict[str, float | int | str] = {}
    floor: bool = False

    @property
    def rate(self) -> float:
        """Things a second; 0 where nothing was counted."""
        return self.count / self.usage.seconds if self.usage.seconds else 0.0


def added(usages: list[Usage]) -> Usage:
    """What several processes that worked at the same time have used together; memory is of the largest."""
    return Usage(
        seconds=max(usage.seconds for usage in usages),
        own_cpu=sum(usage.own_cpu for usage in usages),
        children_cpu=sum(usage.children_cpu for usage in usages),
        postgres_cpu=max(usage.postgres_cpu for usage in usages),
        base_mb=max(usage.base_mb for usage in usages),
        peak_mb=max(usage.peak_mb for usage in usages),
    )
