"""What the folder of a vendor exports that has one role only: it is a source, or it is a destination."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from retail_sync.errors import ConfigurationError
from retail_sync.model.ports import Connection, Destination, Services, Source
from retail_sync.model.views import DestinationView


class SourceOnly:
    """A vendor that records come from. See `model.ports.Vendor`.

    Its folder's module `source` has a function `build`, and is imported when that is first needed: a DAG file that
    names the vendor stays light.

    Args:
        name: The system's name, which is that of the folder and of the connection type.
        title: What people call it.
    """

    apart: tuple[str, ...] = ()

    def __init__(self, name: str, title: str) -> None:
        self.name = self.connection_type = name
        self._title = title

    def source(self, settings: Mapping[str, Any], connection: Connection, services: Services) -> Source:
        """The source of a connection.

        Raises:
            ConfigurationError: A setting is unknown or wrong, or the connection lacks something.
        """
        module = import_module(f"{__package__}.{self.name}.source")
        return cast(Source, module.build(settings, connection, services))

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
            f"{self._title} is no destination",
            record=f"pair {pair.pair}",
            fix="Name another system as its destination.",
        )


class DestinationOnly:
    """A vendor that contacts and orders go to. See `model.ports.Vendor`; its folder's module is `destination`.

    Args:
        name: The system's name, which is that of the folder and of the connection type.
        title: What people call it.
        apart: The settings that tell places behind one connection apart, each with contacts of its own.
    """

    def __init__(self, name: str, title: str, *, apart: tuple[str, ...] = ()) -> None:
        self.name = self.connection_type = name
        self.apart = apart
        self._title = title

    def source(
        self,
        settings: Mapping[str, Any],  # noqa: ARG002
        connection: Connection,
        services: Services,  # noqa: ARG002
    ) -> Source:
        """There is none.

        Raises:
            ConfigurationError: Always.
        """
        raise ConfigurationError(
            f"{self._title} is no source",
            record=f"connection {connection.name}",
            fix="Name another system as its source.",
        )

    def destination(
        self, settings: Mapping[str, Any], connection: Connection, services: Services, pair: DestinationView
    ) -> Destination:
        """The destination of a connection.

        Raises:
            ConfigurationError: A setting or a field can't be, or the connection lacks something.
        """
        module = import_module(f"{__package__}.{self.name}.destination")
        return cast(Destination, module.build(settings, connection, services, pair))
