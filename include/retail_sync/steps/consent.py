"""Consent: what changed at the destination is mirrored, and who left on one side is written as left on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from psycopg import Connection

from retail_sync.consent import barred, by_hand, contested, leaving, mirror, opt_outs, way_back
from retail_sync.consent.opt_outs import OptOut
from retail_sync.db.crash import crash_point
from retail_sync.delivery.door import Door
from retail_sync.delivery.load import empty
from retail_sync.errors import RetailSyncError
from retail_sync.model.delivery import PRIORITY, Wanted

from .context import Road
from .load import destination_door
from .runs import read_run


def consent(road: Road, run_id: str) -> dict[str, Any]:
    """Mirror the contacts that changed since the last time, queue opt-outs for either side, and send them.

    Neither side's opt-outs wait for the other side to be had.

    Returns:
        `mirrored`: contacts read; `queued`: opt-outs for the source and for the destination; `by_hand`: records on the
        list for the source's users; `delivered`: how opt-outs ended, by kind.

    Raises:
        WaitError: One of the two is not to be had; the other has been told all that was known for it.
        ConfigurationError: One of the two can't be told until a person acts; the other has been told.
    """
    if read_run(road.database, run_id).dry_run:
        return {"mirrored": _mirror(road), "queued": {}, "by_hand": 0, "delivered": {}}
    try:
        report = _hear_and_tell_destination(road, run_id)
    except RetailSyncError:
        empty(road.database, _source_door(road), road.clock)
        raise
    report["delivered"] |= empty(road.database, _source_door(road), road.clock)
    return report


def _hear_and_tell_destination(road: Road, run_id: str) -> dict[str, Any]:
    account = road.pair.destination.account
    mirrored = _mirror(road)
    with road.database.connection() as connection:
        barred.note(connection, road.pair.pair, account, road.destination.capabilities.barred, road.clock())
        queued = _queue(connection, road, run_id)
        listed = 0 if road.writes_consent else by_hand.count(connection, contested.parameters(road.pair))
    crash_point("consent.queued")
    urgent = replace(destination_door(road), last_priority=PRIORITY["consent"])
    delivered = empty(road.database, urgent, road.clock)
    return {"mirrored": mirrored, "queued": queued, "by_hand": listed, "delivered": delivered}


def _mirror(road: Road) -> int:
    mirrored = mirror.refresh(road.database, road.destination, road.pair.destination.account, road.clock)
    crash_point("consent.mirrored")
    return mirrored


def _queue(connection: Connection[Any], road: Road, run_id: str) -> dict[str, int]:
    """Queue what is to be told to either side; what one of them was told already and has not answered is left."""
    pair = road.pair
    parameters = contested.parameters(pair) | {"run_id": run_id, "now": road.clock()}
    opt_outs.lock(connection, pair.pair)
    shows_own_opt_in = road.destination.capabilities.shows_own_opt_in
    back = way_back.to_write_back(connection, parameters) if road.writes_consent else []
    out = [
        contact
        for who, wanted in (
            (leaving.SOURCE_NOES, pair.consent.source_opt_out == "apply"),
            (leaving.RESUBSCRIBED, leaving.reverts(pair, shows_own_opt_in=shows_own_opt_in)),
            (leaving.HALF_LEFT, True),
        )
        if wanted
        for contact in leaving.to_unsubscribe(connection, parameters, who)
    ]
    to_source, to_destination = _opt_outs(road.source.opt_out, back), _opt_outs(road.destination.opt_out, out)
    return {
        "source": opt_outs.queue(connection, pair.source.account, parameters, to_source),
        "destination": opt_outs.queue(connection, pair.destination.account, parameters, to_destination),
    }


def _opt_outs(of: Callable[[str], Wanted], whose: Iterable[tuple[str, int | None]]) -> list[OptOut]:
    return [OptOut(of(key), person_id) for key, person_id in dict(whose).items()]


def _source_door(road: Road) -> Door:
    kind = road.source.opt_out("").kind
    return Door(
        deliverer=road.source,
        account=road.pair.source.account,
        kinds=[kind],
        bulk={},
        connections=1,
        safe=frozenset({kind}),
        contact_kind=None,
        gate=None,
        lease=road.pair.load.lease,
    )
