"""What destinations are given to render, read for whoever a run touches."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
from psycopg import Connection

from retail_sync.model.people import Facts, Listing, Person, SoldOrder
from retail_sync.model.records import Address, Customer, Order, Product, Variant

from .profile import Said, asks_orders_first, profile_of
from .scope import Scope

# One row per person worth a contact, with the records that may speak for it: of its accounts and of its guest records
# the one changed last. A person with nothing but excluded orders is no contact (ORD-2).
_PEOPLE = """
    select person.person_id, person.email, fact.facts::text,
           case when customers.left_at is not null then 'opted_out'
                when customers.said_yes then 'opted_in'
                else 'unknown' end,
           exists (select from people.address
                     join consent.record on record.account = %(destination)s and record.email = address.email
                    where address.person_id = person.person_id and record.is_out
                      and consent.bars(record.email, record.status, person.email)),
           account.doc::text, guest.doc::text, customers.account_is_newer, ship_to.address::text,
           customers.evidence::text
      from touched_person
      join people.person using (person_id)
      join people.fact using (person_id)
     cross join lateral (
           select bool_or(opted_in) as said_yes,
                  max(opted_out_at) as left_at,
                  (array_agg(jsonb_build_object(
                                 'record', customer.key, 'opted_in_at', opted_in_at, 'seen_at', first_yes_at)
                             order by first_yes_at, customer.key) filter (where opted_in))[1] as evidence,
                  (array_agg(version_id order by merged, updated_at desc, key)
                       filter (where registered))[1] as account,
                  (array_agg(version_id order by merged, updated_at desc, key)
                       filter (where not registered))[1] as guest,
                  (array_agg(registered order by merged, updated_at desc, registered desc))[1] as account_is_newer
             from people.customer
            where customer.person_id = person.person_id and not anonymised) as customers
      left join stage.version as account on account.version_id = customers.account
      left join stage.version as guest on guest.version_id = customers.guest
      left join (select person_id, bool_or(not excluded) as any_counts from owned_order group by 1) as orders
        using (person_id)
      left join lateral (
           select coalesce(version.doc -> 'billing_address', version.doc -> 'shipping_address') as address
             from (select version_id
                     from people.order_value
                    where order_value.person_id = person.person_id and not excluded
                      and (%(asks_orders_first)s or coalesce(account.doc, guest.doc) -> 'address' is null)
                    order by placed_at desc, order_value.key
                    limit 1) as newest
             join stage.version using (version_id)) as ship_to on true
     where orders.any_counts
        or orders.any_counts is null and coalesce(account.doc, guest.doc) is not null and not %(waits_for_order)s
     order by person.person_id
"""

# Whom a record or an order has left, and of whom nothing is left that a contact stands for.
_EMPTIED = """
    select person.person_id, person.email, array_agg(distinct heir.person_id)
      from leaver
      join people.person on person.person_id = leaver.former_id
      join people.person as heir on heir.pair = %(pair)s and heir.email = leaver.address
     where not exists (select from people.order_value
                        where order_value.person_id = person.person_id and not excluded)
       and (exists (select from people.order_value where order_value.person_id = person.person_id)
            or not exists (select from people.customer
                            where customer.person_id = person.person_id and not anonymised))
       and not exists (select from leaver as renamed
                        where renamed.former_id = leaver.former_id and renamed.address = person.email)
     group by person.person_id
     order by person.person_id
"""

# One rule holds single parcels, those that nobody can follow; any other holds whatever is told of an order's parcels.
_ORDERS = """
    select order_owner.person_id, person.email, order_doc.doc::text, order_value.net,
           went.back, went.back - order_value.reduced, order_value.refunded_at, order_value.returned::text,
           coming.lines::text,
           order_doc.hold_event, order_doc.hold_event and coalesce((
               select bool_or(kept.rule <> 'order_tracking_url') from quality.quarantine as kept
                where kept.pair = %(pair)s and kept.account = %(account)s and kept.stream = 'orders'
                  and kept.key = order_doc.key and kept.effect = 'hold_event' and kept.released_at is null), true)
      from order_doc
      join order_owner using (key)
      join people.person using (person_id)
      join people.order_value on order_value.pair = %(pair)s and order_value.key = order_doc.key
      join order_reduction on order_reduction.order_key = order_doc.key
     cross join lateral (
           select case when order_doc.status = 'cancelled' then total else amount end as back) as went
     cross join lateral (
           select coalesce(jsonb_object_agg(line_key, quantity), '{}') as lines
             from (select line.line_key, sum(line.quantity) as quantity
                     from order_return
                    cross join lateral jsonb_to_recordset(order_return.lines) as line(line_key text, quantity integer)
                    where order_return.order_key = order_doc.key and line.line_key is not null
                      and order_return.status = 'open' and not order_return.is_refunded
                    group by 1) as by_line) as coming
     where not order_doc.excluded
     order by order_doc.placed_at, order_doc.key
"""

_PRODUCTS = """
    select touched_product.key, version.doc::text,
           (select jsonb_agg(jsonb_build_object(
                       'key', variant_key, 'sku', coalesce(sku, variant_key),
                       'name', coalesce(variant_name, product_name)) order by variant_key)::text
              from people.stub_variant
             where pair = %(pair)s and product_key = touched_product.key),
           (select max(product_name) from people.stub_variant
             where pair = %(pair)s and product_key = touched_product.key)
      from touched_product
      left join people.accepted
        on accepted.pair = %(pair)s and accepted.stream = 'products' and accepted.key = touched_product.key
      left join stage.version using (version_id)
     order by touched_product.key
