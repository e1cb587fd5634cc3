"""Pairs that share an audience declare who owns which field; two owners of one field are refused (ID-7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from .config import Pair


def overlaps(pairs: Sequence[Pair]) -> list[str]:
    """Say which contact fields more than one pair of the same destination account claims."""
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for pair in pairs:
        for name in pair.mapping.fields:
            owners[pair.destination.account, name].append(pair.pair)
    return [
        f"{' and '.join(claimants)} both fill {name} of {account}; leave it to one of them"
        for (account, name), claimants in owners.items()
        if len(claimants) > 1
    ]
