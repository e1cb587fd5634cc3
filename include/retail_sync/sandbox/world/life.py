"""What becomes of an order: decided by the order itself, so that whoever has seen it placed knows how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from random import Random

from retail_sync.sandbox.world.events import (
    LineCancelled,
    LineSpec,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    ParcelLine,
    PaymentCaptured,
    Refunded,
    ReturnCompleted,
    ReturnLineSpec,
    ReturnMade,
    Shipped,
    ShopEvent,
)
from retail_sync.sandbox.world.markets import BY_NAME, COURIER_NOBODY_KNOWS, LETTER, POSTNORD, Carrier
from retail_sync.sandbox.world.state import RETURN_IDS, LivingOrder, deed

_CENT = Decimal("0.01")
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def life(order: LivingOrder) -> list[ShopEvent]:
    """Everything that is still to happen to an order, in the order of time, at the times it was meant for."""
    return [event for event in _plan(order) if deed(event) not in order.done]


def _plan(order: LivingOrder) -> Iterator[ShopEvent]:
    placed = order.placed
    fate = _chance(placed, "fate")
    drawn = fate.random()
    if drawn < 0.006:
        return
    confirmed_at = placed.at + timedelta(seconds=fate.randint(20, 1800))
    yield OrderConfirmed(at=confirmed_at, number=placed.number)
    if drawn < 0.03:
        yield OrderCancelled(at=confirmed_at + _hours(fate, 1, 20), number=placed.number)
        return
    cancellation = _cancellation(order, confirmed_at)
    if cancellation is not None:
        yield cancellation
    lines = left_to_send(order, cancellation)
    parcels = _parcels(placed, lines, confirmed_at)
    if not placed.captured and drawn > 0.04:
        yield PaymentCaptured(at=parcels[0].at if parcels else confirmed_at, number=placed.number)
    yield from parcels
    if parcels and placed.store_type == "DIRECT_TO_CONSUMER":
        yield from _afterwards(order, lines, parcels[-1].at)


def left_to_send(order: LivingOrder, cancellation: LineCancelled | None = None) -> dict[LineSpec, int]:
    """How many of each line are to be sent, after what was and what will be cancelled."""
    cancelled = dict(order.cancelled)
    if cancellation is not None:
        cancelled[cancellation.line_id] = cancellation.quantity
    left = {line: line.quantity - cancelled.get(line.line_id, 0) for line in order.placed.lines}
    return {line: quantity for line, quantity in left.items() if quantity > 0}


def may_lose_a_line(order: LivingOrder) -> bool:
    """Whether part of an order can be cancelled so that something is left and no voucher needs sharing out anew."""
    return not order.cancelled and not order.placed.discount and sum(line.quantity for line in order.placed.lines) > 1


def cancel_one(order: LivingOrder, at: datetime) -> LineCancelled:
    """One unit of the order's last line is not to be had."""
    return LineCancelled(at=at, number=order.placed.number, line_id=order.placed.lines[-1].line_id, quantity=1)


