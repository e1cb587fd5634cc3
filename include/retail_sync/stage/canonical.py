"""Canonical records as the bytes that are stored, hashed and compared."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec

from retail_sync.model.records import Record

_ENCODER = msgspec.json.Encoder(order="deterministic")
_NUL = b"\\u0000"
_HASH_BYTES = 16


def encode(record: Record) -> bytes:
    """A record as JSON: fields in their order, dictionaries by key, `Decimal` as a string.

    What jsonb can't hold (NUL, half a surrogate pair) is left out, so that one odd name stops nobody.
    """
    try:
        encoded = _ENCODER.encode(record)
    except UnicodeEncodeError:
        return _ENCODER.encode(_storable(msgspec.to_builtins(record)))
    return _ENCODER.encode(_storable(msgspec.to_builtins(record))) if _NUL in encoded else encoded


def hashed(encoded: bytes) -> bytes:
    """What tells two contents of a record apart."""
    return blake2b(encoded, digest_size=_HASH_BYTES).digest()


def storable(text: str) -> str:
    """The text without the characters that Postgres can't keep."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_storable(item) for item in value]
    return value
