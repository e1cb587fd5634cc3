"""Where an order came from, as far as a merchant's own habits tell."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from retail_sync.model.records import Order
from retail_sync.vendors.centra.facts import Settings
from tests.unit.centra_nodes import order, read_orders


def one(settings: Settings | None = None, **fields: Any) -> Order:
    (record,) = read_orders([order(**fields)], settings).records
    assert isinstance(record, Order)
    return record


def attribute(name: str, value: str) -> dict[str, Any]:
    return {"type": {"name": name, "isMapped": False}, "elements": [{"key": "text", "value": value}]}


@pytest.mark.req("ORD-9")
def test_affiliate_and_campaign_stay_on_the_order() -> None:
    came: dict[str, Any] = {"affiliate": {"name": "Blogg & Co"}, "attributes": [attribute("campaign", "spring")]}
    assert (one(**came).affiliate, one(**came).campaign) == ("Blogg & Co", None)
    assert one(Settings(campaign_attribute="campaign"), **came).campaign == "spring"


@pytest.mark.req("ORD-1")
def test_an_exchange_names_its_original_where_the_merchant_does() -> None:
    said: dict[str, Any] = {
        "internalComment": "Exchange of order 1000, by phone",
        "attributes": [attribute("replaces", "999")],
    }
    assert one(**said).exchange_of is None
    assert one(Settings(exchange_comment="Exchange of order ([0-9]+)"), **said).exchange_of == "1000"
    assert one(Settings(exchange_attribute="replaces"), **said).exchange_of == "999"
    assert one(Settings(exchange_comment="Replaces ([0-9]+)"), **said).exchange_of is None


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("pattern", ["(", "no group", "(two) (groups)"])
def test_a_pattern_that_finds_no_number_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match="exchange_comment"):
        Settings(exchange_comment=pattern)
