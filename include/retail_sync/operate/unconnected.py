"""The ends of a pair built for connections that lead nowhere: what its file decides before anybody connects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from retail_sync.model.ports import Budget, Connection, Destination, Services, Source
from retail_sync.pairs.config import Pair
from retail_sync.steps.clock import system_clock
from retail_sync.vendors import carriers
from retail_sync.vendors.registry import open_destination, open_source

#: RFC 6761 keeps `.invalid` from ever leading anywhere.
_NOWHERE = "https://nowhere.invalid"


class _Anything(Mapping[str, str]):
    """Holds whatever a vendor looks for: what a connection lacks is no fault of the pair file."""

    def __getitem__(self, key: str) -> str:
        return _NOWHERE

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def source_of(pair: Pair) -> Source:
    """The pair's source, as far as its file decides it. It must not be asked anything.

    Raises:
        ConfigurationError: The system is unknown or no source, or a setting of it is wrong.
    """
    return open_source(pair, _connection, _services(pair))


def destination_of(pair: Pair) -> Destination:
    """The pair's destination with all that the pair will tell it, as far as its file decides it. It must not be asked.

    Raises:
        ConfigurationError: The system is unknown or no destination, or a setting, a field, a tag or a word is wrong.
    """
    return open_destination(pair, _connection, _services(pair))


def _connection(name: str) -> Connection:
    return Connection(name, _NOWHERE, login=_NOWHERE, password=_NOWHERE, extra=_Anything())


def _services(pair: Pair) -> Services:
    # Who asks nobody uses no allowance, so that nothing ever looks at this one.
    unused = cast(Budget, None)
    return Services(system_clock, lambda *_: unused, carriers.read(), pair.load.share, _connection)
