"""What every payload is made of: amounts, times, texts, places; and how it goes out and comes back as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from retail_sync.model.records import Address
from retail_sync.vendors.ometria.text import clean

#: Keys whose values are decimal texts in payloads and JSON numbers on the wire.
_NUMBERS = frozenset(
    {"grand_total", "subtotal", "discount", "shipping", "tax", "unit_price", "refunded", "total", "price"}
)
#: What stands under these names is ours to name, whatever the names.
_FREE = "properties"
_CENT = Decimal("0.01")
_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def money(amount: Decimal) -> str:
    """An amount as payloads hold it: at least two decimals, and more where the amount has more."""
    cents = amount.quantize(_CENT)
    return str(cents) if cents == amount else f"{amount.normalize():f}"


def moment(at: datetime) -> str:
    """A time in UTC to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def read_moment(text: str) -> datetime:
    """The time that Ometria wrote, with a blank for the T and hours alone for an offset too; UTC where it says none."""
    at = datetime.fromisoformat(text.strip())
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def filled(values: Mapping[str, str | None]) -> dict[str, Any]:
    """The values that are there, cleaned."""
    return {key: text for key, value in values.items() if value and (text := clean(value))}


def place(address: Address | None) -> dict[str, Any]:
    """What Ometria keeps of an order's address: no street and no name."""
    if address is None:
        return {}
    country = (address.country or "").upper()
    return filled(
        {
            "city": address.city,
            "state": address.region,
            "postcode": address.postcode,
            "country_code": country if len(country) == 2 and country.isalpha() else None,
        }
    )


def encoded(value: Any) -> bytes:
    """A value as JSON, every decimal as a number, digit by digit."""
    return _encoder.encode(value)


def decoded(body: bytes) -> Any:
    """An answer's body, its fractions as `Decimal`.

    Raises:
        msgspec.DecodeError: It is no JSON.
    """
    return _decoder.decode(body)


def on_the_wire(value: Any, key: str = "") -> Any:
    """A payload as it is sent: amounts are numbers. What is free to be named stays as it is."""
    if key == _FREE:
        return value
    if isinstance(value, dict):
        return {name: on_the_wire(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [on_the_wire(inner, key) for inner in value]
    return Decimal(value) if key in _NUMBERS and isinstance(value, str) else value


def off_the_wire(value: Any, key: str = "") -> Any:
    """What was read in the form of payloads: amounts are texts, what is empty is not there."""
    if isinstance(value, dict):
        read = {name: off_the_wire(inner, "" if key == _FREE else name) for name, inner in value.items()}
        return {name: inner for name, inner in read.items() if inner is not None and inner != {}}
    if isinstance(value, list):
        return [off_the_wire(inner, key) for inner in value]
    if key in _NUMBERS and isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        return money(Decimal(value))
    return int(value) if isinstance(value, Decimal) and value == int(value) else value
