"""The shop's past: the same seed tells the same story, to the last öre."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Literal

from retail_sync.sandbox.world import shopping
from retail_sync.sandbox.world.assortment import (
    COLLECTIONS,
    FIRST_COLLECTIONS,
    PRODUCTS_A_COLLECTION,
    collection,
    gift_card,
)
from retail_sync.sandbox.world.events import CustomerKnown, NewsletterChanged, OrderPlaced, ShopEvent, StockChanged
from retail_sync.sandbox.world.life import life
from retail_sync.sandbox.world.state import LivingOrder, World

#: What a moment brings: a newcomer registers or buys, somebody buys again, a collection appears, stock is counted.
Happening = Literal["registration", "first order", "another order", "collection", "stocktaking"]
Moment = tuple[datetime, Happening]
_DAYS_A_MONTH = 30.4
_SHARE_THAT_BUYS = 0.82
_SHARE_OF_GUESTS = 0.42
_RESTOCK_TO = 80


def history(
    seed: int,
    customers: int = 2000,
    orders: int = 5000,
    *,
    until: datetime,
    months: int = 18,
    world: World | None = None,
) -> Iterator[ShopEvent]:
    """The past of an invented shop, in the order of time.

    Args:
        seed: The same seed and figures give the same events.
        customers: How many customer records there will be.
        orders: How many orders will have been placed; what is still to happen to the latest lies behind `until`.
        until: Nothing happens after it (aware UTC).
        months: How far back the shop opened.
        world: An empty world to keep, for who wants to go on with `day` without reading the events again.
    """
    chance = Random(seed)
    world = world if world is not None else World()
    opened = (until - timedelta(days=months * _DAYS_A_MONTH)).replace(microsecond=0)
    for event in _opening(opened, chance):
        world.apply(event)
        yield event
    yield from tell(world, _moments(opened, until, customers, orders, chance), (), until, chance)


class _Agenda:
    """What is planned, the next first; what lies behind the end is not kept."""

    def __init__(self, until: datetime) -> None:
        self._until = until
        self._serial = count()
        self._waiting: list[tuple[datetime, int, ShopEvent]] = []

    def add(self, planned: Iterable[ShopEvent]) -> None:
        for event in planned:
            if event.at <= self._until:
                heapq.heappush(self._waiting, (event.at, next(self._serial), event))

    def due(self, at: datetime) -> Iterator[ShopEvent]:
        while self._waiting and self._waiting[0][0] <= at:
            yield heapq.heappop(self._waiting)[2]


def tell(
    world: World,
    moments: Sequence[Moment],
    planned: Iterable[ShopEvent],
    until: datetime,
    chance: Random,
    *,
    stamp: Callable[[ShopEvent], ShopEvent] = lambda event: event,
) -> Iterator[ShopEvent]:
    """Let moments and planned events happen in the order of time, and all that follows from them up to `until`.

    Args:
        world: The shop; it follows as events are taken.
        moments: What comes of itself, in the order of time.
        planned: What is still to happen to orders that are there.
        until: The end.
        chance: Decides what the moments bring.
        stamp: Gives an event the time that others see.
    """
    agenda = _Agenda(until)
    agenda.add(planned)
    for at, happening in moments:
        for due in agenda.due(at):
            yield _happen(world, stamp(due))
        for event in _bring(world, happening, at, chance):
            yield _happen(world, stamp(event))
            if isinstance(event, OrderPlaced):
                agenda.add(life(LivingOrder(event)))
    for due in agenda.due(until):
        yield _happen(world, stamp(due))


def _happen(world: World, event: ShopEvent) -> ShopEvent:
    world.apply(event)
    return event


def _bring(world: World, happening: Happening, at: datetime, chance: Random) -> Iterator[ShopEvent]:
    """What a moment brings. Each event must be applied before the next is asked for."""
    match happening:
        case "registration":
            yield shopping.newcomer(world, at, chance, registered=True)
        case "first order":
            customer = shopping.newcomer(world, at, chance, registered=chance.random() >= _SHARE_OF_GUESTS)
            yield customer
            yield shopping.order(world, customer, at, chance)
        case "another order":
            yield from _another_order(world, at, chance)
        case "collection":
            yield from collection((len(world.product_ids) - 1) // PRODUCTS_A_COLLECTION, at, chance)
        case "stocktaking":
            yield from _stocktaking(world, at, chance)


def _another_order(world: World, at: datetime, chance: Random) -> Iterator[ShopEvent]:
    customer = shopping.returning(world, chance)
    drawn = chance.random()
    if drawn < 0.015:
        customer = shopping.moved(customer, at, chance)
        yield customer
    elif drawn < 0.05 and customer.registered:
        yield change_of_mind(customer, at)
    yield shopping.order(world, customer, at, chance)


def change_of_mind(customer: CustomerKnown, at: datetime) -> NewsletterChanged:
    """A customer ticks the newsletter, or unticks it."""
    return NewsletterChanged(at=at, customer_id=customer.customer_id, subscribed=not customer.newsletter)


def _stocktaking(world: World, at: datetime, chance: Random) -> Iterator[ShopEvent]:
    """The stock of all that was sold since the last count; empty shelves are filled at times."""
    for variant_id, sold in sorted(world.sold.items()):
        left = max(world.stock.get(variant_id, 0) - sold, 0)
        if left == 0 and chance.random() < 0.7:
            left = _RESTOCK_TO
        yield StockChanged(at=at, variant_id=variant_id, stock=left)


def _opening(at: datetime, chance: Random) -> Iterator[ShopEvent]:
    yield gift_card(at)
    for place in range(FIRST_COLLECTIONS):
        yield from collection(place, at, chance)


def _moments(opened: datetime, until: datetime, customers: int, orders: int, chance: Random) -> list[Moment]:
    """When what happens: business grows, so more of it is late. Nobody buys again before somebody has bought."""
    seconds = int((until - opened).total_seconds())

    def some_time(least: float = 0.0) -> datetime:
        return opened + timedelta(seconds=1 + int((seconds - 1) * (least + (1 - least) * chance.random() ** 0.8)))

    first = min(round(customers * _SHARE_THAT_BUYS), orders) if orders > customers else min(customers, orders)
    moments: list[Moment] = [(opened + timedelta(seconds=1), "first order")] if first else []
    moments += [(some_time(), "first order") for _ in range(first - 1)]
    moments += [(some_time(), "registration") for _ in range(customers - first)]
    moments += [(some_time(0.01), "another order") for _ in range(orders - first)]
    moments += [
        (opened + timedelta(seconds=seconds * (place + 1) // 10), "collection")
        for place in range(len(COLLECTIONS) - FIRST_COLLECTIONS)
    ]
    moments += midnights(opened, until)
    return sorted(moments)


def midnights(start: datetime, end: datetime) -> list[Moment]:
    """A stocktaking for every midnight between two times."""
    first = (start + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return [(first + timedelta(days=day), "stocktaking") for day in range((end - first).days + 1) if end >= first]
