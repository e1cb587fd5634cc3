"""The shop lives on: what was planned comes due, and of every kind of news there is some."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from msgspec import structs

from retail_sync.errors import ConfigurationError
from retail_sync.sandbox.world.assortment import GIFT_CARD_PRODUCT
from retail_sync.sandbox.world.events import (
    ContactLeft,
    LineCancelled,
    OrderCancelled,
    Refunded,
    ReturnMade,
    Shipped,
    ShopEvent,
    TimeSkipped,
)
from retail_sync.sandbox.world.history import Moment, change_of_mind, midnights, tell
from retail_sync.sandbox.world.life import cancel_one, give_back, has_goods, life, make_good, may_lose_a_line, pay_back
from retail_sync.sandbox.world.shopping import moved
from retail_sync.sandbox.world.state import LivingOrder, World

_LEAST_ORDERS = 6
_DAY = timedelta(days=1)


def day(
    world: World,
    until: datetime,
    *,
    start: datetime | None = None,
    span: timedelta | None = None,
    seed: int = 0,
    orders: int | None = None,
    customers: int | None = None,
) -> Iterator[ShopEvent]:
    """Live on until a time; the events come in its order, and `world` follows as they are taken.

    Args:
        world: The shop so far.
        until: The time of the last event at most (aware UTC).
        start: No event is at or before it; the world's own time unless given.
        span: How much of the shop's time passes, `until - start` unless given. A day can so happen in a minute.
        seed: The same world and seed live the same day.
        orders: New orders; the shop's pace so far unless given.
        customers: How many of them are the first of a new customer; a third unless given.

    Raises:
        ConfigurationError: The world is not the invented shop, or would go back in time.
    """
    start = max(start or world.now, world.now)
    if until <= start:
        raise ConfigurationError(f"the shop has lived to {start.isoformat()} already", fix="Advance it further.")
    if GIFT_CARD_PRODUCT not in world.products:
        raise ConfigurationError("only the invented shop lives on", fix="Fill the sandbox with `sandbox start`.")
    span = span or until - start
    squeezed = (until - start) / span
    chance = Random(f"{seed}/{world.last_order}/{start.isoformat()}")
    number = orders if orders is not None else max(_LEAST_ORDERS, round(world.orders_a_day() * (span / _DAY)))
    moments = _moments(start, span, number, number // 3 if customers is None else customers, chance)

    def stamp(event: ShopEvent) -> ShopEvent:
        return structs.replace(event, at=start + (event.at - start) * squeezed)

    yield from tell(world, moments, _planned(world, start, span, chance), start + span, chance, stamp=stamp)
    if squeezed != 1:
        skip = TimeSkipped(at=until, seconds=(span - (until - start)).total_seconds())
        world.apply(skip)
        yield skip


def _moments(start: datetime, span: timedelta, orders: int, customers: int, chance: Random) -> list[Moment]:
    def some_time() -> datetime:
        return start + timedelta(seconds=1) + (span - timedelta(seconds=1)) * chance.random()

    first = min(customers, orders)
    moments: list[Moment] = [(some_time(), "first order") for _ in range(first)]
    moments += [(some_time(), "another order") for _ in range(orders - first)]
    moments += [(some_time(), "registration") for _ in range(max(1, customers // 3))]
    return sorted(moments + midnights(start, start + span))


def _planned(world: World, start: datetime, span: timedelta, chance: Random) -> Iterator[ShopEvent]:
    """What was planned for the orders that are there, and news that chance alone would not bring every day."""
    lives = {number: _due(world, order, start) for number, order in world.orders.items()}
    yield from _news_of_people(world, start, span, chance)
    yield from _money_back(world, lives, start, span)
    shortened = _shortened(world, lives, start + span * 0.2)
    if shortened is not None:
        news = cancel_one(shortened, start + span * 0.1)
        yield news
        without = LivingOrder(shortened.placed, shortened.done, {news.line_id: 1}, shortened.skipped_before)
        lives[news.number] = _due(world, without, start)
    for life_of_one in lives.values():
        yield from life_of_one


def _due(world: World, order: LivingOrder, start: datetime) -> list[ShopEvent]:
    """What is still to happen to an order, sooner by what was skipped since; what is overdue happens at once."""
    sooner = world.skipped - order.skipped_before
    earliest = start + timedelta(seconds=1)
    return [structs.replace(event, at=max(event.at - sooner, earliest)) for event in life(order)]


def _shortened(world: World, lives: dict[int, list[ShopEvent]], before: datetime) -> LivingOrder | None:
    """The latest order that can lose a unit because its first parcel leaves only after a time."""
    for number, order in reversed(world.orders.items()):
        parcels = [event.at for event in lives[number] if isinstance(event, Shipped)]
        called_off = any(isinstance(event, OrderCancelled | LineCancelled) for event in lives[number])
        waits = "parcel 1" not in order.done and parcels and parcels[0] > before
        if waits and not called_off and may_lose_a_line(order):
            return order
    return None


def _money_back(
    world: World, lives: dict[int, list[ShopEvent]], start: datetime, span: timedelta
) -> Iterator[Refunded | ReturnMade]:
    """A refund without a return, and a return with its refund later, for orders that have nothing else before them."""
    quiet = (
        order
        for number, order in reversed(world.orders.items())
        if not lives[number]
        and "parcel 1" in order.done
        and not order.done & {"return", "refund", "cancelled"}
        and order.placed.store_type == "DIRECT_TO_CONSUMER"
        and has_goods(order)
    )
    flawed, unwanted = next(quiet, None), next(quiet, None)
    if flawed is not None:
        yield make_good(flawed, start + span * 0.3, Decimal("0.2"))
    if unwanted is not None:
        returned = give_back(unwanted, start + span * 0.25, completed=True, whole=False)
        yield returned
        yield pay_back(returned, start + span * 0.75)


def _news_of_people(world: World, start: datetime, span: timedelta, chance: Random) -> Iterator[ShopEvent]:
    """Somebody moves, one ticks the newsletter and one unticks it, one leaves the marketing platform's list."""
    known = [one for one in world.customers.values() if one.registered and one.customer_id in world.bought_last]
    readers = [one for one in known if one.newsletter and one.email.lower() not in world.gone]
    others = [one for one in known if not one.newsletter]
    if known:
        yield moved(chance.choice(known), start + span * 0.2, chance)
    if others:
        yield change_of_mind(chance.choice(others), start + span * 0.4)
    if len(readers) > 1:
        left, unticked = chance.sample(readers, 2)
        yield ContactLeft(at=start + span * 0.5, email=left.email)
        yield change_of_mind(unticked, start + span * 0.6)
