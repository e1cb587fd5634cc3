"""Parties, and how they are reached."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from retail_sync.vendors.fulfil.sandbox.database import Database
from retail_sync.vendors.fulfil.sandbox.fields import Field, Model, absent, computed, link, links, model, needed, plain
from retail_sync.vendors.fulfil.sandbox.records import Party

#: Kinds of contacts. ASSUMED beyond those that integrators use: as in the open ancestor.
_CONTACTS = frozenset({"phone", "mobile", "fax", "email", "website", "skype", "sip", "irc", "jabber", "other"})


def party_models(db: Database) -> list[Model]:
    """The models of who the merchant deals with.

    `metafield.value` is ASSUMED whole: vendors' talks name metafields of parties, no payload is public.
    """
    return [
        model("party.party", db.parties, _party_fields(db), creatable=True),
        model(
            "party.contact_mechanism",
            db.mechanisms,
            [
                needed("many2one", "party", "party.party", "contact_mechanisms"),
                needed("char", "type", choices=_CONTACTS),
                needed("char", "value"),
                *plain("char", "name", "comment"),
                *plain("boolean", "active"),
            ],
            rec_name=attrgetter("value"),
            creatable=True,
        ),
        model(
            "party.address",
            db.addresses,
            [
                needed("many2one", "party", "party.party", "addresses"),
                *plain("char", "name", "street", "city", "zip", "email", "phone"),
                link("country", "country.country"),
                link("subdivision", "country.subdivision"),
                *plain("boolean", "active"),
            ],
            rec_name=lambda address: ", ".join(part for part in (address.name, address.street, address.city) if part),
            creatable=True,
        ),
        model(
            "party.category",
            db.categories,
            [needed("char", "name"), link("parent", "party.category")],
            creatable=True,
        ),
        model(
            "metafield.value",
            db.metafields,
            [needed("reference", "record", inverse="metafields"), needed("char", "key"), *plain("char", "value")],
            rec_name=attrgetter("key"),
            creatable=True,
        ),
        model("country.country", db.countries, plain("char", "name", "code")),
        model("country.subdivision", db.subdivisions, plain("char", "name", "code")),
    ]


def _party_fields(db: Database) -> list[Field]:
    return [
        needed("char", "name"),
        *plain("char", "code", "lang"),
        *plain("boolean", "active"),
        computed("char", "full_name", attrgetter("name")),
        *[computed("char", kind, _first(db, kind)) for kind in ("email", "phone", "mobile", "fax", "website")],
        links("categories", "party.category"),
        links("addresses", "party.address", "party"),
        links("contact_mechanisms", "party.contact_mechanism", "party"),
        links("metafields", "metafield.value"),
        link("account_manager", "company.employee"),
        link("sale_price_list", "product.price_list"),
        computed("boolean", "is_customer", lambda _: True),
        computed("boolean", "is_supplier", lambda _: False),
        *absent("char", "vat_number", "amazon_user_email"),
        *absent("integer", "channel", "customer_tax_rule", "customer_payment_term", "default_payment_profile"),
        *absent("numeric", "receivable", "receivable_today", "payable", "payable_today"),
    ]


def _first(db: Database, kind: str) -> Callable[[Party], str | None]:
    """The value of a party's first contact of a kind; the others are seen only by who asks for them."""

    def read(party: Party) -> str | None:
        rows = (db.mechanisms[number] for number in party.contact_mechanisms)
        return next((row.value for row in rows if row.type == kind and row.active), None)

    return read
