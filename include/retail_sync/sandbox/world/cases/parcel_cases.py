"""Parcels: split ones, and those that nobody can follow."""

from __future__ import annotations

from datetime import timedelta

from retail_sync.sandbox.world.cases.case import Stage, confirmed, sent
from retail_sync.sandbox.world.cases.goods import COAT, SCARF, line
from retail_sync.sandbox.world.events import ParcelLine


def split_shipment(stage: Stage) -> None:
    """An order leaves in two parcels, hours apart."""
    customer = stage.customer()
    placed = stage.order(customer, wanted=[line(COAT), line(SCARF)])
    stage.before(customer, placed, confirmed(placed))
    for parcel, one in enumerate(placed.lines, start=1):
        at = stage.next_day + timedelta(hours=parcel)
        lines, number = (ParcelLine(line_id=one.line_id, quantity=1),), f"00573132439860{parcel}080A"
        stage.later(sent(placed, at, parcel=parcel, lines=lines, tracking_number=number, last=parcel == 2))


def unknown_carrier(stage: Stage) -> None:
    """A parcel goes by a courier of whom nobody knows where to follow it."""
    _sent_on_the_day_after(stage, carrier="Cykelbudet", service="Same day", tracking_number="CB-123456")


def letter_post(stage: Stage) -> None:
    """A parcel goes by a service that has no tracking."""
    _sent_on_the_day_after(stage, service="Varubrev", tracking_number=None)


def no_tracking_number(stage: Stage) -> None:
    """A parcel that should be possible to follow has no number."""
    _sent_on_the_day_after(stage, tracking_number=None)


def _sent_on_the_day_after(stage: Stage, **carriage: str | None) -> None:
    customer = stage.customer()
    placed = stage.order(customer)
    stage.before(customer, placed, confirmed(placed))
    stage.later(sent(placed, stage.next_day, **carriage))
