"""Named faults that a test switches on: what a vendor's network and servers do on a bad day."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

#: Faults that the kit itself brings about. All but `slow` end the request; the last three cut the connection.
KIT_FAULTS = frozenset(
    {"status", "empty_429", "html_403", "slow", "trickle", "truncate", "drop_connection", "after_write_drop"}
)


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A fault, where it strikes and how often.

    Attributes:
        fault: `status` answers `status` with `body` and `headers`, without doing the work; `empty_429` and `html_403`
            are its two ugly forms; `slow` waits `seconds` first; `trickle` does the work and answers a byte every
            `seconds`; `truncate` does the work, announces the whole body and cuts after `bytes`; `drop_connection`
            cuts before the work; `after_write_drop` does the work and cuts without an answer. Other names are the
            vendor's own.
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

    Args:
        names: Faults of the vendor's own that may be switched on, taken by it with `take`.
        seed: Decides where a probability strikes.
    """

    def __init__(self, names: Sequence[str] = (), seed: int = 0) -> None:
        self._own = frozenset(names)
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
            if fault.fault not in KIT_FAULTS | self._own:
                raise ValueError(f"no fault {fault.fault!r}; known: {', '.join(sorted(KIT_FAULTS | self._own))}")
        with self._lock:
            self._on.extend(read)

    def listed(self) -> list[Fault]:
        """All faults that were switched on, spent ones included."""
        with self._lock:
            return list(self._on)

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

    def take(self, name: str, endpoint: str = "") -> Fault | None:
        """A fault of the vendor's own if it strikes now; it counts as having struck."""
        if not self._on:
            return None
        with self._lock:
            return next((one for one in self._on if one.fault == name and self._strikes(one, endpoint)), None)

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
