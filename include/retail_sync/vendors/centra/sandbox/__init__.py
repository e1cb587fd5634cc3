"""A server that behaves as Centra's Integration API does, for whoever has no account: GraphQL over an invented shop.

It is written from what is known of the API and shares nothing with our client of it, so that they don't share mistakes.
May import the standard library, msgspec, graphql-core, `sandbox.kit` and `sandbox.world.events`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retail_sync.sandbox.kit import Faults, Route, SandboxApp
from retail_sync.vendors.centra.sandbox import order_api
from retail_sync.vendors.centra.sandbox.dates import Calendar
from retail_sync.vendors.centra.sandbox.documents import Library
from retail_sync.vendors.centra.sandbox.endpoint import PATH, Endpoint
from retail_sync.vendors.centra.sandbox.execution import Engine
from retail_sync.vendors.centra.sandbox.mutations import Mutations
from retail_sync.vendors.centra.sandbox.nodes import Graph
from retail_sync.vendors.centra.sandbox.permissions import Permissions
from retail_sync.vendors.centra.sandbox.quotas import Quotas
from retail_sync.vendors.centra.sandbox.roots import Roots
from retail_sync.vendors.centra.sandbox.schema import build_schema
from retail_sync.vendors.centra.sandbox.settings import Settings, read_settings
from retail_sync.vendors.centra.sandbox.shelf import Shelf
from retail_sync.vendors.centra.sandbox.shop import Shop
from retail_sync.vendors.centra.sandbox.traps import KNOWN, Traps

__all__ = ["Settings", "build"]


def build(settings: Mapping[str, Any]) -> SandboxApp:
    """The sandbox.

    Args:
        settings: Plain JSON values by the names of `Settings`.

    Raises:
        msgspec.ValidationError: A setting that does not exist or is of a wrong type.
    """
    chosen = read_settings(settings)
    calendar = Calendar(chosen.timezone)
    schema = build_schema(chosen, calendar)
    shop = Shop(chosen)
    graph, quotas, faults = Graph(shop), Quotas(chosen.plan_scale), Faults(KNOWN)
    traps = Traps(faults, shop, quotas)
    endpoint = Endpoint(
        chosen,
        shop,
        library=Library(schema),
        engine=Engine(schema, calendar, Shelf(lambda: shop.revision)),
        permissions=Permissions(schema),
        quotas=quotas,
        roots=Roots(shop, graph, quotas, traps),
        mutations=Mutations(shop, graph, traps),
        traps=traps,
    )
    app = SandboxApp(
        "centra",
        shop,
        [
            Route("POST", PATH, endpoint.answer, endpoint.name, write=endpoint.writes),
            Route("GET", order_api.PATH, order_api.OrderApi(chosen, shop).shipments, "order_api"),
        ],
        connection=lambda url: _connection(url, chosen),
        before=endpoint.authenticate,
        faults=faults,
    )
    shop.now = app.clock.now
    return app


def _connection(url: str, settings: Settings) -> dict[str, Any]:
    return {"conn_type": "centra", "host": url, "password": settings.tokens[0].value}
