"""A server that behaves as Fulfil's API v2 does, for whoever has no account: models of an invented merchant over HTTP.

It is written from what is known of the API and shares nothing with our client of it, so that they don't share mistakes.
May import the standard library, msgspec, `sandbox.kit` and `sandbox.world.events`.

The models: `party.party`, `party.contact_mechanism`, `party.address`, `party.category`, `metafield.value`,
`country.country`, `sale.channel`, `sale.sale`, `sale.line`, `channel.exception`, `product.price_list`,
`stock.shipment.out`, `stock.shipment.out.return`, `stock.move`, `stock.location`, `carrier`, `carrier.service`,
`shipment.tracking`, `product.template`, `product.product`, `product.category`, `product.product.attribute`,
`product.media`, `account.invoice`, `account.invoice.line`, `account.tax`, `sale.payment`,
`payment_gateway.transaction`, `currency.currency`, `ir.webhook`. Endpoints are named `model/method` in log and faults.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retail_sync.sandbox.kit import Faults, SandboxApp
from retail_sync.vendors.fulfil.sandbox.access import Access
from retail_sync.vendors.fulfil.sandbox.calls import Calls
from retail_sync.vendors.fulfil.sandbox.endpoint import Endpoint
from retail_sync.vendors.fulfil.sandbox.limits import Limits
from retail_sync.vendors.fulfil.sandbox.schema import Schema
from retail_sync.vendors.fulfil.sandbox.search import Finder
from retail_sync.vendors.fulfil.sandbox.selection import Selections
from retail_sync.vendors.fulfil.sandbox.settings import Settings, read_settings
from retail_sync.vendors.fulfil.sandbox.shop import Shop
from retail_sync.vendors.fulfil.sandbox.traps import KNOWN, Traps
from retail_sync.vendors.fulfil.sandbox.writing import Writer

__all__ = ["HURRY", "Settings", "build"]

#: What a pair may set for its end here, where nobody is to be spared.
HURRY: Mapping[str, Any] = {"rate": 1000.0}


def build(settings: Mapping[str, Any]) -> SandboxApp:
    """The sandbox.

    Args:
        settings: Plain JSON values by the names of `Settings`.

    Raises:
        msgspec.ValidationError: A setting that does not exist or is of a wrong type.
    """
    chosen = read_settings(settings)
    shop, faults = Shop(chosen), Faults(KNOWN)
    schema = Schema(shop.db, chosen)
    # The shop is given the sandbox's clock below.
    limits = Limits(chosen.limit_scale, retry_after=chosen.retry_after, now=lambda: shop.now())  # noqa: PLW0108
    traps = Traps(faults, shop, limits)
    calls = Calls(
        shop,
        schema,
        finder=Finder(schema),
        selections=Selections(schema, chosen.date_form),
        writer=Writer(schema, shop.time),
        traps=traps,
    )
    endpoint = Endpoint(chosen, schema, calls=calls, access=Access(chosen, shop), limits=limits, traps=traps)
    app = SandboxApp(
        "fulfil",
        shop,
        endpoint.routes(),
        connection=lambda url: _connection(url, chosen),
        before=endpoint.before,
        not_found=endpoint.not_found,
        faults=faults,
    )
    shop.now = app.clock.now
    return app


def _connection(url: str, settings: Settings) -> dict[str, Any]:
    return {"conn_type": "fulfil", "host": url, "password": settings.tokens[0].value}
