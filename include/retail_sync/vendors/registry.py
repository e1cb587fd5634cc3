"""Finds a vendor's folder by the system that a pair file names. Knows none of them by name."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from retail_sync.errors import ConfigurationError
from retail_sync.model.people import OrderState
from retail_sync.model.ports import Connections, Destination, Services, Source, Vendor
from retail_sync.model.views import DestinationView, FieldMapping
from retail_sync.pairs.config import Pair

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def vendor(system: str) -> Vendor:
    """What the folder of that system exports as `VENDOR`.

    Raises:
        ConfigurationError: There is no such system.
    """
    module = f"{__package__}.{system}"
    if not _NAME.fullmatch(system) or find_spec(module) is None:
        raise _unknown(system)
    found = getattr(import_module(module), "VENDOR", None)
    if found is None:
        raise _unknown(system)
    return cast(Vendor, found)


def place_of(pair: Pair) -> tuple[str, ...]:
    """Where the contacts of a pair's destination are, whatever its file calls the account."""
    end = pair.destination
    try:
        apart = vendor(end.system).apart
    except ConfigurationError:
        apart = ()
    return end.system, end.connection, *(str(end.settings.get(name)) for name in apart)


def open_source(pair: Pair, connections: Connections, services: Services) -> Source:
    """The pair's source account.

    Raises:
        ConfigurationError: The system is unknown or no source, a setting is wrong, or there is no such connection.
    """
    end = pair.source
    return vendor(end.system).source(end.settings, connections(end.connection), services)


def open_destination(
    pair: Pair, connections: Connections, services: Services, withheld: frozenset[str] = frozenset()
) -> Destination:
    """The pair's destination account, which is told no fact that is withheld.

    Raises:
        ConfigurationError: The system is unknown or no destination, a setting is wrong, or there is no such connection.
    """
    end = pair.destination
    connection = connections(end.connection)
    return vendor(end.system).destination(end.settings, connection, services, destination_view(pair, withheld))


def destination_view(pair: Pair, withheld: frozenset[str] = frozenset()) -> DestinationView:
    """What a destination may know of the pair that it serves."""
    return DestinationView(
        pair=pair.pair,
        source_account=pair.source.account,
        mapping={name: FieldMapping(**field.model_dump()) for name, field in pair.owned_fields.items()},
        tags=tuple(pair.owned_tags),
        currency=pair.value.currency,
        statuses=pair.mapping.order_statuses,
        triggers=_triggers(pair),
        useful_for=pair.triggers.useful_for,
        events=pair.shipments.told | pair.stock.told | pair.browsing.told,
        withheld=withheld,
        without_consent=pair.consent.without_consent,
        double_opt_in=pair.consent.double_opt_in,
    )


def _triggers(pair: Pair) -> dict[OrderState, list[str]]:
    """What is told of an order; of what has left only where the destination's own shipping mail is wanted."""
    mailed = pair.shipments.vendor_mail
    return {
        state: words for state, words in pair.triggers.orders.items() if mailed or not state.startswith("fulfillment.")
    }


def _unknown(system: str) -> ConfigurationError:
    return ConfigurationError(
        f"there is no system {system!r}", fix="Name a folder of retail_sync/vendors that exports VENDOR."
    )
