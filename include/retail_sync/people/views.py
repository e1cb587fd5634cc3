"""What destinations are given to render, read for whoever a run touches."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection

from retail_sync.model.people import Facts, Listing, Person, SoldOrder, Wish
from retail_sync.model.records import Address, Customer, Order, Product, Variant

from .scope import Scope

# One row per person worth a contact. Which customer record speaks for the person: registered before guest, then the
# one changed last. A person with nothing but excluded orders is no contact (ORD-2).
_PEOPLE = """
    select person.person_id, person.email, fact.facts::text,
           case when wish.left_at is not null then 'opted_out' when wish.said_yes then 'opted_in' else 'unknown' end,
           coalesce(record.is_out, false)
               or coalesce(mirror.status in ('unsubscribed', 'cleaned', 'archived', 'removed'), false),
           speaker.doc::text, ship_to.address::text, wish.evidence::text
      from touched_person
      join people.person using (person_id)
      join people.fact using (person_id)
      left join lateral (
           select bool_or(opted_in) as said_yes,
                  max(opted_out_at) as left_at,
                  (array_agg(jsonb_build_object(
                                 'record', customer.key, 'opted_in_at', opted_in_at, 'seen_at', first_yes_at)
                             order by first_yes_at, customer.key) filter (where opted_in))[1] as evidence
             from people.customer
            where customer.person_id = person.person_id and not anonymised) as wish on true
      left join lateral (
           select version.doc
             from (select version_id
                     from people.customer
                    where customer.person_id = person.person_id and not anonymised
                    order by registered desc, updated_at desc, customer.key
                    limit 1) as foremost
             join stage.version using (version_id)) as speaker on true
      left join lateral (
           select coalesce(version.doc -> 'billing_address', version.doc -> 'shipping_address') as address
             from (select version_id
                     from people.order_value
                    where order_value.person_id = person.person_id and not excluded
                      and speaker.doc -> 'address' is null
                    order by placed_at desc, order_value.key
                    limit 1) as newest
             join stage.version using (version_id)) as ship_to on true
      left join consent.record on record.account = %(destination)s and record.email = person.email
      left join consent.mirror on mirror.account = %(destination)s and mirror.email = person.email
     where exists (select from people.order_value
                    where order_value.person_id = person.person_id and not excluded)
        or (speaker.doc is not null
            and not exists (select from people.order_value where order_value.person_id = person.person_id))
     order by person.person_id
"""

_ORDERS = """
    select order_value.person_id, person.email, version.doc::text, order_value.net, order_value.reduced,
           order_value.returned::text, accepted.hold_event
      from touched_order
      join people.order_value on order_value.pair = %(pair)s and order_value.key = touched_order.key
      join people.person using (person_id)
      join people.accepted
        on accepted.pair = %(pair)s and accepted.stream = 'orders' and accepted.key = touched_order.key
      join stage.version on version.version_id = accepted.version_id
     where not order_value.excluded
     order by order_value.placed_at, order_value.key
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

_FACTS = msgspec.json.Decoder(Facts)
_CUSTOMER = msgspec.json.Decoder(Customer)
_ADDRESS = msgspec.json.Decoder(Address)
_ORDER = msgspec.json.Decoder(Order)
_PRODUCT = msgspec.json.Decoder(Product)
_VARIANTS = msgspec.json.Decoder(tuple[Variant, ...])
_RETURNED = msgspec.json.Decoder(dict[str, int])
_NOBODY = Address()


def people(connection: Connection[Any], scope: Scope) -> Iterator[tuple[Person, dict[str, Any] | None]]:
    """Everybody touched who is worth a contact, each with the evidence of their opt-in, if there is one."""
    with connection.cursor(name="people") as cursor:
        cursor.itersize = 2000
        cursor.execute(_PEOPLE, scope.parameters())
        for person_id, email, facts, wish, known_out, speaker, address, evidence in cursor:
            customer = _CUSTOMER.decode(speaker) if speaker else None
            ship_to = _ADDRESS.decode(address) if address else None
            proof = msgspec.json.decode(evidence) if evidence else None
            identity = _Identity(person_id, email, wish, known_out)
            yield _person(identity, _FACTS.decode(facts), customer, ship_to), proof


class _Identity(NamedTuple):
    person_id: int
    email: str
    wish: Wish
    known_out: bool


def _person(identity: _Identity, facts: Facts, customer: Customer | None, ship_to: Address | None) -> Person:
    home = (customer.address if customer else None) or ship_to or _NOBODY
    return Person(
        **identity._asdict(),
        facts=facts,
        first_name=(customer.first_name if customer else None) or home.first_name,
        last_name=(customer.last_name if customer else None) or home.last_name,
        phone=(customer.phone if customer else None) or home.phone,
        birthdate=customer.birthdate if customer else None,
        address=home,
        attributes=customer.attributes if customer else {},
    )


def orders(connection: Connection[Any], scope: Scope) -> Iterator[SoldOrder]:
    """Every touched order that is not excluded, with what is left of it."""
    with connection.cursor(name="orders") as cursor:
        cursor.itersize = 2000
        cursor.execute(_ORDERS, scope.parameters())
        for person_id, email, doc, net, reduced, returned, hold_event in cursor:
            yield SoldOrder(
                person_id=person_id,
                email=email,
                order=_ORDER.decode(doc),
                net_total=net,
                refunded=Decimal(reduced),
                returned=_RETURNED.decode(returned),
                hold_shipping=hold_event,
            )


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


def _stub(key: str, name: str, variants: tuple[Variant, ...], scope: Scope) -> Product:
    return Product(key=key, number=key, name=name, updated_at=scope.now, active=False, variants=variants)


def _completed(product: Product, added: tuple[Variant, ...]) -> Product:
    known = {variant.key for variant in product.variants}
    missing = tuple(variant for variant in added if variant.key not in known)
    return msgspec.structs.replace(product, variants=product.variants + missing) if missing else product
