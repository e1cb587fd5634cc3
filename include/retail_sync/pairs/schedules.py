"""Schedules as people write them in a pair file, refused there if no scheduler could follow them."""

from __future__ import annotations

from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator


@cache
def _cron(text: str) -> str:
    # What Airflow itself reads cron texts with.
    from croniter import croniter  # type: ignore[import-untyped]

    if len(text.split()) != 5 or not croniter.is_valid(text):
        raise ValueError("is no cron text of five fields, such as `*/5 * * * *`")
    return text


@cache
def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone such as `Europe/Stockholm`") from None
    return name


Cron = Annotated[str, AfterValidator(_cron)]
Timezone = Annotated[str, AfterValidator(_timezone)]
