"""Parcels to customers, goods on their way back, and who carries them."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from retail_sync.vendors.fulfil.sandbox.database import Database
from retail_sync.vendors.fulfil.sandbox.fields import Field, Model, absent, computed, link, links, model, plain
from retail_sync.vendors.fulfil.sandbox.settings import Settings


def fulfilment_models(db: Database, settings: Settings) -> list[Model]:
    """The models of what is sent and comes back.

    ASSUMED: `shipped_at` and `tracking_url` of shipments, `origin` and `shipment` of moves, and the tracking record.
    """
    number = attrgetter("number")
    return [
        model(
            "stock.shipment.out",
            db.shipments,
            [*_shared(), *_sent(settings), *_moves("outgoing_moves", "inventory_moves")],
            rec_name=number,
        ),
        model(
            "stock.shipment.out.return",
            db.return_shipments,
            [*_shared(), *_moves("incoming_moves", "inventory_moves"), computed("reference", "origin", _origin)],
            rec_name=number,
        ),
        model(
            "stock.move",
            db.moves,
            [
                *plain("reference", "shipment", "origin"),
                link("product", "product.product"),
                computed("float", "quantity", lambda move: float(move.quantity)),
                *plain("char", "state"),
            ],
            rec_name=attrgetter("origin"),
        ),
        model("carrier", db.carriers, plain("char", "name", "code")),
        model("carrier.service", db.services, [*plain("char", "name", "code"), _carrier_of_service()]),
        model("stock.location", db.locations, [*plain("char", "name", "code"), *_location()]),
        model(
            "shipment.tracking",
            db.trackings,
            [*plain("char", "tracking_number", "tracking_url"), link("carrier", "carrier")],
            rec_name=attrgetter("tracking_number"),
        ),
    ]


def _shared() -> list[Field]:
    return [
        *plain("char", "number", "reference", "state"),
        computed("char", "code", attrgetter("number")),
        link("customer", "party.party"),
        link("delivery_address", "party.address"),
        link("warehouse", "stock.location"),
        computed("many2one", "company", lambda _: 1, "company.company"),
        *plain("date", "planned_date", "effective_date"),
    ]


def _sent(settings: Settings) -> list[Field]:
    tracking = plain("char", "tracking_number")
    if settings.tracking == "record":
        tracking = [link("tracking_number", "shipment.tracking")]
    return [
        *tracking,
        *plain("char", "tracking_url", "priority"),
        *plain("datetime", "shipped_at"),
        link("carrier", "carrier"),
        link("carrier_service", "carrier.service"),
        computed("list", "sales", lambda shipment: [shipment.sale], "sale.sale", "shipments"),
        computed("list", "packages", lambda _: [], "stock.package"),
        computed("list", "root_packages", lambda _: [], "stock.package"),
        *absent("char", "delivery_mode", "shipping_instructions"),
        computed("char", "picking_status", lambda shipment: "done" if shipment.state == "done" else None),
    ]


def _moves(*names: str) -> list[Field]:
    return [
        links("moves", "stock.move"),
        *[computed("list", name, attrgetter("moves"), "stock.move") for name in names],
    ]


def _origin(shipment: Any) -> str:
    return f"sale.sale,{shipment.sale}"


def _carrier_of_service() -> Field:
    return Field("carrier", "many2one", attrgetter("parent"), "carrier", stored=False)


def _location() -> list[Field]:
    return [computed("char", "type", lambda _: "warehouse"), computed("boolean", "active", lambda _: True)]
