"""A record as it may be shown to whoever has to find out what is wrong with it."""

from __future__ import annotations

from typing import Any

from retail_sync.model.email import mask

_MASK = "…"
#: What tells who somebody is. Town and country stay: much is decided by them.
_PERSONAL = frozenset(
    {"first_name", "last_name", "company", "line1", "line2", "postcode", "phone", "birthdate", "attributes"}
)


def masked(doc: Any, name: str = "") -> Any:
    """The same with what is personal taken out; that something stands there, and its form, can still be seen.

    Args:
        doc: A record as JSON, or a part of it.
        name: The name under which the part stands.
    """
    if isinstance(doc, dict):
        return {key: masked(value, name if name in _PERSONAL else key) for key, value in doc.items()}
    if isinstance(doc, list):
        return [masked(one, name) for one in doc]
    if isinstance(doc, str) and (name == "email" or "@" in doc):
        return mask(doc) if "@" in doc else _hidden(doc)
    return _hidden(doc) if name in _PERSONAL else doc


def _hidden(value: Any) -> Any:
    if not isinstance(value, str):
        return _MASK
    return f"{value[:1]}{_MASK} ({len(value)} characters)" if value else value
