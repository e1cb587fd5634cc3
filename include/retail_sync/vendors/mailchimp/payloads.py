"""What every payload is made of: keys, object ids, money, times, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import md5
from typing import Any

import msgspec

from retail_sync.model.records import Address
from retail_sync.vendors.mailchimp.facts import ID_LENGTH
from retail_sync.vendors.mailchimp.text import clean

#: Keys whose values are decimal texts in payloads and JSON numbers on the wire: older versions of the API refuse texts.
_NUMBERS = frozenset({"order_total", "discount_total", "tax_total", "shipping_total", "price", "amount_discounted"})
_NUMBER_NAMES = tuple(f'"{name}"'.encode() for name in sorted(_NUMBERS))
#: What an event tells is texts all through, whatever their names.
_TEXTS = "properties"
_CENT = Decimal("0.01")
_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def contact_key(email: str) -> str:
    """The hash by which Mailchimp addresses a contact: an identifier, not a protection."""
    return md5(email.lower().encode(), usedforsecurity=False).hexdigest()


def bounded(key: str) -> str:
    """A key of the source as an id of the store; one that is too long keeps its beginning and gets its hash."""
    if len(key) <= ID_LENGTH:
        return key
    return f"{key[: ID_LENGTH - 33]}-{md5(key.encode(), usedforsecurity=False).hexdigest()}"


def money(amount: Decimal) -> str:
    """An amount as payloads hold it: at least two decimals, and more where the amount has more."""
    cents = amount.quantize(_CENT)
    return str(cents) if cents == amount else f"{amount.normalize():f}"


def moment(at: datetime) -> str:
    """A time in UTC to the second, as Mailchimp gives it back."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def filled(values: Mapping[str, str | None]) -> dict[str, Any]:
    """The values that are there, cleaned."""
    return {key: text for key, value in values.items() if value and (text := clean(value))}


def street(address: Address | None) -> dict[str, Any]:
    """The part of an address that customers and orders share; empty where nothing is known."""
    if address is None:
        return {}
    return filled(
        {
            "address1": address.line1,
            "address2": address.line2,
            "city": address.city,
            "province": address.region,
            "postal_code": address.postcode,
            "country_code": address.country,
        }
    )


def encoded(value: Any) -> bytes:
    """A request's body: decimal texts under the keys of money become numbers, digit by digit."""
    body = _encoder.encode(value)
    # Most bodies are members by the hundred, which hold no money and need not be walked through.
    return _encoder.encode(_on_the_wire(value)) if any(name in body for name in _NUMBER_NAMES) else body


def decoded(body: bytes | str) -> Any:
    """An answer's body, its fractions as `Decimal`.

    Raises:
        msgspec.DecodeError: It is no JSON.
    """
    return _decoder.decode(body)


def _on_the_wire(value: Any, key: str = "") -> Any:
    if key == _TEXTS:
        return value
    if isinstance(value, dict):
        return {name: _on_the_wire(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_on_the_wire(inner) for inner in value]
    return Decimal(value) if key in _NUMBERS and isinstance(value, str) else value
