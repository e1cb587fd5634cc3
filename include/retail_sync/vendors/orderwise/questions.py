"""What export definitions are asked for: a span of time, all there is, or certain keys; as values of parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from retail_sync.model.reading import By, Window
from retail_sync.vendors.orderwise.canonical import BEGINNING
from retail_sync.vendors.orderwise.facts import Settings
from retail_sync.vendors.orderwise.local_time import LocalTime

Question = dict[str, Any]
#: Stands where a time is not looked at.
_NO_TIME = "2000-01-01T00:00:00.000"


class Questions:
    """Makes questions of one installation.

    Args:
        settings: The pair file's settings.
        clock: The server's.
    """

    def __init__(self, settings: Settings, clock: LocalTime) -> None:
        self._settings = settings
        self._clock = clock

    def during(self, window: Window, by: By | None = None) -> Question:
        """What changed, or was created, in a window."""
        since, until = self._clock.span(window.since, window.until)
        return self._question(by or window.by) | {"@since": since, "@until": until}

    def within(self, window: Window | None) -> Question:
        """As `during`; where the window is open to the past, all there is, since old rows may have no times."""
        if window is None or window.since <= BEGINNING:
            return self._question("all")
        return self.during(window)

    def listed(self, keys: Iterable[int]) -> Question:
        """Certain records, or what belongs to them; without any, nothing."""
        ordered = sorted(keys) or [0]
        ids = f",{','.join(map(str, ordered))},"
        return self._question("listed") | {"@ids": ids, "@from_id": ordered[0], "@to_id": ordered[-1]}

    def _question(self, by: str) -> Question:
        consent = self._settings.consent
        return {
            "@since": _NO_TIME,
            "@until": _NO_TIME,
            "@by": by,
            "@ids": ",",
            "@credit_types": f",{','.join(map(str, self._settings.credit_types))},",
            "@flag": consent.flag,
            "@flag_date": consent.changed_at or 0,
            "@birth_date": self._settings.birth_date or 0,
        }
