"""Parcels that could not be followed, tried again when the templates of carriers have changed.

Tracking URLs are made of what a source says of a parcel when it is read. A template that is added later would change
nothing before the source happens to give the order again: so the house makes them anew for the orders that are held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec.structs import replace
from psycopg import Connection

from retail_sync.model.records import Order, Shipment
from retail_sync.stage import overlay
from retail_sync.stage.canonical import encode, hashed
from retail_sync.stage.corrections import restore
from retail_sync.vendors.carriers import Carriers, tracking_url

from .context import Road
from .runs import Run

#: What holds an order whose parcel can't be followed.
_RULE = "order_tracking_url"
_CHUNK = 1_000

_TRIED = """
    select carriers from road.run
     where pair = %s and run_id <> %s and carriers is not null
     order by opened_at desc, run_id desc
     limit 1
"""
_NOTE = "update road.run set carriers = %s where run_id = %s"

_HELD = """
    select current.key, current.version_id, version.doc, coalesce(correction.before, '{}')
      from quality.quarantine as kept
      join stage.current
        on current.account = kept.account and current.stream = kept.stream and current.key = kept.key
      join stage.version on version.version_id = current.version_id
      left join stage.correction
        on correction.account = kept.account and correction.stream = kept.stream and correction.key = kept.key
       and correction.version_id = current.version_id
     where kept.pair = %(pair)s and kept.account = %(account)s and kept.stream = 'orders' and kept.rule = %(rule)s
       and kept.key > %(after)s
     order by kept.key
     limit %(chunk)s
"""


def follow_held_parcels(road: Road, run: Run) -> int:
    """Make tracking URLs anew for orders that wait for one, if the templates are others than the last run's.

    An order that gets one has a new version, under the hash of what the source would give now: the source's own next
    page of it is no change.

    Returns:
        How many orders have a new version.
    """
    if run.lane != "live" or "orders" not in run.streams:
        return 0
    templates = _fingerprint(road.services.carriers)
    with road.database.connection() as connection:
        row = connection.execute(_TRIED, [run.pair, run.run_id]).fetchone()
        changed = 0 if row and row[0] == templates else _follow(connection, road)
        connection.execute(_NOTE, [templates, run.run_id])
    return changed


def _fingerprint(carriers: Mapping[str, Any]) -> str:
    return blake2b(msgspec.json.encode(carriers, order="sorted"), digest_size=16).hexdigest()


def _follow(connection: Connection[Any], road: Road) -> int:
    account, carriers = road.pair.source.account, Carriers(road.services.carriers)
    asked = {"pair": road.pair.pair, "account": account, "rule": _RULE, "chunk": _CHUNK, "after": ""}
    changed = 0
    while held := connection.execute(_HELD, asked).fetchall():
        asked["after"] = held[-1][0]
        contents = [content for row in held for content in _tried_again(carriers, *row)]
        if contents:
            changed += len(overlay.put(connection, account, "orders", contents))
    return changed


def _tried_again(
    carriers: Carriers, key: str, version_id: int, doc: Any, before: Mapping[str, Any]
) -> Iterator[overlay.Content]:
    order = msgspec.convert(doc, Order, strict=False)
    followed = _followed(carriers, order)
    if followed != order:
        content = encode(followed)
        said = msgspec.convert(restore("orders", doc, before), Order, strict=False) if before else order
        yield overlay.Content(key, version_id, hashed(encode(_followed(carriers, said))), content)


def _followed(carriers: Carriers, order: Order) -> Order:
    return replace(order, shipments=tuple(_parcel(carriers, order, parcel) for parcel in order.shipments))


def _parcel(carriers: Carriers, order: Order, parcel: Shipment) -> Shipment:
    """The parcel as it would be read now. An address of the source's own stays."""
    if parcel.tracking_url or parcel.untracked:
        return parcel
    to = order.shipping_address
    tracking = tracking_url(
        carriers,
        parcel.carrier,
        parcel.service,
        parcel.tracking_number,
        country=to.country if to else None,
        postcode=to.postcode if to else None,
    )
    return replace(parcel, tracking_url=tracking.url, untracked=tracking.untracked)
