"""Sealed rows as seal leaves them, good ones and poisoned ones, so that rules can be tried without the steps before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection, sql

from retail_sync.db.database import Database
from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import find
from retail_sync.steps.context import Road

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
RUN = "manual__2026-05-01T12:00:00+00:00"
#: The pair file that ships, so that its rules and channels are tried as they are.
PAIR = find("centra_to_mailchimp")

Row = Mapping[str, Any]

GOOD: dict[str, Row] = {
    "orders": {
        "number": "1", "email": "Kim.O'Hara+shop@Post.Test", "channel": "dtc", "channel_detail": "store_type=DTC",
        "status": "shipped", "status_source": "SHIPPED", "currency": "SEK", "total": 100, "parts_total": 100,
        "amount_gap": 0, "line_count": 2, "shipped_count": 1, "shipped_no_url": 0, "number_shared": False,
        "address_refused": False, "placed_at": NOON, "days_off": 0, "refunded": 0, "refund_excess": -100,
        "lines_unusable": 0, "lines_no_product": 0, "fine_prices": 0, "shipped_no_number": 0, "repeated_tracking": 0,
        "rate_unfit": None,
    },
    "customers": {
        "email": "kim@post.test", "address_refused": False, "registered": True, "anonymised": False, "opted_in": True,
        "fields_cut": None, "fields_unfit": None,
    },
    "returns": {
        "order_key": "o1", "order_number": "1", "status": "completed", "currency": "SEK", "total": 50,
        "lines_total": 50, "refunded": 50, "order_known": True, "line_count": 1, "lines_unknown": 0,
    },
    "products": {
        "number": "p", "name": "Shirt", "variant_count": 2, "no_sku": 0, "repeated_sku": 0, "no_price": 0,
        "no_stock": 0, "no_image": False,
    },
    "attributes": {"customers": 3, "is_used": True},
    "signups": {"email": "kim@post.test"},
    "carts": {"email": "kim@post.test", "currency": "SEK"},
    "browses": {"email": "kim@post.test"},
}  # fmt: skip

_NONE: dict[str, Row] = {stream: dict.fromkeys(columns) for stream, columns in GOOD.items()}

#: Columns changed from a good row, by stream. Every rule is failed by some of these and passed by others.
POISONED: dict[str, list[Row]] = {
    "orders": [
        {}, _NONE["orders"], {"times_read": 2}, {"times_read": 7, "channel": "wholesale"},
        {"channel": "marketplace"}, {"channel": "WHOLESALE"}, {"channel": None}, {"channel": ""},
        {"email": None}, {"email": ""}, {"email": "   "}, {"email": "\t"}, {"email": " kim@post.test "},
        {"email": "kim"}, {"email": "kim@post"}, {"email": "kim@@post.test"}, {"email": "kim@post..test"},
        {"email": ".kim@post.test"}, {"email": "k im@post.test"}, {"email": "k\u00a0im@post.test"},
        {"email": "kim@po\u200bst.test"}, {"email": "a@b.se,c@d.se"}, {"email": "kim@post.t"},
        {"email": "KIM@POST.TEST"}, {"email": "åsa@blåbär.test"}, {"email": "kim@post.test\nx"}, {"email": "<k@p.se>"},
        {"status": None}, {"status": ""}, {"status": "unknown"}, {"status": "Shipped"},
        {"currency": None}, {"currency": ""}, {"currency": "sek"}, {"currency": "SEKK"}, {"currency": "SEK "},
        {"amount_gap": None}, {"amount_gap": "NaN"}, {"amount_gap": 0.03}, {"amount_gap": -0.03},
        {"amount_gap": 0.04}, {"amount_gap": -0.04}, {"amount_gap": 0.02, "line_count": None}, {"amount_gap": "1e9"},
        {"shipped_no_url": 1}, {"shipped_no_url": None}, {"shipped_no_url": 1, "channel": "wholesale"},
        {"number_shared": True}, {"number_shared": None}, {"number_shared": True, "number": "😀\u202e'; --"},
        {"address_refused": True}, {"address_refused": None},
        {"rate_unfit": "EUR at a rate of 1"}, {"rate_unfit": ""},
        {"days_off": "0.000001"}, {"days_off": "NaN"}, {"days_off": "730000"}, {"days_off": 1, "placed_at": None},
        {"total": -1}, {"total": "-0.001"}, {"total": "NaN"}, {"total": "1e300"}, {"total": 0},
        {"total": 0, "status": "cancelled"}, {"total": 0, "status": None}, {"total": "0.000"},
        {"refund_excess": 0.01}, {"refund_excess": 0.02}, {"refund_excess": "NaN"}, {"refund_excess": None},
        {"line_count": 0}, {"line_count": None}, {"line_count": 100_000}, {"lines_unusable": 1},
        {"lines_unusable": None}, {"lines_no_product": 400, "line_count": 400}, {"lines_no_product": None},
        {"fine_prices": 1}, {"fine_prices": 1, "amount_gap": "0.001"}, {"fine_prices": 1, "amount_gap": None},
        {"fine_prices": 1, "amount_gap": "NaN"}, {"fine_prices": None, "amount_gap": 1},
        {"shipped_no_number": 2}, {"shipped_no_number": None}, {"repeated_tracking": 1}, {"repeated_tracking": None},
    ],
    "customers": [
        {}, _NONE["customers"], {"times_read": 3}, {"email": ""}, {"email": "kim"}, {"email": "KIM@POST.TEST"},
        {"email": None, "anonymised": True}, {"email": "", "anonymised": True}, {"email": None, "anonymised": None},
        {"email": " kim@post.test"}, {"opted_in": False}, {"opted_in": None},
        {"email": "kim@example.com", "address_refused": True}, {"address_refused": None},
        {"fields_cut": "FNAME"}, {"fields_cut": ""}, {"fields_unfit": "AGE, SITE"}, {"fields_unfit": ""},
        {"fields_unfit": "😀" * 300, "fields_cut": "\u202e"},
    ],
    "returns": [
        {}, {**_NONE["returns"], "order_known": None}, {"times_read": 2}, {"order_known": False},
        {"order_known": None, "order_key": "nowhere", "order_number": None}, {"status": "unknown"}, {"status": None},
        {"currency": None}, {"refunded": 50.01}, {"refunded": 50.02}, {"refunded": None}, {"total": None},
        {"line_count": 0}, {"line_count": 0, "refunded": 20}, {"line_count": 0, "refunded": None}, {"line_count": None},
        {"lines_unknown": 1}, {"lines_unknown": None}, {"total": "NaN"},
    ],
    "products": [
        {}, _NONE["products"], {"times_read": 2}, {"no_sku": 1}, {"no_sku": None}, {"repeated_sku": 2},
        {"no_price": 1}, {"no_price": None}, {"no_stock": 2}, {"no_stock": None}, {"no_image": True},
        {"no_image": None}, {"variant_count": 0},
    ],
    "attributes": [
        {}, {"is_used": False}, {"key": "😀", "is_used": False}, {"key": "'; drop table x; --", "is_used": False},
        {"key": "\u202ename", "is_used": True}, {"key": "", "is_used": False}, {"key": "x" * 2_000, "is_used": False},
    ],
    "signups": [{}, _NONE["signups"], {"email": ""}, {"email": "kim"}],
    "carts": [{}, _NONE["carts"], {"email": " "}, {"email": "kim@post"}, {"currency": "kr"}, {"currency": ""}],
    "browses": [{}, _NONE["browses"], {"email": "k im@post.test"}],
}  # fmt: skip

_OPEN = """
    insert into road.run (run_id, pair, dag, lane, trigger, streams, fingerprint, opened_at)
    values (%s, %s, 'live', 'live', 'manual', '{}', 'f', %s)
        on conflict do nothing
