"""A server that behaves as an OrderWise installation does, for whoever has none: its API over an invented database.

Export definitions are really executed: T-SQL is translated for sqlite. It is written from what is known of the API and
shares nothing with our client of it, so that they don't share mistakes: the definitions that the product ships are
read as files, as a person would paste them in.
May import the standard library, msgspec, sqlglot, `sandbox.kit` and `sandbox.world.events`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retail_sync.sandbox.kit import Faults, Route, SandboxApp
from retail_sync.vendors.orderwise.sandbox.access import Access
from retail_sync.vendors.orderwise.sandbox.analysis_api import AnalysisApi
from retail_sync.vendors.orderwise.sandbox.customers_api import CustomersApi
from retail_sync.vendors.orderwise.sandbox.definitions import Definitions
from retail_sync.vendors.orderwise.sandbox.doors import SCREEN, TOKEN, Doors
from retail_sync.vendors.orderwise.sandbox.exports import Exports
from retail_sync.vendors.orderwise.sandbox.goods_api import GoodsApi
from retail_sync.vendors.orderwise.sandbox.replies import not_there
from retail_sync.vendors.orderwise.sandbox.settings import Settings, read_settings
from retail_sync.vendors.orderwise.sandbox.shop import Shop
from retail_sync.vendors.orderwise.sandbox.traps import KNOWN, Traps

__all__ = ["HURRY", "Settings", "build"]

#: What a pair may set for its end here, where nobody is to be spared.
HURRY: Mapping[str, Any] = {"rate_limit": 1000.0}


def build(settings: Mapping[str, Any]) -> SandboxApp:
    """The sandbox.

    Args:
        settings: Plain JSON values by the names of `Settings`.

    Raises:
        msgspec.ValidationError: A setting that does not exist or is of a wrong type.
        RefusedDefinitionError: An export definition that can't be installed.
    """
    chosen = read_settings(settings)
    shop, faults = Shop(chosen), Faults(KNOWN)
    definitions = Definitions(shop.database, chosen.definitions_folder, chosen.definitions)
    shop.on_reset = definitions.reset
    access, traps = Access(chosen, shop), Traps(faults, shop)
    doors = Doors(chosen.base, _routes(shop, access, Exports(chosen, definitions, traps)), access, traps)
    app = SandboxApp(
        "orderwise",
        shop,
        doors.routes(),
        connection=lambda url: _connection(url, chosen),
        not_found=not_there,
        faults=faults,
        latency=chosen.latency,
    )
    shop.now = app.clock.now
    return app


def _routes(shop: Shop, access: Access, exports: Exports) -> list[Route]:
    customers, goods = CustomersApi(shop), GoodsApi(shop)
    analysis = AnalysisApi(shop, customers)
    return [
        Route("GET", TOKEN, access.log_in, "token"),
        Route("GET", SCREEN, exports.listing, "screen"),
        Route("POST", SCREEN, exports.install, "screen"),
        Route("POST", "/system/export-definition/{id}", exports.run, exports.name),
        Route("GET", "/customers", customers.customers, "customers"),
        Route("GET", "/customers/{id}", customers.customer, "customer"),
        Route("PUT", "/customers/{id}", analysis.put_customer, "customer", write=True),
        Route("GET", "/customers/{id}/customer-contacts", customers.contacts, "contacts"),
        Route("PUT", "/customers/{id}/customer-contacts/{contact}", analysis.put_contact, "contact", write=True),
        Route("GET", "/crm/{id}", customers.crm, "crm"),
        Route("GET", "/crm/{id}/activities", customers.activities, "activities"),
        Route("GET", "/stock/variants", goods.variants, "variants"),
        Route("GET", "/stock/{id}/free-stock", goods.free_stock, "free stock"),
        Route("GET", "/variants/{id}", goods.variant, "variant"),
        Route("GET", "/sales/order/{id}/status", goods.order_status, "order status"),
        Route("GET", "/system/stock-locations", goods.stock_locations, "stock locations"),
        Route("GET", "/value-lists/{id}", goods.value_list, "value list"),
    ]


def _connection(url: str, settings: Settings) -> dict[str, Any]:
    user = settings.users[0]
    return {
        "conn_type": "orderwise",
        "host": f"{url}{settings.base}",
        "login": user.name,
        "password": user.password,
    }
