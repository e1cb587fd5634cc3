"""Consent: what changed at the destination is mirrored, and whoever left is written back to the source."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Any

import msgspec

from retail_sync.consent import mirror, way_back
from retail_sync.db.crash import crash_point
from retail_sync.delivery.door import Door
from retail_sync.delivery.load import empty
from retail_sync.delivery.queue import fingerprint

from .context import Road
from .dry_run import is_dry

#: Vendors' clocks and their own delays: changes are read again this far back.
OVERLAP = timedelta(minutes=15)
_CHUNK = 5000


def consent(road: Road, run_id: str) -> dict[str, Any]:
    """Mirror the contacts that changed since the last time, queue opt-outs for the source, and send them.

    Returns:
        `mirrored`: contacts read; `queued`: opt-outs for the source; `delivered`: how those ended.
    """
    mirrored = _mirror(road)
    crash_point("consent.mirrored")
    if not road.pair.consent.write_back or is_dry(road, run_id):
        return {"mirrored": mirrored, "queued": 0, "delivered": {}}
    queued, kinds = _queue(road, run_id)
    crash_point("consent.queued")
    delivered = empty(road.database, _source_door(road, kinds), road.clock) if kinds else {}
    return {"mirrored": mirrored, "queued": queued, "delivered": delivered}


def _mirror(road: Road) -> int:
    account = road.pair.destination.account
    started = road.clock()
    with road.database.connection() as connection:
        until = mirror.read_until(connection, account)
    changed = iter(road.destination.contacts(until - OVERLAP if until else None))
    count = 0
    while chunk := list(islice(changed, _CHUNK)):
        with road.database.connection() as connection:
            count += mirror.remember(connection, account, chunk, started)
    with road.database.connection() as connection:
        mirror.advance(connection, account, started)
    return count


def _queue(road: Road, run_id: str) -> tuple[int, set[str]]:
    parameters = {
        "pair": road.pair.pair,
        "account": road.pair.source.account,
        "destination": road.pair.destination.account,
        "run_id": run_id,
        "now": road.clock(),
    }
    probe = road.source.opt_out("")
    with road.database.connection() as connection:
        rows = [
            _row(road, key, person_id)
            for key, person_id in way_back.to_write_back(connection, parameters, probe.object_id)
        ]
        return way_back.queue(connection, parameters, rows) if rows else 0, {probe.kind}


def _row(road: Road, customer_key: str, person_id: int) -> dict[str, Any]:
    wanted = road.source.opt_out(customer_key)
    return {
        "kind": wanted.kind,
        "object_id": wanted.object_id,
        "vendor_key": wanted.vendor_key,
        "person_id": person_id,
        "payload": msgspec.json.encode(wanted.payload).decode(),
        "hash": fingerprint(wanted.payload),
    }


def _source_door(road: Road, kinds: set[str]) -> Door:
    return Door(
        deliverer=road.source,
        account=road.pair.source.account,
        kinds=sorted(kinds),
        bulk={},
        connections=1,
        safe=frozenset(kinds),
        contact_kind=None,
        gate=None,
        lease=road.pair.load.lease,
    )
