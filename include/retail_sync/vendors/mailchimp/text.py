"""Text as it may stand in a marketing mail: harmless and no longer than its field."""

from __future__ import annotations

import re
from collections.abc import Iterable

from retail_sync.model.email import mask

# Controls, and marks that turn the direction of what follows.
_MARKS = r"\u0001-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069"
#: What is taken out of a text. Databases and JSON hold no NUL and no lone surrogate, which go as well.
CLEANED = rf"[{_MARKS}]|[*][|]"
_UNSHOWABLE = re.compile(rf"[{_MARKS}\x00\ud800-\udfff]+")
_ADDRESS = re.compile(r"[^\s@\"'<>,;:]+@[^\s@\"'<>,;:]+")


def clean(text: str) -> str:
    """Text without controls, and with Mailchimp's merge tags (`*|FNAME|*`) made plain text.

    A name that a customer typed is shown in mails, where Mailchimp would replace such a tag by another field's value.
    """
    if not text.isprintable() and _UNSHOWABLE.search(text):
        text = _UNSHOWABLE.sub(" ", text)
    if "*|" in text:
        text = text.replace("*|", "* |")
    return text.strip()


def cut(text: str, length: int) -> str:
    """The text's beginning, ending at a word where one ends in the second half."""
    if len(text) <= length:
        return text
    head = text[:length]
    space = -1 if text[length].isspace() else head.rfind(" ")
    return (head[:space] if space > length // 2 else head).rstrip()


def joined(parts: Iterable[str], length: int) -> str:
    """As many whole parts as fit, with commas between them; a first part that is too long alone is cut."""
    text = ""
    for part in parts:
        longer = f"{text}, {part}" if text else part
        if len(longer) > length:
            return text or cut(part, length)
        text = longer
    return text


def shown(words: str, length: int = 200) -> str:
    """What a vendor said, short and with addresses masked."""
    return cut(_ADDRESS.sub(lambda found: mask(found[0]), clean(words)), length)
