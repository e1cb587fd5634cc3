"""Text as it may stand in a marketing mail: free of controls."""

from __future__ import annotations

import re

#: What is taken out of a text: controls, and marks that turn the direction of what follows. In the notation that
#: Python and Postgres share; databases and JSON hold no NUL and no lone surrogate, which go as well.
CLEANED = r"[\u0001-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]"
_UNSHOWABLE = re.compile(r"[\x00-\x1f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def clean(text: str) -> str:
    """Text without what can't be shown, and without blanks around it."""
    if not text.isprintable():
        text = _UNSHOWABLE.sub(" ", text)
    return text.strip()
