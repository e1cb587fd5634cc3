"""How many requests a second a merchant may send, and the headers that say so on every answer."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import datetime

from retail_sync.sandbox.kit import Response
from retail_sync.vendors.fulfil.sandbox.refusals import problem

#: Integrators saw nine and ten.
A_SECOND = 10


class Limits:
    """Counts requests by the second.

    Args:
        scale: Factor on the limit.
        retry_after: Whether refusals say when to come back.
        now: The sandbox's time, in which answers tell when the limit is whole again, as they are dated in it.
        clock: Seconds since the epoch. The limit goes on while the sandbox's own clock stands still.
    """

    def __init__(
        self,
        scale: float,
        *,
        retry_after: bool,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.limit = max(1, round(A_SECOND * scale))
        self._retry_after, self._now, self._clock = retry_after, now, clock
        self._second, self._used = 0, 0

    def turn(self) -> None:
        """Begin a new second once the last is over: a request has come."""
        now = math.floor(self._clock())
        if now != self._second:
            self._second, self._used = now, 0

    def spend(self) -> bool:
        """Take a request; tells whether it is within the limit."""
        self._used += 1
        return self._used <= self.limit

    def drain(self) -> None:
        """Spend all that is left of this second, as another app of the merchant might."""
        self._used = max(self._used, self.limit)

    def refusal(self, retry_after: str | None = None) -> Response:
        """A 429. Its body is ASSUMED.

        Args:
            retry_after: What the header says; None as it always is at this merchant.
        """
        answer = problem(429, "Too many requests").response()
        if retry_after is None and self._retry_after:
            retry_after = "1"
        if retry_after:
            answer.headers = (*answer.headers, ("Retry-After", retry_after))
        return answer

    def told(self, answer: Response) -> Response:
        """An answer with the headers that every one has."""
        answer.headers = (
            *answer.headers,
            ("X-RateLimit-Limit", str(self.limit)),
            ("X-RateLimit-Remaining", str(max(0, self.limit - self._used))),
            ("X-RateLimit-Reset", str(math.floor(self._now().timestamp()) + 1)),
        )
        return answer
