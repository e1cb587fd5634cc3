"""What a pair has promised: the few settings that decide what is right, and plain readings of the books' values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

#: An object of a sandbox's state.
Json: TypeAlias = dict[str, Any]

_CENT = Decimal("0.01")
_LABEL = r"[^\s@<>(),;:\"\\.]+"
_ADDRESS = re.compile(rf"{_LABEL}(\.{_LABEL})*@({_LABEL}\.)+{_LABEL[:-1]}{{2,}}")


@dataclass(frozen=True)
class Terms:
    """The terms of a pair.

    Attributes:
        currency: The currency of lifetime values.
        vip_from: The lifetime value from which a buyer is a VIP.
        marketplaces: Affiliates whose orders are not the shop's own.
        carriers: Further carriers whose parcels can be followed, with a word of the address.
    """

    currency: str = "SEK"
    vip_from: Decimal = Decimal(10000)
    marketplaces: frozenset[str] = frozenset({"zalando", "amazon", "boozt"})
    carriers: Mapping[str, str] = field(default_factory=dict)


def normal(address: str | None) -> str | None:
    """An address as identity: one person writes it in many ways. None where nobody can be written to."""
    plain = unicodedata.normalize("NFC", address or "").strip().lower()
    return plain if _ADDRESS.fullmatch(plain) else None


def amount(value: Any) -> Decimal:
    """An amount of the books; an empty one is nothing."""
    return Decimal(str(value)) if value not in (None, "") else Decimal(0)


def cents(value: Decimal) -> Decimal:
    """Rounded to the cent, halves away from zero."""
    return value.quantize(_CENT, ROUND_HALF_UP)


def moment(text: str) -> datetime:
    """A time of the books, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
