"""Steers a running sandbox over HTTP: what tests, demo and CLI use instead of touching it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Any

import requests

from retail_sync.errors import ConfigurationError, UnreachableError
from retail_sync.sandbox.kit import decode_events, encode_events
from retail_sync.sandbox.world.events import ShopEvent

#: Keeps one request to a few megabytes, whatever the length of the history.
_EVENTS_A_REQUEST = 5_000
_TIMEOUT_SECONDS = (5.0, 120.0)


class SandboxControl:
    """The control endpoints of one sandbox.

    Args:
        url: Where it runs, such as `http://127.0.0.1:8081`.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()

    def health(self) -> dict[str, Any]:
        """The sandbox's name and the Airflow connection that reaches it."""
        answer: dict[str, Any] = self._ask("GET", "health").json()
        return answer

    def state(self) -> dict[str, Any]:
        """The vendor's own books; amounts are strings."""
        answer: dict[str, Any] = self._ask("GET", "state").json()
        return answer

    def log(self) -> dict[str, Any]:
        """Counts of requests and writes since the last reset of the log."""
        answer: dict[str, Any] = self._ask("GET", "log").json()
        return answer

    def reset_log(self) -> None:
        """Start counting afresh."""
        self._ask("POST", "log/reset")

    def apply(self, events: Iterable[ShopEvent]) -> int:
        """Let events happen, in their order; tells how many."""
        rest, number = iter(events), 0
        while part := list(islice(rest, _EVENTS_A_REQUEST)):
            number += self._ask("POST", "events", encode_events(part)).json()["applied"]
        return number

    def events(self) -> list[ShopEvent]:
        """Everything that has happened since the last reset.

        Raises:
            ConfigurationError: There was more than the sandbox keeps.
        """
        return decode_events(self._ask("GET", "events").content)

    def fault(self, name: str, **fields: Any) -> None:
        """Switch a fault on; the fields are those of `sandbox.kit.Fault`.

        Raises:
            ConfigurationError: The sandbox knows no such fault or field.
        """
        self._send("POST", "faults", {"fault": name, **fields})

    def faults(self) -> list[dict[str, Any]]:
        """The faults that were switched on, with how often each has struck."""
        answer: list[dict[str, Any]] = self._ask("GET", "faults").json()
        return answer

    def known_faults(self) -> dict[str, str]:
        """The faults that may be switched on, in a line each."""
        answer: dict[str, str] = self._ask("GET", "faults/known").json()
        return answer

    def clear_faults(self) -> None:
        """Switch all faults off."""
        self._ask("DELETE", "faults")

    def stand_at(self, at: datetime) -> None:
        """Let the sandbox's clock stand still at a time."""
        self._send("POST", "clock", {"now": at.isoformat()})

    def shift_clock(self, seconds: float) -> None:
        """Let the sandbox's clock run so many seconds ahead of the real time; 0 is the real time."""
        self._send("POST", "clock", {"offset": seconds})

    def reset(self) -> None:
        """Empty the books, the log, the faults; set the clock right."""
        self._ask("POST", "reset")

    def take_snapshot(self, name: str) -> None:
        """Keep the books under a name, for as long as the sandbox runs.

        Raises:
            ConfigurationError: The sandbox can't keep its books, or has faults switched on.
        """
        self._ask("POST", f"snapshots/{name}")

    def put_back(self, name: str) -> None:
        """Make books and log what they were when they were kept; faults are switched off, the clock goes on.

        Raises:
            ConfigurationError: Nothing is kept under the name.
        """
        self._ask("POST", f"snapshots/{name}/put_back")

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def __enter__(self) -> SandboxControl:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, method: str, name: str, body: Any) -> requests.Response:
        return self._checked(method, name, json=body)

    def _ask(self, method: str, name: str, body: bytes | None = None) -> requests.Response:
        return self._checked(method, name, data=body)

    def _checked(self, method: str, name: str, **content: Any) -> requests.Response:
        try:
            answer = self._session.request(method, f"{self.url}/_sandbox/{name}", timeout=_TIMEOUT_SECONDS, **content)
        except requests.RequestException as error:
            raise UnreachableError(f"no sandbox answers at {self.url}", fix="Start it and look at the port.") from error
        if not answer.ok:
            raise ConfigurationError(
                f"the sandbox at {self.url} refused {name} with {answer.status_code}: {answer.text[:500]}"
            )
        return answer
