"""How a destination is read for a comparison: the whole of a kind at once where there is little, else one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from retail_sync.model.delivery import Held
from retail_sync.model.ports import Destination

#: Of so few objects of ours all are read: the list of their keys is as many calls, and a sample would be more.
_FEW = 2_000
#: How many times as many a destination may hold, ours and others', before their reading is given up.
_FOREIGN = 10


class Reading(Protocol):
    """What a destination holds of a kind."""

    def held(self, vendor_keys: Sequence[str]) -> list[Held]:
        """One answer for each key."""
        ...

    def keys(self) -> set[str]:
        """Every key."""
        ...


def read_for(destination: Destination, kind: str, ours: int | None, sample: int) -> Reading:
    """The cheapest way to read what is to be compared.

    What is read whole is read here, so that whatever it is compared with must have been looked up before.

    Args:
        destination: What is read.
        kind: A kind that it gives back.
        ours: How many objects of the kind are ours; None for too many to count.
        sample: How many of them are looked at.

    Raises:
        IncompleteReadError: The kind was to be read whole and could not be.
    """
    few = max(_FEW, sample)
    if ours is not None and ours <= few:
        held = {one.vendor_key: one for one in islice(destination.read_all(kind), few * _FOREIGN + 1)}
        if len(held) <= few * _FOREIGN:
            return _Whole(kind, held)
    return _OneByOne(destination, kind)


@dataclass(frozen=True, slots=True)
class _Whole:
    """Everything of a kind, read already."""

    kind: str
    everything: Mapping[str, Held]

    def held(self, vendor_keys: Sequence[str]) -> list[Held]:
        nothing = (Held(kind=self.kind, vendor_key=key, payload=None) for key in vendor_keys)
        return [self.everything.get(one.vendor_key, one) for one in nothing]

    def keys(self) -> set[str]:
        return set(self.everything)


@dataclass(frozen=True, slots=True)
class _OneByOne:
    """What is asked for, when it is."""

    destination: Destination
    kind: str

    def held(self, vendor_keys: Sequence[str]) -> list[Held]:
        return list(self.destination.read(self.kind, vendor_keys)) if vendor_keys else []

    def keys(self) -> set[str]:
        return set(self.destination.keys(self.kind))
