"""When to come again: a refusal for too many requests names the end of its minute and no wait (CONFIRMED)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

from requests.structures import CaseInsensitiveDict

from retail_sync.http.limits import Limits
from retail_sync.http.messages import Request
from retail_sync.http.transport import Reply, Transport

_RESET = "X-RateLimit-Reset"
#: The allowance is one of minutes: a reset that is further away than this is a slip, or a clock that is wrong.
_LONGEST_WAIT = 60.0


class HeedingTransport:
    """A transport that says of a refusal for too many requests when to come again, as other vendors do.

    Args:
        transport: The way to the server.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def send(self, request: Request, limits: Limits) -> Reply:
        """Send a request and wait for the head of its answer.

        Raises:
            FaultError: No answer came.
        """
        reply = self._transport.send(request, limits)
        wait = until_reset(reply.headers, time.time()) if reply.status == 429 else None
        return reply if wait is None else _Dated(reply, wait)

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()


class _Dated:
    """A reply with the header that tells how many seconds to wait."""

    def __init__(self, reply: Reply, wait: float) -> None:
        self._reply = reply
        self.status = reply.status
        self.headers: Mapping[str, str] = CaseInsensitiveDict({**reply.headers, "Retry-After": f"{wait:.3f}"})

    def chunks(self) -> Iterator[bytes]:
        return self._reply.chunks()

    def close(self) -> None:
        self._reply.close()


def until_reset(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the allowance is whole again; None where the answer does not say.

    Args:
        headers: The answer's headers. Its own `Date` goes before our clock.
        now: Our time, in seconds since 1970.
    """
    try:
        reset = float(headers.get(_RESET, ""))
    except ValueError:
        return None
    # Both times are whole seconds: a second more is surely behind the reset.
    return min(max(0.0, reset - _date(headers, now)), _LONGEST_WAIT) + 1.0


def _date(headers: Mapping[str, str], now: float) -> float:
    try:
        return parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except (TypeError, ValueError):
        return now
