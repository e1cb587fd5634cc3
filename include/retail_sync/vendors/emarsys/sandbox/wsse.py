"""The WSSE header of version 2: parts in any order and case, a digest over nonce, time and secret, a clock window."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import NamedTuple

_PART = re.compile(r'(\w+)\s*=\s*"([^"]*)"')
_SCHEME = re.compile(r"\s*UsernameToken\s+", re.IGNORECASE)
_NAMES = ("username", "passworddigest", "nonce", "created")


class Token(NamedTuple):
    """What a header says."""

    username: str
    digest: str
    nonce: str
    created: str


def read(header: str) -> Token | None:
    """The parts of a header, or None if one is missing."""
    scheme = _SCHEME.match(header)
    if scheme is None:
        return None
    parts = {name.lower(): value for name, value in _PART.findall(header[scheme.end() :])}
    if not all(parts.get(name) for name in _NAMES):
        return None
    return Token(*(parts[name] for name in _NAMES))


def digest(nonce: str, created: str, secret: str) -> str:
    """Base64 of the hexadecimal SHA-1, not of its bytes."""
    found = hashlib.sha1(f"{nonce}{created}{secret}".encode(), usedforsecurity=False).hexdigest()
    return base64.b64encode(found.encode()).decode()


def is_true(token: Token, secret: str) -> bool:
    """Whether who made the header knows the secret."""
    return hmac.compare_digest(token.digest.encode(), digest(token.nonce, token.created, secret).encode())


def is_timely(token: Token, now: datetime, window: timedelta) -> bool:
    """Whether the header was made just now, as its own clock says; a time without a zone is not understood."""
    try:
        made = datetime.fromisoformat(token.created)
    except ValueError:
        return False
    return made.tzinfo is not None and abs(now - made) <= window
