"""What pairs of one account contradict each other in: who owns which field (ID-7), when a source has its peak."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from .config import Pair


def contradictions(pairs: Sequence[Pair]) -> list[str]:
    """Everything in which pair files contradict each other, in a line each."""
    return [*overlaps(pairs), *_peaks(pairs)]


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


def _peaks(pairs: Sequence[Pair]) -> Iterator[str]:
    """Sources whose pairs say different peak hours: what one of them spares, the other would ask for."""
    said: dict[str, Pair] = {}
    for pair in pairs:
        first = said.setdefault(pair.source.account, pair)
        if first.source.peak != pair.source.peak:
            yield (
                f"{first.pair} and {pair.pair} say different peak hours of {pair.source.account}; "
                "give both the same source.peak"
            )


def _claims(pair: Pair) -> Iterator[str]:
    yield from pair.owned_fields
    yield from (f"the tags of {fact}" for fact in pair.owned_tags)
