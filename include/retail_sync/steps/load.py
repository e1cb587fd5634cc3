"""Load: the outbox of the pair's destination is emptied through the consent gate."""

from __future__ import annotations

from collections import Counter
from typing import Any

from retail_sync.consent.gate import contact_gate
from retail_sync.delivery.door import Door
from retail_sync.delivery.load import empty

from .context import Road
from .dry_run import is_dry
from .going_live import go_live


def load(road: Road, run_id: str) -> dict[str, Any]:
    """Send what is due to the destination, whoever queued it.

    Returns:
        `delivered`: by kind, how many rows ended with each verdict.
    """
    if is_dry(road, run_id):
        return {"delivered": {}, "dry_run": True}
    door = destination_door(road)
    delivered = empty(road.database, door, road.clock)
    went_live = go_live(road, run_id)
    if went_live:
        delivered = _sum(delivered, empty(road.database, door, road.clock))
    return {"delivered": delivered, "went_live": went_live}


def _sum(one: dict[str, dict[str, int]], other: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    kinds = {**one, **other}
    return {kind: dict(Counter(one.get(kind, {})) + Counter(other.get(kind, {}))) for kind in kinds}


def destination_door(road: Road) -> Door:
    """The door to the pair's destination."""
    destination = road.destination
    able = destination.capabilities
    account = road.pair.destination.account
    return Door(
        deliverer=destination,
        account=account,
        kinds=able.kinds,
        bulk=able.bulk,
        connections=able.connections,
        safe=able.safe_to_repeat,
        contact_kind=able.contact_kind,
        gate=contact_gate(road.database, destination, account, road.clock),
        lease=road.pair.load.lease,
    )
