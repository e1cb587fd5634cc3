"""What pairs of one account contradict each other in: who owns which field (ID-7), its peak hours, our share of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeAlias

from .config import Pair

#: Says where the contacts of a pair's destination are, whatever its file calls the account.
PlaceOf: TypeAlias = Callable[[Pair], Hashable]


def contradictions(pairs: Sequence[Pair], place_of: PlaceOf) -> list[str]:
    """Everything in which pair files contradict each other, in a line each."""
    return [*overlaps(pairs, place_of), *_peaks(pairs), *_shares(pairs)]


def overlaps(pairs: Sequence[Pair], place_of: PlaceOf) -> list[str]:
    """Say which pairs would overwrite each other: none of them may run.

    They claim a contact field or the tags of a fact of one destination account. Or they call the same place by two
    names, so that neither knows what the other has sent.
    """
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for pair in pairs:
        for name in _claims(pair):
            owners[pair.destination.account, name].append(pair.pair)
    claimed: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (account, name), claimants in owners.items():
        if len(claimants) > 1:
            claimed[account, tuple(claimants)].append(name)
    return [
        *_two_names(pairs, place_of),
        *(
            f"{' and '.join(claimants)} both fill {', '.join(names)} of {account}; leave each to one of them under "
            "destination.owns"
            for (account, claimants), names in claimed.items()
        ),
    ]


def _two_names(pairs: Sequence[Pair], place_of: PlaceOf) -> Iterator[str]:
    """Pairs that write to the same place, each under another name for it."""
    said: dict[Hashable, Pair] = {}
    for pair in pairs:
        first = said.setdefault(place_of(pair), pair)
        if first.destination.account != pair.destination.account:
            yield (
                f"{first.pair} and {pair.pair} write to the same contacts of {pair.destination.connection} and call "
                f"them {first.destination.account} and {pair.destination.account}; give each a place of its own, or "
                "both one destination.account"
            )


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


def _shares(pairs: Sequence[Pair]) -> Iterator[str]:
    """Accounts of which pairs say different shares: an account has one budget, and the last to open it would decide."""
    said: dict[str, Pair] = {}
    for pair in pairs:
        for account in (pair.source.account, pair.destination.account):
            first = said.setdefault(account, pair)
            if first.load.share != pair.load.share:
                yield f"{first.pair} and {pair.pair} say different shares of {account}; give both the same load.share"


def _claims(pair: Pair) -> Iterator[str]:
    yield from pair.owned_fields
    yield from (f"the tags of {fact}" for fact in pair.owned_tags)
