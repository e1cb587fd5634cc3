"""What contact fields take: judged before anything is sent, and followed when it is rendered.

Ometria refuses a record whole for one value that does not fit. So such a value stays out, and the contact goes.
"""

from __future__ import annotations

from collections.abc import Mapping

from retail_sync.model.views import FieldLimit, FieldMapping
from retail_sync.vendors.ometria.facts import OmetriaSettings
from retail_sync.vendors.ometria.fields import GENDERS, NUMBER, field_type, text_length
from retail_sync.vendors.ometria.text import CLEANED


def limits(mapping: Mapping[str, FieldMapping], settings: OmetriaSettings) -> tuple[FieldLimit, ...]:
    """What each mapped field takes, in the order of their names."""
    return tuple(_limit(name, mapping[name], settings) for name in sorted(mapping))


def _limit(name: str, mapped: FieldMapping, settings: OmetriaSettings) -> FieldLimit:
    kind, value = field_type(name, mapped), mapped.value
    if kind == "date":
        return FieldLimit(name, value, "day")
    if kind == "number":
        return FieldLimit(name, value, "number", form=NUMBER)
    if kind == "phone":
        return FieldLimit(name, value, form=r"(00|[+])[-0-9 ().\u002f]{6,30}", cleaned=CLEANED)
    if kind == "country":
        return FieldLimit(name, value, form=r"[A-Za-z]{2}", cleaned=CLEANED)
    choices = GENDERS if kind == "gender" else tuple(mapped.choices)
    length = text_length(mapped, settings) if kind == "text" else None
    return FieldLimit(name, value, length=length, choices=choices, cleaned=CLEANED)
