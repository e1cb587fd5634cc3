"""What touched records make a destination want: one function a subject, in the order in which things build up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from retail_sync.delivery.moves import Retired
from retail_sync.delivery.rows import Bearer
from retail_sync.model.people import Person
from retail_sync.model.ports import Destination
from retail_sync.people import carts, news, views
from retail_sync.people.parcels import Parcels
from retail_sync.people.scope import Scope

from .agenda import Agenda
from .live_pairs import is_live, live_since


def wanted(connection: Connection[Any], destination: Destination, scope: Scope, agenda: Agenda) -> Iterator[Bearer]:
    """Everything that touched records make the destination want; what else they ask for goes onto the agenda."""
    silent: set[int] = set()
    yield from _structure(connection, destination, scope)
    yield from contacts(connection, destination, scope, silent)
    yield from _listings(connection, destination, scope)
    yield from _orders(connection, destination, scope, silent, agenda)
    yield from _carts(connection, destination, scope, agenda)
    yield from _news(connection, destination, scope)


def retired(connection: Connection[Any], destination: Destination, scope: Scope) -> Iterator[Retired]:
    """What the destination holds of people whose records and orders have gone over to others."""
    for person, heirs in views.emptied(connection, scope):
        for object_id, heir in _left_to(destination, person, heirs):
            yield Retired(object_id=object_id, person_id=person.person_id, heirs=heirs, heir=heir)


def _left_to(destination: Destination, person: Person, heirs: tuple[int, ...]) -> Iterator[tuple[str, str | None]]:
    """The objects of a person, each with that of the one heir which is the same to that one."""
    ours = destination.objects_of(person)
    if len(heirs) != 1:
        yield from ((object_id, None) for object_id in ours)
        return
    yield from zip(ours, destination.objects_of(replace(person, person_id=heirs[0])), strict=True)


def _structure(connection: Connection[Any], destination: Destination, scope: Scope) -> Iterator[Bearer]:
    live = is_live(connection, scope.pair.pair)
    yield from (Bearer(wanted) for wanted in destination.structure(live=live))


def contacts(connection: Connection[Any], destination: Destination, scope: Scope, silent: set[int]) -> Iterator[Bearer]:
    """Contacts and what hangs on them; who is none at this destination, by the pair's choice, is added to `silent`."""
    for person, evidence in views.people(connection, scope):
        opted_in = person.wish == "opted_in" and not person.known_out
        proof = {"source": scope.pair.source.account, **evidence} if evidence and opted_in else None
        about_them = destination.person(person)
        if not about_them:
            silent.add(person.person_id)
        for wanted in about_them:
            is_contact = wanted.kind == destination.capabilities.contact_kind
            yield Bearer(wanted, person.person_id, proof if is_contact else None)


def _listings(connection: Connection[Any], destination: Destination, scope: Scope) -> Iterator[Bearer]:
    for listing in views.listings(connection, scope):
        yield from (Bearer(wanted) for wanted in destination.listing(listing))


def _orders(
    connection: Connection[Any], destination: Destination, scope: Scope, silent: set[int], agenda: Agenda
) -> Iterator[Bearer]:
    """Orders, and what is told of their parcels."""
    live_at = live_since(connection, scope.pair.pair)
    parcels = Parcels(scope.pair, live_at, scope.now)
    for sold in views.orders(connection, scope):
        if sold.person_id in silent:
            continue
        yield from (Bearer(wanted, sold.person_id, still=live_at is None) for wanted in destination.order(sold))
        if live_at is not None:
            telling = parcels.of(sold)
            agenda.add(sold.order.key, telling)
            for happening in telling.happenings:
                yield from (Bearer(wanted, sold.person_id) for wanted in destination.happening(happening))


def _carts(connection: Connection[Any], destination: Destination, scope: Scope, agenda: Agenda) -> Iterator[Bearer]:
    """Carts whose people may be reminded of them; the others are withdrawn."""
    for found in carts.carts(connection, scope, live_since(connection, scope.pair.pair)):
        agenda.look_again("carts", found.key, "cart", found.next_due)
        if found.left is not None:
            yield from (Bearer(wanted, found.person_id) for wanted in destination.cart(found.left))
        elif found.stands:
            agenda.withdraw(Retired(object_id=found.object_id, person_id=found.person_id))


def _news(connection: Connection[Any], destination: Destination, scope: Scope) -> Iterator[Bearer]:
    """That something is back in stock, and what people do in the shop, once there is somebody to tell it to."""
    live_at = live_since(connection, scope.pair.pair)
    if live_at is None:
        return
    for happening in (*news.restocked(connection, scope), *news.browsed(connection, scope, live_at)):
        yield from (Bearer(wanted, happening.person_id) for wanted in destination.happening(happening))
