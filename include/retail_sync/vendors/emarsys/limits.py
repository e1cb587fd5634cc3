"""What contact fields take: judged before anything is sent, and followed when it is rendered.

Emarsys refuses a contact whole for one value that a field does not take. So such a value stays out, its field is empty,
and the contact goes. Patterns are read by Python here and by Postgres in rules: see `model.views.FieldLimit`.
"""

from __future__ import annotations

from collections.abc import Mapping

from retail_sync.model.views import FieldLimit, FieldMapping
from retail_sync.vendors.emarsys.contact_fields import NUMBER, URL, ContactField, contact_fields
from retail_sync.vendors.emarsys.facts import EmarsysSettings
from retail_sync.vendors.emarsys.text import CLEANED


def limits(mapping: Mapping[str, FieldMapping], settings: EmarsysSettings) -> tuple[FieldLimit, ...]:
    """What each contact field takes, in the order of their names."""
    return tuple(_limit(field, mapping[field.name], settings) for field in contact_fields(mapping, settings))


def _limit(field: ContactField, mapped: FieldMapping, settings: EmarsysSettings) -> FieldLimit:
    if field.type == "date":
        return FieldLimit(field.name, mapped.value, "day")
    if field.type == "number":
        return FieldLimit(field.name, mapped.value, "number", form=NUMBER)
    return FieldLimit(
        field.name,
        mapped.value,
        length=field.length,
        form=URL if field.type == "url" else None,
        choices=tuple(settings.choices.get(field.name, ())),
        cleaned=CLEANED,
    )
