"""Pairs that share an audience declare who owns which field; two owners of one field are refused (ID-7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from .config import Pair


def overlaps(pairs: Sequence[Pair]) -> list[str]:
    """Say which contact fields and tags more than one pair of the same destination account claims."""
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for pair in pairs:
        for name in _claims(pair):
            owners[pair.destination.account, name].append(pair.pair)
    return [
        f"{' and '.join(claimants)} both fill {name} of {account}; leave it to one of them under destination.owns"
        for (account, name), claimants in owners.items()
        if len(claimants) > 1
    ]


def _claims(pair: Pair) -> Iterator[str]:
    yield from pair.owned_fields
    yield from (f"the tags of {fact}" for fact in pair.owned_tags)
