"""What a merchant allows in a second, as every answer's headers say (CONFIRMED)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from retail_sync.http.limits import Limits
from retail_sync.http.messages import Request
from retail_sync.http.transport import Reply, Transport
from retail_sync.model.ports import Budget

LIMIT, REMAINING, RESET = "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"
#: The allowance is one of seconds: a reset that is further away than this is a slip, or a clock that is wrong.
_LONGEST_PAUSE = 60.0


class HeedingTransport:
    """A transport that lets everybody pause once an answer says that nothing remains.

    Args:
        transport: The way to the server.
        budget: The account's shared allowance.
    """

    def __init__(self, transport: Transport, budget: Budget) -> None:
        self._transport = transport
        self._budget = budget
        #: The limit that the last answer told, or None.
        self.limit: str | None = None

    def send(self, request: Request, limits: Limits) -> Reply:
        """Send a request, and heed what the head of its answer says.

        Raises:
            FaultError: No answer came.
        """
        reply = self._transport.send(request, limits)
        self.limit = reply.headers.get(LIMIT, self.limit)
        seconds = pause(reply.headers, time.time())
        if seconds > 0:
            self._budget.pause(seconds)
        return reply

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()


def pause(headers: Mapping[str, str], now: float) -> float:
    """How long nobody should call: until the reset, where nothing remains; else 0.

    Args:
        headers: The answer's headers. Its own `Date` goes before our clock.
        now: Our time, in seconds since 1970.
    """
    try:
        remaining, reset = float(headers.get(REMAINING, "")), float(headers.get(RESET, ""))
    except ValueError:
        return 0.0
    if not remaining < 1:
        return 0.0
    return min(max(0.0, reset - _date(headers, now)), _LONGEST_PAUSE)


def _date(headers: Mapping[str, str], now: float) -> float:
    try:
        return parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except (TypeError, ValueError):
        return now
