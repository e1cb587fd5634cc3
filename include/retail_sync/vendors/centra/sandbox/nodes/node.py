"""What a node is, and nodes for money."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

#: Field names to values: plain ones, `datetime`, nodes, lists of nodes, or functions that take the field's arguments.
Node: TypeAlias = dict[str, Any]
Read: TypeAlias = Callable[..., Any]

_CENT = Decimal("0.01")


def money(amount: Decimal, currency: Node, rate: float) -> Node:
    """A `MonetaryValue`: a binary fraction in major units, as the vendor sends it."""
    return {
        "value": float(amount),
        "currency": currency,
        "formattedValue": lambda: f"{amount.quantize(_CENT)} {currency['code']}",
        "conversionRate": rate,
    }


def without_tax(amount: Decimal, percent: Decimal) -> Decimal:
    """An amount with tax less that tax, to the cent."""
    return (amount * 100 / (100 + percent)).quantize(_CENT)


def slug(name: str) -> str:
    """A name as a part of a path."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())
