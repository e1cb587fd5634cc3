"""Lengths of time as people write them in a pair file: `90s`, `10m`, `6h`, `2d`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_FORM = re.compile(r"(\d+)\s*([smhd])")


def parse(text: Any) -> Any:
    """Turn `10m` into a timedelta; leave anything that is not such a text to pydantic."""
    if isinstance(text, str) and (found := _FORM.fullmatch(text.strip())):
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    return text


def write(length: timedelta) -> str:
    """The shortest exact form of a length of time."""
    seconds = int(length.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


Duration = Annotated[
    timedelta,
    Field(ge=timedelta(0)),
    BeforeValidator(parse),
    PlainSerializer(write, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\s*\d+\s*[smhd]\s*$", "examples": ["90s", "10m", "6h", "2d"]}),
]
