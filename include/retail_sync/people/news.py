"""What is told of stock and of browsing: events for people who may get marketing, each once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from psycopg import Connection

from retail_sync.model.happenings import Happening
from retail_sync.model.records import Browse, Product, Variant

from .scope import Scope

# Whoever had signed up by when it came back. Of what came back long ago nothing is looked up.
_RESTOCKED = """
    select distinct on (variant.variant_key, person.person_id)
           variant.variant_key, variant.restocks, variant.restocked_at, person.person_id, person.email,
           version.doc::text
      from people.variant
      join people.signup using (pair, variant_key)
      join people.address using (pair, email)
      join people.person using (pair, person_id)
      join people.accepted as known
        on known.pair = variant.pair and known.stream = 'products' and known.key = variant.product_key
      join stage.version using (version_id)
     where variant.pair = %(pair)s and variant.in_stock and variant.restocked_at > %(since)s
       and signup.created_at <= variant.restocked_at
       and (variant.product_key in (select key from touched_product)
            or signup.key in (select key from touched_signup))
       and consent.may_market(%(destination)s, person.person_id)
     order by variant.variant_key, person.person_id
"""

_BROWSED = """
    select distinct on (touched_browse.key) person.person_id, person.email, version.doc::text
      from touched_browse
      join stage.version using (version_id)
      left join people.alias_in_force as alias
        on alias.pair = %(pair)s and alias.alias = people.email_of(version.doc)
      join people.address
        on address.pair = %(pair)s and address.email = coalesce(alias.stands_for, people.email_of(version.doc))
      join people.person on person.person_id = address.person_id
     where (version.doc ->> 'updated_at')::timestamptz >= %(live_at)s
       and consent.may_market(%(destination)s, person.person_id)
     order by touched_browse.key, person.email = address.email desc, person.person_id
"""

_CENT = Decimal("0.01")
_PRODUCT = msgspec.json.Decoder(Product)
_BROWSE = msgspec.json.Decoder(Browse)


def restocked(connection: Connection[Any], scope: Scope) -> Iterator[Happening]:
    """That something can be bought again, for everybody who waits for it."""
    rule, account = scope.pair.stock, scope.pair.source.account
    since = scope.now - 2 * rule.useful_for
    for variant_key, times, back_at, person_id, email, doc in connection.execute(
        _RESTOCKED, scope.parameters(since=since)
    ).fetchall():
        product = _PRODUCT.decode(doc)
        variant = next(one for one in product.variants if one.key == variant_key)
        yield Happening(
            event_id=f"restock:{account}:{variant_key}:{times}:{person_id}",
            name="back_in_stock",
            person_id=person_id,
            email=email,
            at=back_at,
            useful_until=back_at + rule.useful_for,
            properties=_about(product, variant, scope.pair.value.currency),
        )


def browsed(connection: Connection[Any], scope: Scope, live_at: datetime) -> Iterator[Happening]:
    """What people have done in the shop since the pair went live (aware UTC)."""
    rule, account = scope.pair.browsing, scope.pair.source.account
    for person_id, email, doc in connection.execute(_BROWSED, scope.parameters(live_at=live_at)).fetchall():
        browse = _BROWSE.decode(doc)
        yield Happening(
            event_id=f"browse:{account}:{browse.key}",
            name=browse.name,
            person_id=person_id,
            email=email,
            at=browse.updated_at,
            useful_until=browse.updated_at + rule.useful_for,
            properties=_said(
                {"sku": browse.sku, "product": browse.product, "collection": browse.collection, "url": browse.url}
            ),
        )


def _about(product: Product, variant: Variant, currency: str) -> dict[str, str]:
    price = next((price for price in variant.prices if price.currency == currency), None)
    return _said(
        {
            "sku": variant.sku,
            "product": product.name,
            "variant": variant.name,
            "collection": product.collection,
            "price": f"{_money(price.amount)} {currency}" if price else None,
            "url": product.url,
            "image_url": product.image_url,
        }
    )


def _money(amount: Decimal) -> str:
    """An amount with two decimals, or as many more as it has."""
    cents = amount.quantize(_CENT)
    return str(cents) if cents == amount else f"{amount.normalize():f}"


def _said(properties: Mapping[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in properties.items() if text}
