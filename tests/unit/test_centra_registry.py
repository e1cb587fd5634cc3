"""From a pair file to its vendors, without a vendor's name in the core."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from retail_sync.errors import ConfigurationError
from retail_sync.model.ports import Budget, Connection, Services
from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import find
from retail_sync.vendors.centra.client import endpoint
from retail_sync.vendors.registry import destination_view, open_destination, open_source, vendor


class Nothing:
    """A budget without limits."""

    def acquire(self, *, cost: float = 1.0, deadline: float | None = None) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        return None

    def slot(self) -> Any:
        raise NotImplementedError


def no_limits(name: str, rate: float | None, burst: float | None, slots: int | None) -> Budget:
    return Nothing()


SERVICES = Services(clock=lambda: datetime(2026, 5, 1, tzinfo=UTC), budget=no_limits)


def connection(name: str) -> Connection:
    return Connection(name, "https://shop.centra.test", password="a-token")


def pair(**source: Any) -> Pair:
    given = find("centra_to_mailchimp").model_dump(by_alias=True)
    return Pair.model_validate({**given, "source": given["source"] | source})


@pytest.mark.req("DAG-1")
def test_a_pair_file_leads_to_its_source() -> None:
    source = open_source(pair(), connection, SERVICES)
    assert source.streams["returns"].follows == "orders"


@pytest.mark.req("DAG-1")
@pytest.mark.parametrize("system", ["nobody", "carriers", "registry", "Centra", "../centra", ""])
def test_a_system_that_is_not_there_is_named(system: str) -> None:
    with pytest.raises(ConfigurationError, match="there is no system"):
        vendor(system)


@pytest.mark.req("DAG-1")
def test_a_source_is_no_destination() -> None:
    wrong = pair().model_copy(update={"destination": pair().destination.model_copy(update={"system": "centra"})})
    with pytest.raises(ConfigurationError, match="no destination"):
        open_destination(wrong, connection, SERVICES)


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize(
    "settings", [{"page_size": 0}, {"page_size": 500}, {"newsletter_field": "a b"}, {"timezone": "Mars"}, {"typo": 1}]
)
def test_a_wrong_setting_is_named(settings: Mapping[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(settings))):
        open_source(pair(settings=settings), connection, SERVICES)


@pytest.mark.req("DAG-1")
def test_a_destination_is_told_what_concerns_it() -> None:
    given = pair()
    view = destination_view(given)
    assert (view.pair, view.source_account, view.currency) == ("centra_to_mailchimp", "centra_main", "SEK")
    assert view.mapping["LTV"].value == "facts.lifetime_value"
    assert view.mapping.keys() == given.mapping.fields.keys()
    assert list(view.tags) == given.mapping.tags
    assert view.statuses == given.mapping.order_statuses
    assert view.without_consent == given.consent.without_consent


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("https://shop.centra.com", "https://shop.centra.com"),
        ("shop.centra.com/graphql", "https://shop.centra.com"),
        (" https://shop.centra.com/graphql/ ", "https://shop.centra.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_a_host_may_be_written_in_several_ways(host: str, url: str) -> None:
    assert endpoint(Connection("centra", host, password="a-token")) == url


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("wrong", [Connection("c", "", password="t"), Connection("c", "shop.centra.com")])
def test_a_connection_without_host_or_token_is_named(wrong: Connection) -> None:
    with pytest.raises(ConfigurationError, match="connection c"):
        endpoint(wrong)
