"""Attributes that a source's customers carry, as far as a pair has a use for them."""

from __future__ import annotations

from retail_sync.pairs.config import Mapping

_ATTRIBUTES = "attributes."


def used_attributes(mapping: Mapping) -> list[str]:
    """Those that fill a contact field, and those that are left out on purpose."""
    values = [field.value for field in mapping.fields.values()]
    filling = [value.removeprefix(_ATTRIBUTES) for value in values if value.startswith(_ATTRIBUTES)]
    return [*filling, *mapping.unused_attributes]
