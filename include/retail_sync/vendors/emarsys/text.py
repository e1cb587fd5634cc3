"""Text as Emarsys takes it: no controls, nothing beyond three bytes of UTF-8."""

from __future__ import annotations

import re

#: What is taken out of a text: controls, marks that turn its direction, and what UTF-8 needs four bytes for.
CLEANED = r"[\u0001-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]"
_UNTAKEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U00010000-\U0010ffff]+")


def clean(text: str) -> str:
    """Text without what Emarsys would refuse, or store as question marks."""
    return _UNTAKEN.sub(" ", text).strip()
