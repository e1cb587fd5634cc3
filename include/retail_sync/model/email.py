"""E-mail addresses: normalised once, here, and nowhere else. `people.email_of` is the same rule in SQL."""

from __future__ import annotations

import unicodedata

#: What is no part of an address however it got around it: all of Unicode's blanks, and signs that take no room.
BLANKS = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
# Latin, Greek and Cyrillic. Neither Python's own lower case nor that of Postgres: either goes by the Unicode of its
# version, and that of Postgres by the locale of the server too.
_ALPHABETS = (range(0x41, 0x5B), range(0xC0, 0x250), range(0x370, 0x530), range(0x1E00, 0x1F00))
#: Small letters by capitals. The sigma at the end of a word is no other letter than the one within.
SMALL = {sign: chr(sign).lower() for alphabet in _ALPHABETS for sign in alphabet if chr(sign) != chr(sign).lower()}
SMALL |= {ord("ς"): "σ"}


def normalise(address: str | None) -> str | None:
    """The form under which an address is a person's identity: no blanks around it, NFC, small letters.

    Returns:
        The address; None where nothing is left of it.
    """
    if address is None:
        return None
    if address.isascii():
        return address.strip(BLANKS).lower() or None
    small = unicodedata.normalize("NFC", address).translate(SMALL)
    # Of some letters only the small one has a sign that includes its accent.
    return unicodedata.normalize("NFC", small).strip(BLANKS) or None


def mask(address: str) -> str:
    """An address as logs may show it: `a…@domain.se`."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}…@{domain}" if domain else "…"
