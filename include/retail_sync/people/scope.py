"""What every statement of this room is told: the pair, its accounts and the moment of planning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from retail_sync.pairs.config import Pair


@dataclass(frozen=True, slots=True)
class Scope:
    """One plan: a run of a pair at a time (aware UTC)."""

    pair: Pair
    run_id: str
    now: datetime

    def parameters(self, **more: Any) -> dict[str, Any]:
        """The bound parameters that the statements of this room share."""
        return {
            "pair": self.pair.pair,
            "account": self.pair.source.account,
            "destination": self.pair.destination.account,
            "run_id": self.run_id,
            "now": self.now,
            **more,
        }