"""
_WORK = """
    insert into road.work (run_id, stream, key, version_id, change_seq, reason)
    values (%s, %s, %s, %s, %s, 'read')
"""


def seal(connection: Connection[Any], stream: str, rows: Iterable[Row], *, run_id: str = RUN, version: int = 1) -> None:
    """Seal rows for a run: each is a good one with some columns changed; keys are `k0`, `k1`, … unless given."""
    connection.execute(_OPEN, [run_id, PAIR.pair, NOON])
    for position, changed in enumerate(rows):
        pinned = {} if stream == "attributes" else {"version_id": version}
        row = {"key": f"k{position}", "run_id": run_id, **pinned, **GOOD[stream], **changed}
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier("quality", f"batch_{stream}"),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        )
        connection.execute(statement, list(row.values()))
        if pinned:
            connection.execute(_WORK, [run_id, stream, row["key"], version, version])


def road(database: Database, pair: Pair = PAIR) -> Road:
    """A road whose clock stands still."""

    def nowhere(name: str) -> Any:
        raise AssertionError(f"nobody should ask for the connection {name}")

    return Road(pair, database, nowhere, lambda: NOON)


def with_rules(**overrides: Mapping[str, Any]) -> Pair:
    """The pair with some of its rules changed."""
    return Pair.model_validate({**PAIR.model_dump(by_alias=True), "rules": overrides})
