"""Text as it may stand in a marketing mail: free of controls and no longer than its field."""

from __future__ import annotations

import re

from retail_sync.model.email import mask

#: What is taken out of a text: controls, and marks that turn the direction of what follows. In the notation that
#: Python and Postgres share; databases and JSON hold no NUL and no lone surrogate, which go as well.
CLEANED = r"[\u0001-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]"
_UNSHOWABLE = re.compile(r"[\x00-\x1f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_ADDRESS = re.compile(r"[^\s@\"'<>,;:]+@[^\s@\"'<>,;:]+")


def clean(text: str) -> str:
    """Text without what can't be shown, and without blanks around it."""
    if not text.isprintable():
        text = _UNSHOWABLE.sub(" ", text)
    return text.strip()


def cut(text: str, length: int) -> str:
    """The text's beginning, ending at a word where one ends in the second half."""
    if len(text) <= length:
        return text
    head = text[:length]
    space = -1 if text[length].isspace() else head.rfind(" ")
    return (head[:space] if space > length // 2 else head).rstrip()


def shown(words: str, length: int = 200) -> str:
    """What Ometria said, short and with addresses masked."""
    return cut(_ADDRESS.sub(lambda found: mask(found[0]), clean(words)), length)
