"""Text as Emarsys takes it: no controls, nothing beyond three bytes of UTF-8, no longer than its field."""

from __future__ import annotations

import re
from collections.abc import Iterable

from retail_sync.model.email import mask

#: What is taken out of a text: controls, marks that turn its direction, and what UTF-8 needs four bytes for.
CLEANED = r"[\u0001-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]"
_UNTAKEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U00010000-\U0010ffff]+")
_ADDRESS = re.compile(r"[^\s@\"'<>,;:]+@[^\s@\"'<>,;:]+")


def clean(text: str) -> str:
    """Text without what Emarsys would refuse, or store as question marks."""
    return _UNTAKEN.sub(" ", text).strip()


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
    """What a vendor said, short and with addresses masked."""
    return cut(_ADDRESS.sub(lambda found: mask(found[0]), clean(words)), length)