"""

_CATALOGUE = """
    select version.doc::text,
           (select jsonb_agg(jsonb_build_object(
                       'key', variant_key, 'sku', coalesce(sku, variant_key),
                       'name', coalesce(variant_name, product_name)) order by variant_key)::text
              from people.stub_variant
             where stub_variant.pair = accepted.pair and product_key = accepted.key)
      from people.accepted
      join stage.version using (version_id)
     where accepted.pair = %(pair)s and accepted.stream = 'products' and not accepted.excluded
     order by accepted.key
"""

_FACTS = msgspec.json.Decoder(Facts)
_CUSTOMER = msgspec.json.Decoder(Customer)
_ADDRESS = msgspec.json.Decoder(Address)
_ORDER = msgspec.json.Decoder(Order)
_PRODUCT = msgspec.json.Decoder(Product)
_VARIANTS = msgspec.json.Decoder(tuple[Variant, ...])
_RETURNED = msgspec.json.Decoder(dict[str, int])


def people(connection: Connection[Any], scope: Scope) -> Iterator[tuple[Person, dict[str, Any] | None]]:
    """Everybody touched who is worth a contact, each with the evidence of their opt-in, if there is one."""
    identity = scope.pair.identity
    rule = identity.profile
    with connection.cursor(name="people") as cursor:
        cursor.itersize = 2000
        cursor.execute(
            _PEOPLE,
            scope.parameters(asks_orders_first=asks_orders_first(rule), waits_for_order=identity.wait_for_first_order),
        )
        for person_id, email, facts, wish, known_out, *speakers, evidence in cursor:
            person = Person(
                person_id=person_id,
                email=email,
                facts=_FACTS.decode(facts),
                wish=wish,
                known_out=known_out,
                **profile_of(_said(*speakers), rule),
            )
            yield person, msgspec.json.decode(evidence) if evidence else None


def _said(account: str | None, guest: str | None, account_is_newer: bool | None, order: str | None) -> Said:
    registered = _CUSTOMER.decode(account) if account else None
    unregistered = _CUSTOMER.decode(guest) if guest else None
    return Said(
        registered=registered,
        guest=unregistered,
        newest=registered if account_is_newer else unregistered,
        order=_ADDRESS.decode(order) if order else None,
    )


def emptied(connection: Connection[Any], scope: Scope) -> Iterator[tuple[Person, tuple[int, ...]]]:
    """Those of whom this plan has left nothing that makes a contact, each with the ids of whom it has gone to."""
    for person_id, email, heirs in connection.execute(_EMPTIED, scope.parameters()).fetchall():
        yield Person(person_id=person_id, email=email, facts=Facts(currency=scope.pair.value.currency)), tuple(heirs)


def orders(connection: Connection[Any], scope: Scope) -> Iterator[SoldOrder]:
    """Every touched order that is not excluded, with what is left of it."""
    with connection.cursor(name="orders") as cursor:
        cursor.itersize = 2000
        cursor.execute(_ORDERS, scope.parameters())
        for person_id, email, doc, net, back, uncounted, refunded_at, returned, coming_back, held, wholly in cursor:
            order = _ORDER.decode(doc)
            yield SoldOrder(
                person_id=person_id,
                email=email,
                order=order,
                net_total=net,
                refunded=Decimal(back),
                uncounted=Decimal(uncounted),
                refunded_at=refunded_at,
                returned=_RETURNED.decode(returned),
                coming_back=_RETURNED.decode(coming_back),
                untold=_unfollowed(order) if held and not wholly else (),
                hold_shipping=wholly,
            )


def _unfollowed(order: Order) -> tuple[str, ...]:
    """The parcels that have left and that nobody can follow, though that should be possible."""
    left = (parcel for parcel in order.shipments if parcel.shipped)
    return tuple(parcel.key for parcel in left if not (parcel.tracking_url or parcel.untracked))


def listings(connection: Connection[Any], scope: Scope) -> Iterator[Listing]:
    """Every touched product, with the variants that only orders know added to it."""
    with connection.cursor(name="listings") as cursor:
        cursor.execute(_PRODUCTS, scope.parameters())
        for key, doc, stubs, stub_name in cursor:
            added = _VARIANTS.decode(stubs) if stubs else ()
            if doc is None:
                yield Listing(product=_stub(key, stub_name or key, added, scope), stub=True)
            else:
                yield Listing(product=_completed(_PRODUCT.decode(doc), added))


def catalogue(connection: Connection[Any], pair: str) -> Iterator[Listing]:
    """Every accepted product of a pair, by key, with the variants that only orders know added to it."""
    with connection.cursor(name="catalogue") as cursor:
        cursor.itersize = 2000
        cursor.execute(_CATALOGUE, {"pair": pair})
        for doc, stubs in cursor:
            yield Listing(product=_completed(_PRODUCT.decode(doc), _VARIANTS.decode(stubs) if stubs else ()))


def _stub(key: str, name: str, variants: tuple[Variant, ...], scope: Scope) -> Product:
    return Product(key=key, number=key, name=name, updated_at=scope.now, active=False, variants=variants)


def _completed(product: Product, added: tuple[Variant, ...]) -> Product:
    known = {variant.key for variant in product.variants}
    missing = tuple(variant for variant in added if variant.key not in known)
    return msgspec.structs.replace(product, variants=product.variants + missing) if missing else product
