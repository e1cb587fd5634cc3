"""How payloads are compared: by a hash of their JSON, whatever the order of its keys."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

#: Writes a payload so that equal ones are equal texts.
JSON = msgspec.json.Encoder(order="sorted", decimal_format="string")


def fingerprint(payload: dict[str, Any]) -> bytes:
    """Sixteen bytes that are equal exactly where two payloads are."""
    return of_text(JSON.encode(payload))


def of_text(text: bytes) -> bytes:
    """The fingerprint of a payload that `JSON` has written."""
    return hashlib.blake2b(text, digest_size=16).digest()
