"""Dates as Centra reads and writes them: in the instance's zone, formatted in PHP's letters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from graphql import GraphQLError

DEFAULT_FORMAT = r"Y-m-d\TH:i:sP"

_LETTERS: dict[str, Callable[[datetime], str]] = {
    "Y": lambda at: f"{at.year:04}",
    "y": lambda at: f"{at:%y}",
    "m": lambda at: f"{at.month:02}",
    "n": lambda at: str(at.month),
    "M": lambda at: f"{at:%b}",
    "d": lambda at: f"{at.day:02}",
    "j": lambda at: str(at.day),
    "D": lambda at: f"{at:%a}",
    "H": lambda at: f"{at.hour:02}",
    "G": lambda at: str(at.hour),
    "i": lambda at: f"{at.minute:02}",
    "s": lambda at: f"{at.second:02}",
    "v": lambda at: f"{at.microsecond // 1000:03}",
    "u": lambda at: f"{at.microsecond:06}",
    "P": lambda at: f"{at:%z}"[:3] + ":" + f"{at:%z}"[3:5],
    "O": lambda at: f"{at:%z}",
    "U": lambda at: str(int(at.timestamp())),
    "c": lambda at: at.isoformat(timespec="seconds"),
}


class Calendar:
    """Reads and writes times in the zone of the instance."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def write(self, at: datetime, form: str | None = None) -> str:
        """A time as text, by PHP's letters; a backslash takes a letter as it stands."""
        local = at.astimezone(self._zone)
        if form is None or form == DEFAULT_FORMAT:
            return local.isoformat(timespec="seconds")
        letters = iter(form)
        parts = []
        for letter in letters:
            if letter == "\\":
                parts.append(next(letters, ""))
            else:
                write = _LETTERS.get(letter)
                parts.append(write(local) if write else letter)
        return "".join(parts)

    def read(self, text: object) -> datetime:
        """A time from text; without an offset it is of the instance's zone.

        Raises:
            GraphQLError: It is no date.
        """
        try:
            at = datetime.fromisoformat(str(text).strip())
        except ValueError as error:
            raise GraphQLError(f"DateTimeTz cannot represent value: {text!r}") from error
        return at if at.tzinfo else at.replace(tzinfo=self._zone)
