"""Exports: asked for, made by Emarsys in its own time, fetched as a file (CONFIRMED states and codes)."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from typing import Any, NamedTuple

from retail_sync.errors import ConfigurationError, UnreachableError
from retail_sync.model.texts import shown
from retail_sync.vendors.emarsys.access import Access
from retail_sync.vendors.emarsys.facts import EXPORT_PAGE
from retail_sync.vendors.emarsys.wire import Ask, Reply

_SAME_IS_RUNNING, _FILE_GONE, _NOT_LOCAL, _STILL_RUNNING = 4001, 4003, 4004, 4005
#: How often an export is made anew whose file was not kept until it was fetched.
_TRIES = 2


class Export(NamedTuple):
    """What an export holds.

    Attributes:
        rows: Its rows without the header: first Emarsys' id of a contact.
        created: When it was made, as Emarsys writes it: in its own time and without a zone.
    """

    rows: list[list[str]]
    created: str


class Exports:
    """Makes exports and reads them.

    Args:
        access: The way to the account.
        sleep: A seam for tests.
    """

    def __init__(self, access: Access, sleep: Callable[[float], None] = time.sleep) -> None:
        self._access = access
        self._settings = access.settings
        self._sleep = sleep

    def read(self, path: str, endpoint: str, body: Mapping[str, Any]) -> Export:
        """Have an export made and read it.

        Raises:
            UnreachableError: It was not done in time, or failed at Emarsys.
            ConfigurationError: Emarsys does not take such a question.
        """
        for _ in range(_TRIES):
            export = self._begin(
                Ask("POST", path, endpoint, {**body, "distribution_method": "local", "delimiter": ","})
            )
            created = self._wait(export)
            rows = self._read(export)
            if rows is not None:
                return Export(rows, created)
        raise UnreachableError("the file of an export was gone before it was fetched", fix="It is asked for again.")

    def _begin(self, ask: Ask) -> str:
        """Ask for an export and give its id. One and the same runs only once: whoever began it, we wait."""
        for _ in self._looks("an export like it"):
            reply = self._access.send(ask)
            if reply.ok:
                return str(reply.fields["id"])
            if reply.code != _SAME_IS_RUNNING:
                raise _not_taken(reply)
        raise AssertionError  # pragma: no cover - looks end by an error

    def _wait(self, export: str) -> str:
        """Wait until an export is done, and tell when it was made."""
        for _ in self._looks("an export"):
            reply = self._access.send(Ask("GET", f"/export/{export}", "export.read"))
            status = str(reply.fields.get("status") or "")
            if status == "done":
                return str(reply.fields.get("created") or "")
            if status == "error":
                raise UnreachableError("an export failed at Emarsys", fix="It is asked for again.")
            if not reply.ok and reply.code != _STILL_RUNNING:
                raise _not_taken(reply)
        raise AssertionError  # pragma: no cover - looks end by an error

    def _looks(self, what: str) -> Iterator[None]:
        """Look now and again, ever more seldom, until the deadline."""
        wait, until = self._settings.poll_from, time.monotonic() + self._settings.export_deadline
        while True:
            yield
            if time.monotonic() + wait > until:
                raise UnreachableError(f"{what} was not done in time", fix="It is asked for again.")
            self._sleep(wait)
            wait = min(wait * 2, self._settings.poll_to)

    def _read(self, export: str) -> list[list[str]] | None:
        """All rows, page by page until none comes; None where the file is not kept any more."""
        rows: list[list[str]] = []
        while True:
            # Nothing tells how many are given at most: as many may come as were asked for, or fewer.
            params = {"offset": str(len(rows)), "limit": str(EXPORT_PAGE)}
            reply, text = self._access.client.text(Ask("GET", f"/export/{export}/data", "export.data", params=params))
            if reply.code == _FILE_GONE:
                return None
            if not reply.ok:
                raise _not_taken(reply)
            page = [row for row in csv.reader(StringIO(text)) if row and row[0].isdigit()]
            # Whoever knows no pages gives the whole file each time; where the header counts, the last row comes again.
            if not page or page == rows[-len(page) :]:
                return rows
            rows += page


def _not_taken(reply: Reply) -> UnreachableError | ConfigurationError:
    if reply.status >= 500 or reply.code == _STILL_RUNNING:
        return UnreachableError(f"an export could not be made ({reply.status})", fix="It is asked for again.")
    fix = "Let the API credential use exports." if reply.code == _NOT_LOCAL else "Run `retail-sync check`."
    return ConfigurationError(f"Emarsys refuses an export: {shown(reply.refused.words)}", fix=fix)
