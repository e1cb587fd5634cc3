"""Amounts with and without VAT."""

from __future__ import annotations

from decimal import Decimal

_DIGITS = Decimal("0.0001")


def without_vat(gross: Decimal, percent: Decimal) -> Decimal:
    """An amount without its VAT, to four digits."""
    return (gross * 100 / (100 + percent)).quantize(_DIGITS)
