"""Load: the outbox of the pair's destination is emptied through the consent gate."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from retail_sync.consent.gate import contact_gate
from retail_sync.consent.strays import sorting
from retail_sync.delivery.door import Door
from retail_sync.delivery.load import empty
from retail_sync.model.delivery import PRIORITY
from retail_sync.model.ports import Destination
from retail_sync.reconcile.lacking import put_back

from .audit import audit_of
from .context import Road
from .going_live import go_live
from .runs import Run, read_run

_HISTORY = "select 1 from road.run where pair = %s and lane = 'history' and state = 'open' and not dry_run limit 1"


def load(road: Road, run_id: str) -> dict[str, Any]:
    """Send what is due to the destination, whoever queued it.

    Returns:
        `delivered`: by kind, how many rows ended with each verdict.
    """
    run = read_run(road.database, run_id)
    if run.dry_run:
        return {"delivered": {}, "dry_run": True}
    door = door_of(road, run)
    delivered = empty(road.database, door, road.clock)
    if put_back(road.database, road.destination, audit_of(road, run_id), road.clock):
        delivered = _sum(delivered, empty(road.database, door, road.clock))
    went_live = go_live(road, run_id)
    if went_live:
        delivered = _sum(delivered, empty(road.database, door, road.clock))
    return {"delivered": delivered, "went_live": went_live}


def door_of(road: Road, run: Run) -> Door:
    """The door to the pair's destination, as far as it is open to this run."""
    door = destination_door(road)
    if run.lane == "live" and _is_history_at_work(road):
        return replace(door, last_priority=PRIORITY["history"] - 1)
    return door


def _is_history_at_work(road: Road) -> bool:
    """Whether a history of the pair is open: its rows are then its own affair, and nothing live waits behind them."""
    with road.database.connection() as connection:
        return connection.execute(_HISTORY, (road.pair.pair,)).fetchone() is not None


def _sum(one: dict[str, dict[str, int]], other: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    kinds = {**one, **other}
    return {kind: dict(Counter(one.get(kind, {})) + Counter(other.get(kind, {}))) for kind in kinds}


def destination_door(road: Road, destination: Destination | None = None) -> Door:
    """The door to the pair's destination, or to what has been opened in its place."""
    destination = destination or road.destination
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
        sort=sorting(road.database, destination, account, road.clock, at_most=road.pair.reconcile.heal_at_most),
        lease=road.pair.load.lease,
        delete_is_final=able.delete_is_final,
    )
