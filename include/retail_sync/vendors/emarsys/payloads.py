"""What every payload is made of: keys of contacts, money, times."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")
#: Stands before Emarsys' own id of a contact that has none of our keys.
_INTERNAL = "id:"


def contact_key(account: str, person_id: int) -> str:
    """Our key of a contact, a source account and a number: it says nothing of the person and stays whatever changes."""
    return f"{account}-{person_id}"


def internal_key(contact_id: object) -> str:
    """What stands for our key where a contact has none, such as one that signed up by a form: Emarsys' own id."""
    return f"{_INTERNAL}{contact_id}"


def internal_id(vendor_key: str) -> str | None:
    """Emarsys' own id in such a key; None in one of ours."""
    return vendor_key.removeprefix(_INTERNAL) if vendor_key.startswith(_INTERNAL) else None


def cents(amount: Decimal) -> Decimal:
    """An amount rounded to cents, half of one away from nothing."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def moment(at: datetime) -> str:
    """A time in UTC to the second, in the only form that events take (CONFIRMED)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
