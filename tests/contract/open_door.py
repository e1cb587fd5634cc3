"""A budget for tests of one vendor: nobody else is on the account."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field


@dataclass
class OpenDoor:
    """Lets everything go, sits short pauses out and remembers them."""

    paused: list[float] = field(default_factory=list)

    def acquire(self, *, cost: float = 1.0, deadline: float | None = None) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        time.sleep(min(seconds, 2.0))

    def slot(self) -> AbstractContextManager[None]:
        return nullcontext()
