"""Naming the fields in which two payloads differ."""

from __future__ import annotations

from typing import Any

from retail_sync.delivery.fingerprint import fingerprint


def changed_fields(expected: dict[str, Any], held: dict[str, Any]) -> list[str]:
    """The owned fields that differ, in their order; inside an object by the inner name: `merge_fields.CITY`."""
    names: list[str] = []
    for name in sorted(expected.keys() | held.keys()):
        one, other = expected.get(name), held.get(name)
        if fingerprint({name: one}) == fingerprint({name: other}):
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            names += [f"{name}.{inner}" for inner in changed_fields(one, other)]
        else:
            names.append(name)
    return names
