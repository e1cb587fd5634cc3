"""Fulfil, an ERP: a source over its REST API (v2), in which reads are PUT requests.

May import what `vendors` may; `sandbox` imports nothing of its siblings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retail_sync.errors import ConfigurationError
from retail_sync.model.ports import Connection, Destination, Services, Source
from retail_sync.model.views import DestinationView


class Fulfil:
    """What this folder exports. See `model.ports.Vendor`."""

    name = "fulfil"
    connection_type = "fulfil"

    def source(self, settings: Mapping[str, Any], connection: Connection, services: Services) -> Source:
        """The source of a connection.

        Raises:
            ConfigurationError: A setting is unknown, or the connection has no host or token.
        """
        # Here, so that a DAG file that names us stays light.
        from retail_sync.vendors.fulfil.source import build

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
            "Fulfil is no destination", record=f"pair {pair.pair}", fix="Name another system as its destination."
        )


VENDOR = Fulfil()
