"""OrderWise's answers, written by hand: the smallest row of each sort, and an installation that gives nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from retail_sync.model.reading import Page, Window
from retail_sync.model.records import Record, Stream
from retail_sync.vendors.carriers import Carriers, read
from retail_sync.vendors.orderwise.client import Answered, OrderWiseClient
from retail_sync.vendors.orderwise.exports import definition
from retail_sync.vendors.orderwise.facts import EXPORTS, ExportName, Settings
from retail_sync.vendors.orderwise.source import OrderWiseSource

READ_AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
WINDOW = Window(datetime(2026, 4, 30, tzinfo=UTC), READ_AT)
STATUSES = {"Awaiting despatch": "confirmed", "On hold": "held", "Completed": "shipped", "Cancelled": "cancelled"}
Json = dict[str, Any]


class Installation:
    """Stands in for the client: gives these rows by definition, whatever is asked, in pages of their own.

    Args:
        rows: Rows by definition.
    """

    def __init__(self, rows: Mapping[ExportName, Sequence[Json]]) -> None:
        self.rows = rows
        self.asked: defaultdict[ExportName, list[Mapping[str, Any]]] = defaultdict(list)

    def export(self, name: ExportName, parameters: Mapping[str, Any]) -> Answered:
        self.asked[name].append(parameters)
        return Answered(page(name, self.rows.get(name, ()), parameters["@last_id"], parameters["@page"]), READ_AT)


def page(name: ExportName, rows: Sequence[Json], last_id: int = 0, size: int = 1000) -> list[Json]:
    """What a definition answers, with what it says of itself."""
    wanted = definition(name)
    key = wanted.key
    left = sorted({row[key] for row in rows if row[key] > last_id})
    given = [row for row in rows if row[key] in left[:size]]
    if not given:
        return [dict.fromkeys(wanted.columns) | {"rows_here": 1}]
    return [dict.fromkeys(wanted.columns) | row | {"rows_here": len(given), "keys_left": len(left)} for row in given]


def source(rows: Mapping[ExportName, Sequence[Json]], **settings: Any) -> tuple[OrderWiseSource, Installation]:
    """A source that reads these rows."""
    installation = Installation(rows)
    own = Settings.model_validate({"definitions": dict.fromkeys(EXPORTS, 1), "statuses": STATUSES} | settings)
    client = cast(OrderWiseClient, installation)
    return OrderWiseSource(client, own, Carriers(read()), lambda: READ_AT), installation


def pages(stream: Stream, rows: Mapping[ExportName, Sequence[Json]], **settings: Any) -> list[Page]:
    """The pages of a stream that has these rows."""
    return list(source(rows, **settings)[0].extract(stream, WINDOW))


def records(stream: Stream, rows: Mapping[ExportName, Sequence[Json]], **settings: Any) -> list[Record]:
    """The records of a stream that has these rows; none may be refused."""
    found = pages(stream, rows, **settings)
    assert not [page.refused for page in found if page.refused]
    return [record for page in found for record in page.records]


def order(**fields: Any) -> Json:
    return {
        "oh_id": 17,
        "order_number": "SO17",
        "shop_number": "10017",
        "order_type": 1,
        "ordered_at": "2026-04-30T10:00:00.087",
        "amended_at": "2026-04-30T10:00:00.087",
        "status": "Awaiting despatch",
        "customer_id": 5,
        "customer_email": "account@mail.test",
        "currency": "SEK",
        "exchange_rate": 1,
        "total_gross": Decimal("249.50"),
        "total_vat": Decimal("49.90"),
        "delivery_gross": Decimal("49.50"),
        "delivery_net": Decimal("39.60"),
        "delivery_name": "Åsa Berg",
        "delivery_contact": "Åsa Berg",
        "delivery_country": "Sweden",
        "delivery_code": "SE",
        "delivery_email": "asa@mail.test ",
        "channel_session": "Website",
        "channel_account": "no",
        **fields,
    }


def line(**fields: Any) -> Json:
    return {
        "oli_id": 170,
        "oh_id": 17,
        "variant_id": 7,
        "product_id": 3,
        "sku": "COAT-M ",
        "name": "Coat",
        "quantity": Decimal("2.0"),
        "cancelled": 0,
        "item_gross": 100,
        "list_gross": 120,
        "sold_alone": True,
        "gift_card": False,
        **fields,
    }


def despatch(**fields: Any) -> Json:
    return {
        "dh_id": 90,
        "oh_id": 17,
        "number": "D17-1",
        "consignment": "TN 1/2",
        "despatched_at": "2026-04-30T15:00:00.000",
        "method": "Express",
        "courier": "Parcel Co",
        "line_id": 170,
        "quantity": 2,
        **fields,
    }


def credit(**fields: Any) -> Json:
    return {
        "oh_id": 40,
        "order_type": 4,
        "credited_at": "2026-04-30T16:00:00.000",
        "status": "Completed",
        "customer_id": 5,
        "currency": "SEK",
        "total_gross": 100,
        "original_id": 17,
        "original_number": "SO17",
        "original_shop_number": "10017",
        **fields,
    }


def customer(**fields: Any) -> Json:
    return {
        "cd_id": 5,
        "name": "Åsa Berg ",
        "email": "Asa@mail.test ",
        "town": "Stockholm",
        "code": "SE",
        "created_at": "2026-01-01T10:00:00.000",
        "amended_at": "2026-04-30T10:00:00.000",
        "contact_id": 50,
        "contact_name": "Åsa Berg",
        "contact_email": "asa@mail.test",
        "contact_flag": True,
        "contact_flag_at": "2026-02-01T10:00:00.000",
        "attribute_category": "retail",
        **fields,
    }


def product(**fields: Any) -> Json:
    return {
        "pd_id": 3,
        "product_code": "COAT ",
        "product_name": "Coat",
        "amended_at": "2026-04-30T10:00:00.000",
        "variant_id": 7,
        "sku": "COAT-M ",
        "variant_name": "Coat M",
        "sold_alone": True,
        "discontinued": False,
        "currency": "SEK",
        "price_gross": Decimal("100.00"),
        **fields,
    }


def stock(**fields: Any) -> Json:
    return {"pd_id": 3, "variant_id": 7, "kit": False, "free": 4, "calculated_at": "2026-04-30T11:00:00.000", **fields}
