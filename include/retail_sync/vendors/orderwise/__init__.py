"""OrderWise, an ERP: a source over export definitions that are installed at the customer, and over its REST API.

May import what `vendors` may; only `sandbox` may import sqlglot, and it imports nothing of its siblings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retail_sync.errors import ConfigurationError
from retail_sync.model.ports import Connection, Destination, Services, Source
from retail_sync.model.views import DestinationView


class OrderWise:
    """What this folder exports. See `model.ports.Vendor`."""

    name = "orderwise"
    connection_type = "orderwise"

    def source(self, settings: Mapping[str, Any], connection: Connection, services: Services) -> Source:
        """The source of a connection.

        Raises:
            ConfigurationError: A setting is unknown, or the connection has no host, login or password.
        """
        # Here, so that a DAG file that names us stays light.
        from retail_sync.vendors.orderwise.source import build

        return build(settings, connection, services)

    def destination(
        self,
        settings: Mapping[str, Any],  # noqa: ARG002
        connection: Connection,  # noqa: ARG002
        services: Services,  # noqa: ARG002
        pair: DestinationView,
    ) -> Destination:
        """There is none.

        Raises:
            ConfigurationError: Always.
        """
        raise ConfigurationError(
            "OrderWise is no destination", record=f"pair {pair.pair}", fix="Name another system as its destination."
        )


VENDOR = OrderWise()
