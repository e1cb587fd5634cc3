"""What Emarsys holds of a contact, in the shape of what we wanted: the fields we own, and no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from retail_sync.errors import SchemaDriftError
from retail_sync.vendors.emarsys.contact_fields import ContactField, day, number
from retail_sync.vendors.emarsys.field_ids import FieldIds


class OwnFields:
    """The contact fields that a pair fills.

    Args:
        fields: They.
    """

    def __init__(self, fields: Sequence[ContactField]) -> None:
        self._types = {field.name: field.type for field in fields}

    def ids(self, ids: FieldIds) -> dict[str, str]:
        """Their ids by name; those that are not there as yet are left out."""
        found: dict[str, str] = {}
        for name in self._types:
            try:
                found[name] = ids.of(name)
            except SchemaDriftError:
                continue
        return found

    def values(self, held: Mapping[str, str], known: Mapping[str, str]) -> dict[str, Any]:
        """Their values, as contacts are written; nothing where a field is not there.

        Args:
            held: What a contact holds, by id.
            known: The ids of the fields, by name.
        """
        return {name: _value(held.get(known.get(name, ""), ""), kind) for name, kind in self._types.items()}


def _value(text: str, kind: str) -> str:
    """Numbers and days in the one form that we write; what is neither stays as it is, and differs."""
    written = {"number": number, "date": day}.get(kind)
    return (written(text) or text) if written and text else text
