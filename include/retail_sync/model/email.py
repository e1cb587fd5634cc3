"""E-mail addresses: normalised once, here, and nowhere else."""

from __future__ import annotations

import unicodedata


def normalise(address: str | None) -> str | None:
    """The form under which an address is a person's identity: trimmed, NFC, lower case. None for an empty one."""
    if address is None:
        return None
    plain = unicodedata.normalize("NFC", address).strip().lower()
    return plain or None


def mask(address: str) -> str:
    """An address as logs may show it: `a…@domain.se`."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}…@{domain}" if domain else "…"
