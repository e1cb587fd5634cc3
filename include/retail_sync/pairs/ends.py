"""The ends of pairs by connection: which accounts there are, and what each has to serve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .config import Pair


@dataclass(frozen=True, slots=True)
class Account:
    """What a connection leads to: an account of a system, or an installation of it.

    Attributes:
        system: The system.
        settings: What pairs have set for their end of it, by pair.
    """

    system: str
    settings: list[dict[str, Any]] = field(default_factory=list)


def accounts(pairs: Iterable[Pair]) -> dict[str, Account]:
    """By connection, in the order of their names, the accounts at which pairs have an end."""
    found: dict[str, Account] = {}
    for pair in pairs:
        for end in (pair.source, pair.destination):
            found.setdefault(end.connection, Account(end.system)).settings.append(end.settings)
    return dict(sorted(found.items()))
