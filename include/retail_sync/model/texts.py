"""Text and numbers for fields of limited length, and what vendors say, fit to be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from .email import mask

_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_ADDRESS = re.compile(r"[^\s@\"'<>,;:]+@[^\s@\"'<>,;:]+")


def cut(text: str, length: int | None) -> str:
    """The text's beginning, ending at a word where one ends in the second half."""
    if length is None or len(text) <= length:
        return text
    head = text[:length]
    space = -1 if text[length].isspace() else head.rfind(" ")
    return (head[:space] if space > length // 2 else head).rstrip()


def joined(parts: Iterable[str], length: int | None) -> str:
    """As many whole parts as fit, with commas between them; a first part that is too long alone is cut."""
    text = ""
    for part in parts:
        longer = f"{text}, {part}" if text else part
        if length is not None and len(longer) > length:
            return text or cut(part, length)
        text = longer
    return text


def shown(words: str, length: int = 200) -> str:
    """What a vendor said, short, without controls and with addresses masked."""
    return cut(_ADDRESS.sub(lambda found: mask(found[0]), _UNSHOWABLE.sub(" ", words).strip()), length)


def numeral(number: Decimal | int) -> str:
    """A number without trailing zeros or an exponent."""
    if not number:
        return "0"
    return f"{number.normalize():f}" if isinstance(number, Decimal) else str(number)
