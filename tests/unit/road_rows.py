"""Rows as earlier steps leave them, so that a room can be tried without the steps before it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from psycopg import Connection

from retail_sync.model.records import Customer, Order, OrderLine, Payment, Product, Record, Return, ReturnLine, Variant
from retail_sync.pairs.config import Pair

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

PAIR = Pair.model_validate(
    {
        "pair": "shop_to_list",
        "source": {"system": "shop", "connection": "shop", "account": "shop_main"},
        "destination": {"system": "list", "connection": "list", "account": "list_main"},
        "channels": [{"when": {"store_type": ["DTC"]}, "is": "dtc"}],
        "value": {"currency": "SEK"},
        "segments": {"vip_from": "1000", "replenish_after": "30d"},
    }
)


def customer(key: str, email: str, **more: Any) -> Customer:
    """A customer record."""
    return Customer(key=key, email=email, created_at=NOON, updated_at=more.pop("updated_at", NOON), **more)


def line(key: str, total: str, quantity: int = 1, **more: Any) -> OrderLine:
    """An order line of one sort of goods."""
    price = Decimal(total) / quantity
    given = {"sku": f"SKU-{key}", "product_key": "p1", "variant_key": "v1", "list_price": price, **more}
    return OrderLine(key=key, name="Shirt", quantity=quantity, unit_price=price, total=Decimal(total), **given)


def order(number: str, email: str, *lines: OrderLine, **more: Any) -> Order:
    """An order whose total is that of its lines, unless another is given."""
    total = more.pop("total", sum((item.total for item in lines), Decimal(0)))
    given = {"status": "confirmed", "placed_at": NOON, "currency": "SEK", "rate": Decimal(1), "market": "SE", **more}
    return Order(
        key=f"o{number}", number=number, email=email, lines=lines, total=Decimal(total), updated_at=NOON,
        channel={"store_type": "DTC"}, **given,
    )  # fmt: skip


def refund(key: str, amount: str, *, succeeded: bool = True) -> Payment:
    """Money that went back."""
    return Payment(key=key, kind="refunded", succeeded=succeeded, amount=Decimal(amount), at=NOON)


def returned(key: str, number: str, total: str, line_key: str = "l1", **more: Any) -> Return:
    """A completed return of one piece, unless told otherwise."""
    lines = (ReturnLine(key=f"{key}-1", line_key=line_key, quantity=1, total=Decimal(total)),)
    given = {"status": "completed", "currency": "SEK", "lines": lines, **more}
    return Return(
        key=key, order_key=f"o{number}", order_number=number, created_at=NOON, updated_at=NOON, total=Decimal(total),
        **given,
    )  # fmt: skip


def product(key: str, *variants: str) -> Product:
    """A product with variants of these keys."""
    made = tuple(Variant(key=name, sku=f"SKU-{name}", name=name) for name in variants)
    return Product(key=key, number=key, name="Shirt", updated_at=NOON, variants=made)


_STREAMS = {Customer: "customers", Order: "orders", Return: "returns", Product: "products"}

_RUN = """
    insert into road.run (run_id, pair, dag, lane, trigger, streams, fingerprint, opened_at, dry_run)
    values (%s, %s, 'live', 'live', 'manual', '{}', 'f', %s, %s)
"""
_VERSION = """
    insert into stage.version (account, stream, key, hash, source_time, request_time, change_seq, lane, doc)
    values ('shop_main', %s, %s, '', %s, %s, 1 + (select count(*) from stage.version), 'live', %s)
    returning version_id, change_seq
"""
_WORK = (
    "insert into road.work (run_id, stream, key, version_id, change_seq, reason) values (%s, %s, %s, %s, %s, 'read')"
)
_VERDICT = "insert into quality.verdict (run_id, stream, key, rule, effect) values (%s, %s, %s, 'rule', %s)"


def sealed(
    connection: Connection[Any],
    run_id: str,
    records: Iterable[Record],
    *,
    verdicts: dict[str, str] | None = None,
    dry_run: bool = False,
) -> None:
    """A run that has read and sealed these records; `verdicts` gives an effect by record key."""
    connection.execute(_RUN, (run_id, PAIR.pair, NOON, dry_run))
    for record in records:
        stream = _STREAMS[type(record)]
        doc = msgspec.json.encode(record).decode()
        made = connection.execute(_VERSION, (stream, record.key, NOON, NOON, doc)).fetchone()
        assert made is not None
        connection.execute(_WORK, (run_id, stream, record.key, *made))
        if verdicts and record.key in verdicts:
            connection.execute(_VERDICT, (run_id, stream, record.key, verdicts[record.key]))
