"""How long a call may take, how much it may bring and how often it is tried."""

from __future__ import annotations

from dataclasses import dataclass

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of every call of one client. Times are seconds.

    Attributes:
        connect: To open the connection, TLS included.
        read: Between two arrivals of data.
        total: From the start of one try until its last byte, however steadily the bytes trickle.
        size: Bytes of a body, as sent and as unpacked.
        tries: How often a call is tried in all.
        backoff: The first wait between two tries; it doubles each time and is spread at random.
        longest_wait: The longest wait between two tries. Where the vendor asks for more, the call ends with its time.
    """

    connect: float = 10.0
    read: float = 60.0
    total: float = 180.0
    size: int = 64 * _MEGABYTE
    tries: int = 5
    backoff: float = 0.5
    longest_wait: float = 60.0
