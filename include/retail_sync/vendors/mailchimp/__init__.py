"""Mailchimp, a marketing platform: a destination over its Marketing API 3.0, one audience with the store tied to it.

May import what `vendors` may; `sandbox` imports nothing of its siblings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retail_sync.errors import ConfigurationError
from retail_sync.model.ports import Connection, Destination, Services, Source
from retail_sync.model.views import DestinationView


class Mailchimp:
    """What this folder exports. See `model.ports.Vendor`."""

    name = "mailchimp"
    connection_type = "mailchimp"

    def source(self, settings: Mapping[str, Any], connection: Connection, services: Services) -> Source:  # noqa: ARG002
        """There is none.

        Raises:
            ConfigurationError: Always.
        """
        raise ConfigurationError(
            "Mailchimp is no source", record=f"connection {connection.name}", fix="Name another system as the source."
        )

    def destination(
        self, settings: Mapping[str, Any], connection: Connection, services: Services, pair: DestinationView
    ) -> Destination:
        """The destination of a connection, as a pair wants it.

        Raises:
            ConfigurationError: A setting, a field or a tag can't be, or the connection has no key.
        """
        # A DAG file that names us stays light.
        from retail_sync.vendors.mailchimp.destination import build

        return build(settings, connection, services, pair)


VENDOR = Mailchimp()