def give_back(order: LivingOrder, at: datetime, *, completed: bool, whole: bool) -> ReturnMade:
    """Goods come back: all of what was sent, or the first line of it."""
    goods = {line: quantity for line, quantity in left_to_send(order).items() if not line.gift_card}
    if not whole:
        first = next(iter(goods))
        goods = {first: max(1, goods[first] // 2)}
    kept = 1 - _discount_share(order.placed)
    return ReturnMade(
        at=at,
        return_id=RETURN_IDS + order.placed.number,
        number=order.placed.number,
        lines=tuple(
            ReturnLineSpec(
                line_id=line.line_id,
                quantity=quantity,
                unit_price=(line.unit_price * kept).quantize(_CENT, ROUND_DOWN),
            )
            for line, quantity in goods.items()
        ),
        completed=completed,
    )


def pay_back(returned: ReturnMade, at: datetime, extra: Decimal = Decimal(0)) -> Refunded:
    """The money for a return, and `extra` such as its shipping."""
    worth = sum((line.unit_price * line.quantity for line in returned.lines), extra)
    return Refunded(at=at, number=returned.number, amount=worth, return_id=returned.return_id)


def make_good(order: LivingOrder, at: datetime, share: Decimal) -> Refunded:
    """Money back for a flaw, goods stay: a share of what the goods cost."""
    worth = sum((line.unit_price * quantity for line, quantity in left_to_send(order).items()), Decimal(0))
    paid = worth * (1 - _discount_share(order.placed))
    return Refunded(at=at, number=order.placed.number, amount=(paid * share).quantize(_CENT))


def has_goods(order: LivingOrder) -> bool:
    """Whether anything of the order could come back."""
    return any(not line.gift_card for line in left_to_send(order))


def _discount_share(placed: OrderPlaced) -> Decimal:
    goods = sum((line.unit_price * line.quantity for line in placed.lines if not line.gift_card), Decimal(0))
    return placed.discount / goods if goods else Decimal(0)


def _cancellation(order: LivingOrder, confirmed_at: datetime) -> LineCancelled | None:
    chance = _chance(order.placed, "cancellation")
    if chance.random() >= 0.03 or not may_lose_a_line(order):
        return None
    return cancel_one(order, confirmed_at + _hours(chance, 0.2, 2))


def _parcels(placed: OrderPlaced, lines: dict[LineSpec, int], confirmed_at: datetime) -> list[Shipped]:
    chance = _chance(placed, "parcels")
    at = confirmed_at + _hours(chance, 3, 70)
    units = [ParcelLine(line_id=line.line_id, quantity=quantity) for line, quantity in lines.items()]
    if len(units) < 2 or chance.random() >= 0.10:
        return [_parcel(placed, at, 1, units, chance, last=True)] if units else []
    second_at = at + _hours(chance, 20, 600 if chance.random() < 0.1 else 110)
    return [
        _parcel(placed, at, 1, units[:1], chance, last=False),
        _parcel(placed, second_at, 2, units[1:], chance, last=True),
    ]


def _parcel(
    placed: OrderPlaced, at: datetime, number: int, lines: list[ParcelLine], chance: Random, *, last: bool
) -> Shipped:
    carrier = _carrier(placed, chance)
    return Shipped(
        at=at,
        number=placed.number,
        parcel=number,
        carrier=carrier.name,
        service=carrier.service,
        tracking_number=_tracking(carrier, chance),
        lines=tuple(lines),
        last=last,
    )


def _carrier(placed: OrderPlaced, chance: Random) -> Carrier:
    drawn = chance.random()
    if drawn < 0.006:
        return COURIER_NOBODY_KNOWS
    if drawn < 0.02 or all(line.gift_card for line in placed.lines):
        return LETTER
    market = BY_NAME.get(placed.market)
    return chance.choice(market.carriers) if market else POSTNORD


def _tracking(carrier: Carrier, chance: Random) -> str | None:
    if carrier.tracking is None:
        return None
    drawn = {"9": lambda: str(chance.randrange(10)), "A": lambda: chance.choice(_LETTERS)}
    head = 8 if carrier is POSTNORD else 0
    shape = carrier.tracking
    return shape[:head] + "".join(drawn[sign]() if sign in drawn else sign for sign in shape[head:])


def _afterwards(order: LivingOrder, lines: dict[LineSpec, int], sent_at: datetime) -> Iterator[ShopEvent]:
    chance = _chance(order.placed, "afterwards")
    drawn = chance.random()
    if drawn < 0.015:
        share = Decimal(chance.randint(10, 30)) / 100
        yield make_good(_as_sent(order, lines), sent_at + _hours(chance, 48, 240), share)
        return
    if drawn > 0.155 or not any(not line.gift_card for line in lines):
        return
    at = sent_at + _hours(chance, 96, 480)
    arrived, whole = chance.random() < 0.6, chance.random() < 0.35
    returned = give_back(_as_sent(order, lines), at, completed=arrived, whole=whole)
    yield returned
    if not arrived:
        at += _hours(chance, 40, 140)
        yield ReturnCompleted(at=at, return_id=returned.return_id)
    if chance.random() < 0.96:
        extra = order.placed.shipping if whole and chance.random() < 0.5 else Decimal(0)
        yield pay_back(returned, at + _hours(chance, 2, 120), extra)


def _as_sent(order: LivingOrder, lines: dict[LineSpec, int]) -> LivingOrder:
    """The order as it will stand once its planned cancellation has happened."""
    cancelled = {line.line_id: line.quantity - lines.get(line, 0) for line in order.placed.lines}
    return LivingOrder(order.placed, cancelled={line: quantity for line, quantity in cancelled.items() if quantity})


def _chance(placed: OrderPlaced, about: str) -> Random:
    """One source of chance for each part of a life: what happens in one does not move the others."""
    return Random(f"{about}/{placed.number}/{placed.customer_id}/{placed.lines[0].variant_id}")


def _hours(chance: Random, least: float, most: float) -> timedelta:
    return timedelta(seconds=round(3600 * (least + (most - least) * chance.random())))
