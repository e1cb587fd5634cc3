"""Text as it may stand in a marketing mail: harmless."""

from __future__ import annotations

import re

# Controls, and marks that turn the direction of what follows.
_MARKS = r"\u0001-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069"
#: What is taken out of a text. Databases and JSON hold no NUL and no lone surrogate, which go as well.
CLEANED = rf"[{_MARKS}]|[*][|]"
_UNSHOWABLE = re.compile(rf"[{_MARKS}\x00\ud800-\udfff]+")


def clean(text: str) -> str:
    """Text without controls, and with Mailchimp's merge tags (`*|FNAME|*`) made plain text.

    A name that a customer typed is shown in mails, where Mailchimp would replace such a tag by another field's value.
    """
    if not text.isprintable() and _UNSHOWABLE.search(text):
        text = _UNSHOWABLE.sub(" ", text)
    if "*|" in text:
        text = text.replace("*|", "* |")
    return text.strip()
