"""The ends of pairs by system: what a system's sandbox has to serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from .config import Pair


def settings_by_system(pairs: Iterable[Pair]) -> dict[str, list[dict[str, Any]]]:
    """By system, in the order of their names, the settings that pairs have for their end of it."""
    ends: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for pair in pairs:
        for end in (pair.source, pair.destination):
            ends[end.system].append(end.settings)
    return dict(sorted(ends.items()))
