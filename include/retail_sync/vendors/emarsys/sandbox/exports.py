"""Exports: begun by a request, worked off by and by, fetched as a file for as long as it is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from retail_sync.vendors.emarsys.sandbox.envelope import Json, Refused, bad_request
from retail_sync.vendors.emarsys.sandbox.export_files import File
from retail_sync.vendors.emarsys.sandbox.settings import Settings
from retail_sync.vendors.emarsys.sandbox.times import written
from retail_sync.vendors.emarsys.sandbox.traps import Traps

STATES = ("scheduled", "in progress", "ready", "done")
_FIRST_ID = 2001


@dataclass(slots=True)
class Export:
    """An export.

    Attributes:
        type: What it exports.
        asked: The request, to know the same one again.
        local: Whether its file can be fetched here.
        file: What it has found; fixed when it was begun.
        delay: Seconds before it starts.
        failed: Whether it ends in an error.
        began: The clock of the machine at its begin, which goes on while the sandbox's own stands still.
    """

    id: int
    type: str
    asked: bytes
    local: bool
    file: File
    created: datetime
    delay: float = 0.0
    failed: bool = False
    began: float = field(default_factory=time.monotonic)

    def age(self, now: datetime) -> float:
        """Seconds since its begin, by whichever clock has gone further."""
        return max((now - self.created).total_seconds(), time.monotonic() - self.began)


class Exports:
    """All exports of an account by id.

    Args:
        settings: How long things take.
        traps: What may go wrong.
        now: The clock.
    """

    def __init__(self, settings: Settings, traps: Traps, now: Callable[[], datetime]) -> None:
        self._settings, self._traps, self._now = settings, traps, now
        self.known: dict[int, Export] = {}

    def begin(self, kind: str, body: Json, make: Callable[[], File], endpoint: str) -> Json:
        """Begin an export.

        Raises:
            Refused: 400 (4001) while the same one is running.
        """
        asked = msgspec.json.encode([kind, sorted(body.items())])
        if any(one.asked == asked and self.state(one) not in ("done", "error") for one in self.known.values()):
            raise bad_request(4001, "The same export is already running")
        number = _FIRST_ID + len(self.known)
        slow, failing = self._traps.take("export_slow", endpoint), self._traps.take("export_fails", endpoint)
        self.known[number] = Export(
            id=number,
            type=kind,
            asked=asked,
            local=body.get("distribution_method") == "local",
            file=make(),
            created=self._now(),
            delay=slow.seconds if slow else 0.0,
            failed=failing is not None,
        )
        return {"id": number}

    def state(self, export: Export) -> str:
        """How far an export is."""
        age, step = export.age(self._now()) - export.delay, self._settings.export_state_seconds
        last = len(STATES) - 1
        place = 0 if age < 0 else last if step <= 0 else min(int(age / step), last)
        return "error" if export.failed and place >= STATES.index("ready") else STATES[place]

    def find(self, number: int) -> Export:
        """An export, or 404 (4006)."""
        found = self.known.get(number)
        if found is None:
            raise Refused(404, 4006, f"No such export: {number}")
        return found

    def show(self, export: Export) -> Json:
        """An export as answers show it; its file has a name once it is done, and its id is a text here."""
        state = self.state(export)
        return {
            "id": str(export.id),
            "created": written(export.created),
            "status": state,
            "type": export.type,
            "file_name": f"{export.type}_{export.id}.csv" if state == "done" else None,
            "ftp_host": "",
            "ftp_dir": "",
        }

    def lines(self, export: Export, offset: int, limit: int | None, endpoint: str) -> str:
        """A part of a file.

        Raises:
            Refused: 404 for a file elsewhere (4004) or not yet there (4005), 410 for one that is gone (4003).
        """
        if not export.local:
            raise Refused(404, 4004, "The distribution method of the export is not local")
        if self.state(export) != "done":
            raise Refused(404, 4005, "The export is still running")
        if self._traps.take("export_gone", endpoint) or export.age(self._now()) > self._settings.export_lifetime:
            raise Refused(410, 4003, "The file of the export is no longer available")
        lines, header = export.file.lines, export.file.header
        if header and self._settings.export_header_counts:
            lines, header = (header, *lines), ""
        most = len(lines) if limit is None else limit
        part = lines[offset : offset + min(most, self._settings.export_lines or most)]
        return ("" if offset else header) + "".join(part)
