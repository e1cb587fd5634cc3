"""The fields of each type of record, and what an insertion needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from retail_sync.vendors.ometria.sandbox.schema import (
    Check,
    Flaw,
    anything,
    boolean,
    choice,
    country,
    currency,
    day,
    email,
    integer,
    key,
    many,
    moment,
    number,
    phone,
    scalar,
    string,
    text,
    thing,
    words,
)

OUT, IN, UNSAID = "EXPLICITLY_OPTEDOUT", "EXPLICITLY_OPTEDIN", "NOT_SPECIFIED"
_PROPERTIES = words(scalar)
_AMOUNTS = thing(dict.fromkeys(("grand_total", "subtotal", "discount", "shipping", "tax"), number))
_LINE_AMOUNTS = thing(dict.fromkeys(("unit_price", "subtotal", "tax", "discount", "refunded", "total"), number))
_PLACE = {"city": text, "state": text, "postcode": text, "country_code": country}
_SMS = {
    "allow_marketing": boolean,
    "allow_transactional": boolean,
    "dt_updated_marketing": moment,
    "dt_updated_transactional": moment,
}

CONTACT = {
    "@type": choice("contact"),
    "@collection": key,
    "@profile_id": text,
    "id": key,
    "email": email,
    "phone_number": phone,
    "marketing_optin": choice(IN, OUT, UNSAID),
    "customer_id": key,
    "@add_to_lists": many(integer),
    "@remove_from_lists": many(integer),
    "@force_optin": boolean,
    "@merge": boolean,
    "prefix": text,
    "firstname": text,
    "middlename": text,
    "lastname": text,
    "gender": choice("m", "f", "o"),
    "date_of_birth": day,
    "country_id": country,
    "store_ids": many(text),
    "timezone": text,
    "timestamp_acquired": moment,
    "timestamp_subscribed": moment,
    "timestamp_unsubscribed": moment,
    "properties": _PROPERTIES,
    "channels": thing({"sms": thing(_SMS)}),
}
#: What says how a record is to be taken, and is no part of it.
DIRECTIVES = frozenset({"@merge", "@force_optin", "@add_to_lists", "@remove_from_lists", "@profile_id"})

LINE = {
    "product_id": key,
    "variant_id": text,
    "sku": text,
    "quantity": number,
    "quantity_refunded": number,
    "unit_price": number,
    "subtotal": number,
    "tax": number,
    "discount": number,
    "refunded": number,
    "total": number,
    "is_on_sale": boolean,
    "variant_options": many(thing({"type": text, "id": text, "label": text})),
    "totals": thing({"base": _LINE_AMOUNTS, "local": _LINE_AMOUNTS}),
    "properties": _PROPERTIES,
}
_LINE = thing(LINE, required=("product_id", "quantity"))


def _line(value: Any) -> Sequence[Flaw]:
    flaws = _LINE(value)
    if not flaws and value.get("unit_price") is None and value.get("subtotal") is None:
        return (Flaw("unit_price", "Either unit_price or subtotal is required"),)
    return flaws


ORDER = {
    "@type": choice("order"),
    "id": key,
    "timestamp": moment,
    "grand_total": number,
    "subtotal": number,
    "discount": number,
    "shipping": number,
    "tax": number,
    "currency": currency,
    "web_id": text,
    "status": text,
    "is_valid": boolean,
    "customer": thing({"id": key, "email": email, "firstname": text, "lastname": text}),
    "lineitems": many(_line),
    "ip_address": text,
    "channel": text,
    "store": text,
    "payment_method": text,
    "shipping_method": text,
    "shipping_address": thing(_PLACE),
    "billing_address": thing(_PLACE),
    "coupon_code": text,
    "properties": _PROPERTIES,
    "totals": thing({"base": _AMOUNTS, "local": _AMOUNTS}),
}

_OFFER = {
    "title": text,
    "price": number,
    "special_price": number,
    "url": text,
    "image_url": text,
    "is_active": boolean,
    "currency": currency,
}
PRODUCT = {
    **_OFFER,
    "@type": choice("product"),
    "@merge": boolean,
    "id": key,
    # ASSUMED: how a variant names its page; no document that could be read says it.
    "parent_id": key,
    "sku": text,
    "special_price_dt_from": moment,
    "special_price_dt_to": moment,
    "is_in_stock": boolean,
    "is_variant": boolean,
    "attributes": many(thing({"type": text, "@type": text, "id": text, "label": text})),
    "listings": many(thing({**_OFFER, "store": key}, required=("store",))),
    "properties": _PROPERTIES,
}


def _event_property(value: Any) -> Sequence[Flaw]:
    return string(longest=512)(value) if type(value) is str else anything(value)


EVENT = {
    "@type": choice("custom_event"),
    "id": key,
    "timestamp": moment,
    "event_type": key,
    "profile_id": key,
    "identity_email": email,
    "identity_account_id": key,
    "properties": words(_event_property),
}
IDENTITIES = ("profile_id", "identity_email", "identity_account_id")


class Shape(NamedTuple):
    """A type of record.

    Attributes:
        check: Of what was sent.
        needed: Fields that a record must have once it stands.
    """

    check: Check
    needed: tuple[str, ...]

    def missing(self, record: Mapping[str, Any]) -> Flaw | None:
        """What a record lacks to stand on its own."""
        lacking = next((name for name in self.needed if record.get(name) is None), None)
        return Flaw(lacking, "Required field is missing") if lacking else None


SHAPES: Mapping[str, Shape] = {
    "contact": Shape(thing(CONTACT, required=("@type", "@collection", "id")), ()),
    "order": Shape(thing(ORDER, required=("@type", "id")), ("timestamp",)),
    "product": Shape(thing(PRODUCT, required=("@type", "id")), ("title",)),
    "custom_event": Shape(thing(EVENT, required=("@type", "id", "timestamp", "event_type")), ()),
}
