"""Schedules as people write them in a pair file, refused there if no scheduler could follow them."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from croniter import croniter
from pydantic import AfterValidator


def _cron(text: str) -> str:
    if not croniter.is_valid(text):
        raise ValueError("is no cron text of five fields, such as `*/5 * * * *`")
    return text


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone such as `Europe/Stockholm`") from None
    return name


Cron = Annotated[str, AfterValidator(_cron)]
Timezone = Annotated[str, AfterValidator(_timezone)]
