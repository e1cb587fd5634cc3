"""An audience that takes members by the hundred as Mailchimp does, keeps none, and holds its callers to a rate."""

from __future__ import annotations

import json
import re
import time
from collections import deque

from .canned import BOOKS, Answer, Answerer, Ask

_ADDRESS = re.compile(rb'"email_address":"[^"]+"')


def build(rate: float | None = None) -> Answerer:
    """Answer every bulk call with all of its members updated.

    Args:
        rate: How many calls any one second may see, whenever it begins; one more is refused with 429. None for any.
    """
    door = _Door(rate)

    def answer(ask: Ask) -> Answer:
        if ask.path == BOOKS:
            return Answer(json.dumps(door.books()).encode())
        if not door.lets_in():
            return Answer(b'{"title":"Too Many Requests","status":429}', 429, "Retry-After: 1\r\n")
        addresses = _ADDRESS.findall(ask.body)
        door.members += len(addresses)
        updated = b",".join(b"{%s}" % address for address in addresses)
        return Answer(b'{"new_members":[],"updated_members":[%s],"errors":[],"error_count":0}' % updated)

    return answer


class _Door:
    """Counts who came, and refuses whoever comes too soon."""

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._second: deque[float] = deque()
        self._taken: list[float] = []
        self._refused = 0
        self.members = 0

    def lets_in(self) -> bool:
        now = time.monotonic()
        while self._second and self._second[0] <= now - 1:
            self._second.popleft()
        if self._rate is not None and len(self._second) >= self._rate:
            self._refused += 1
            return False
        self._second.append(now)
        self._taken.append(now)
        return True

    def books(self) -> dict[str, float]:
        """Calls taken and refused, members, and the time from the first call to the last."""
        span = self._taken[-1] - self._taken[0] if self._taken else 0.0
        return {"taken": len(self._taken), "refused": self._refused, "members": self.members, "seconds": span}
