"""Carts that were left: whose each is, whether its order exists by now, and which of its lines can be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection
from psycopg.rows import class_row

from retail_sync.model.people import LeftCart
from retail_sync.model.records import Cart
from retail_sync.pairs.carts import Carts

from .scope import Scope

_NOTE = """
    insert into people.cart (pair, key, email, updated_at, version_id)
    select %(pair)s, touched_cart.key, people.email_of(version.doc), (version.doc ->> 'updated_at')::timestamptz,
           version_id
      from touched_cart
      join stage.version using (version_id)
        on conflict (pair, key) do update
       set email = excluded.email, updated_at = excluded.updated_at, version_id = excluded.version_id
"""

# The carts that the run touches, those of people whom it touches, and those that its orders name. One is bought by the
# order that names it, or by any order that its person has placed since it was last changed.
_LEFT = """
    with concerned as (
        select key from touched_cart
         union
        select cart.key
          from touched_person
          join people.address using (person_id)
          join people.cart on cart.pair = %(pair)s and cart.email = address.email
         union
        select cart.key
          from order_doc
          join people.cart on cart.pair = %(pair)s and cart.key = order_doc.doc ->> 'cart_key'
    )
    select cart.key, named.object_id, cart.updated_at, version.doc::text, who.person_id, who.email,
           coalesce(consent.may_market(%(destination)s, who.person_id), false) as may_market,
           who.person_id is not null
               and not exists (select from consent.mirror
                                where mirror.account = %(destination)s and mirror.email = who.email) as is_new,
           exists (select from people.order_value as value
                    where value.person_id = who.person_id and not value.excluded
                      and value.placed_at >= cart.updated_at)
               or exists (select from people.order_value as value
                           where value.pair = %(pair)s and value.cart_key = cart.key) as is_bought,
           (select coalesce(jsonb_object_agg(line.key, jsonb_build_array(known.product_key, known.variant_key)), '{}')
              from jsonb_to_recordset(version.doc -> 'lines')
                as line(key text, sku text, variant_key text)
             cross join lateral (
                   select product_key, variant_key
                     from (select product_key, variant_key, in_stock
                             from people.variant
                            where variant.pair = %(pair)s and variant.variant_key = line.variant_key
                            union all
                           select product_key, variant_key, in_stock
                             from people.variant
                            where variant.pair = %(pair)s and variant.sku = line.sku and line.variant_key is null
                          ) as variant
                    order by in_stock desc, product_key
                    limit 1) as known)::text as goods,
           exists (select from delivery.ledger
                    where ledger.object_id = named.object_id and ledger.account = %(destination)s
                      and ledger.pair = %(pair)s and not ledger.gone)
               or exists (select from delivery.outbox
                           where outbox.object_id = named.object_id and outbox.account = %(destination)s
                             and outbox.pair = %(pair)s and outbox.closed_at is null) as stands
      from concerned
      join people.cart on cart.pair = %(pair)s and cart.key = concerned.key
     cross join lateral (select 'cart:' || %(account)s || ':' || cart.key as object_id) as named
      join stage.version using (version_id)
      left join people.alias_in_force as alias on alias.pair = cart.pair and alias.alias = cart.email
      left join lateral (
           select person.person_id, person.email
             from people.address
             join people.person using (pair, person_id)
            where address.pair = cart.pair and address.email = coalesce(alias.stands_for, cart.email)
            order by person.email = address.email desc, person_id
            limit 1) as who on true
     order by cart.key
"""

_CART = msgspec.json.Decoder(Cart)
_GOODS = msgspec.json.Decoder(dict[str, tuple[str, str]])


@dataclass(frozen=True, slots=True)
class _Found:
    """A cart as it stands in the books; `goods` are the keys of product and variant by line, as JSON."""

    key: str
    object_id: str
    updated_at: datetime
    doc: str
    person_id: int | None
    email: str | None
    may_market: bool
    is_new: bool
    is_bought: bool
    stands: bool
    goods: str


class Standing(NamedTuple):
    """What is to be done about a cart.

    Attributes:
        key: The cart's key at the source.
        object_id: What it is called in the books of the destination.
        person_id: Whose it is, if that is known.
        left: The cart as it may be sent; None where nobody may be reminded of it.
        stands: Whether it is at the destination, or on its way there.
        next_due: When there will be something else to do, though nothing changes by then; None where there will not.
    """

    key: str
    object_id: str
    person_id: int | None
    left: LeftCart | None
    stands: bool
    next_due: datetime | None


def note_carts(connection: Connection[Any], scope: Scope) -> None:
    """Keep touched carts as they were accepted."""
    connection.execute(_NOTE, scope.parameters())


def carts(connection: Connection[Any], scope: Scope, live_at: datetime | None) -> Iterator[Standing]:
    """What is to be done about every cart that the plan concerns.

    Args:
        connection: Plan's transaction, in which all orders have been valued.
        scope: The plan.
        live_at: When the pair went live (aware UTC), or None where it has not. Nobody is reminded of an older cart.
    """
    with connection.cursor(row_factory=class_row(_Found)) as cursor:
        found = cursor.execute(_LEFT, scope.parameters()).fetchall()
    for cart in found:
        yield _judged(cart, scope, live_at)


def _judged(found: _Found, scope: Scope, live_at: datetime | None) -> Standing:
    rule, changed_at = scope.pair.carts, found.updated_at
    cart = _shown(_CART.decode(found.doc), _GOODS.decode(found.goods))
    is_open = bool(cart.lines and cart.checkout_url) and not found.is_bought
    if not is_open or live_at is None or changed_at < live_at:
        return Standing(found.key, found.object_id, found.person_id, None, found.stands, None)
    left = None
    if found.may_market and found.person_id is not None and found.email is not None:
        is_due = changed_at + rule.abandoned_after <= scope.now < changed_at + rule.withdrawn_after
        known = LeftCart(object_id=found.object_id, person_id=found.person_id, email=found.email, cart=cart)
        left = known if is_due else None
    will_be = found.may_market or found.is_new
    next_due = _next_due(rule, changed_at, scope.now, is_new=found.is_new) if will_be else None
    return Standing(found.key, found.object_id, found.person_id, left, found.stands, next_due)


def _next_due(rule: Carts, changed_at: datetime, now: datetime, *, is_new: bool) -> datetime | None:
    """When a cart becomes due, or is over; a contact that was just made is known to the mirror only after a while."""
    over_at = changed_at + rule.withdrawn_after
    turns = [changed_at + rule.abandoned_after, over_at, *([now + rule.abandoned_after] if is_new else [])]
    return min((turn for turn in turns if now < turn <= over_at), default=None)


def _shown(cart: Cart, goods: dict[str, tuple[str, str]]) -> Cart:
    """The cart with those lines that name a variant which was read, under that variant's keys."""
    lines = [
        msgspec.structs.replace(line, product_key=goods[line.key][0], variant_key=goods[line.key][1])
        for line in cart.lines
        if line.key in goods and line.quantity > 0
    ]
    return msgspec.structs.replace(cart, lines=tuple(lines))
