"""Names that people write as they like, brought to one form in which they can be compared."""

from __future__ import annotations

import re
import unicodedata

_SIGNS = re.compile(r"[^a-z0-9]+")


def plain(name: str) -> str:
    """A name without case, accents and punctuation: `"Post-Nord  AB"` becomes `"post nord ab"`."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return _SIGNS.sub(" ", "".join(sign for sign in decomposed if not unicodedata.combining(sign))).strip()
