"""Named faults that a test switches on: what a vendor's network and servers do on a bad day."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

#: Refusals that are no JSON, with the status that each has.
UGLY_FAULTS = {"empty_429": 429, "empty_403": 403, "html_403": 403, "html_503": 503, "html_200": 200}
#: Faults that the kit itself brings about, in a line each. All but `slow` end the request.
KIT_FAULTS: Mapping[str, str] = {
    "status": "answers `status` with `body` and `headers` instead of doing the work",
    **{name: f"answers {status} with a web page" for name, status in UGLY_FAULTS.items() if name.startswith("html")},
    **{name: f"answers {status} with nothing" for name, status in UGLY_FAULTS.items() if name.startswith("empty")},
    "slow": "waits `seconds` before anything else",
    "trickle": "does the work and answers a byte every `seconds`",
    "truncate": "does the work, announces the whole body and cuts after `bytes`",
    "drop_connection": "cuts the connection before the work",
    "after_write_drop": "does the work and cuts the connection without an answer",
}


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A fault, where it strikes and how often.

    Attributes:
        fault: One of `KIT_FAULTS` or one of the vendor's own.
        endpoint: Pattern of endpoint names, as in `member*`.
        times: How often it strikes before it is spent; None is always.
        skip: How many matching requests it lets pass first.
        probability: The chance to strike, from 0 to 1.
        options: What a vendor's own fault needs to know.
    """

    fault: str
    endpoint: str = "*"
    times: int | None = 1
    skip: int = 0
    probability: float = 1.0
    status: int = 500
    body: Any = ""
    headers: dict[str, str] = {}
    seconds: float = 1.0
    bytes: int = 20
    options: dict[str, Any] = {}
    fired: int = 0


class Faults:
    """The faults that are switched on. The same seed and the same requests give the same faults.

    Attributes:
        known: All that may be switched on, in a line each.

    Args:
        own: Faults of the vendor's own that may be switched on, in a line each; it takes them with `take`.
        seed: Decides where a probability strikes.
    """

    def __init__(self, own: Mapping[str, str] | None = None, seed: int = 0) -> None:
        self.known = {**KIT_FAULTS, **(own or {})}
        self._seed = seed
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._on: list[Fault] = []
            self._chance = random.Random(self._seed)

    def add(self, faults: Sequence[Mapping[str, Any]]) -> None:
        """Switch faults on, behind those that are.

        Raises:
            ValueError: A name or a field that nobody knows (`msgspec.ValidationError` is one).
        """
        read = msgspec.convert(list(faults), list[Fault])
        for fault in read:
            if fault.fault not in self.known:
                raise ValueError(f"no fault {fault.fault!r}; known: {', '.join(sorted(self.known))}")
        with self._lock:
            self._on.extend(read)

    def listed(self) -> list[Fault]:
        """All faults that were switched on, spent ones included."""
        with self._lock:
            return list(self._on)

    def is_on(self, name: str) -> bool:
        """Whether a fault was switched on, spent or not: for who must work to tell whether it strikes."""
        return any(one.fault == name for one in self._on)

    def due(self, endpoint: str) -> list[Fault]:
        """The kit's faults that strike this request: every `slow`, and at most one that ends it."""
        if not self._on:
            return []
        struck: list[Fault] = []
        with self._lock:
            for fault in self._on:
                if fault.fault in KIT_FAULTS and self._strikes(fault, endpoint):
                    struck.append(fault)
                    if fault.fault != "slow":
                        break
        return struck

    def take(self, name: str, endpoint: str = "", fits: Callable[[Fault], bool] = lambda _: True) -> Fault | None:
        """A fault of the vendor's own if it strikes now; it counts as having struck.

        Args:
            name: Its name.
            endpoint: What its pattern is held against.
            fits: Whether its options are for this case.
        """
        if not self._on:
            return None
        with self._lock:
            named = (one for one in self._on if one.fault == name and fits(one))
            return next((one for one in named if self._strikes(one, endpoint)), None)

    def _strikes(self, fault: Fault, endpoint: str) -> bool:
        if fault.times is not None and fault.fired >= fault.times:
            return False
        if not fnmatchcase(endpoint, fault.endpoint):
            return False
        if fault.skip > 0:
            fault.skip -= 1
            return False
        if fault.probability < 1 and self._chance.random() >= fault.probability:
            return False
        fault.fired += 1
        return True
