"""What a write has changed at a destination, as it may be shown to whoever may trace a record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# An amount or a count. A longer number without decimals may be a postcode, or a telephone's.
_FIGURE = re.compile(r"-?(\d{1,3}|\d+\.\d+)")
_ABSENT = "nothing"


def changes(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Each place in which two documents differ, as `merge_fields.LTV: 149.00 -> 49.00`.

    Which field of a destination is personal is the pair file's to say, so every text is masked but a figure: its first
    letter and its length show that it is another.

    Args:
        old: What stood there, as JSON.
        new: What stands there now.
        path: Where both stand.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            yield from changes(old.get(name), new.get(name), f"{path}.{name}" if path else name)
    elif old != new:
        yield f"{path}: {_shown(old)} -> {_shown(new)}"


def _shown(value: Any) -> str:
    if value is None:
        return _ABSENT
    if isinstance(value, dict | list):
        return f"{len(value)} entries"
    if isinstance(value, str) and not _FIGURE.fullmatch(value):
        return f"{value[:1]}… ({len(value)} characters)" if value else "empty"
    return str(value)
