"""The errors of pushes: Ometria remembers the latest hundred of the account, whoever's they are."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any, NamedTuple

from retail_sync.errors import UnreachableError
from retail_sync.vendors.ometria.client import OmetriaClient

#: How many errors are remembered here.
_REMEMBERED = 20_000


class Error(NamedTuple):
    """One error as Ometria lists it."""

    request_id: str
    record_id: str
    at: str
    words: str


class ErrorWatch:
    """Collects errors look by look, so that one that has left Ometria's list is still known here. Shared by threads.

    Args:
        client: The way to Ometria.
        kept: How many errors Ometria remembers.

    Attributes:
        losses: How often a look found nothing that an earlier one had: then errors may have gone by unseen.
    """

    def __init__(self, client: OmetriaClient, kept: int) -> None:
        self._client = client
        self._kept = kept
        self._looking = Lock()
        self._known: OrderedDict[Error, None] = OrderedDict()
        self._words: dict[tuple[str, str], str] = {}
        self._begun = False
        self.losses = 0

    def begin(self) -> None:
        """Look once before the first push, so that later looks have something to join."""
        if not self._begun:
            self.look()

    def look(self) -> None:
        """Read the list of errors.

        Raises:
            WaitError: It could not be read.
        """
        with self._looking:
            listed = [_error(one) for one in self._listed()]
            fresh = [one for one in listed if one not in self._known]
            if self._begun and len(fresh) == len(listed) and len(listed) >= self._kept:
                self.losses += 1
            self._begun = True
            for one in fresh:
                self._known[one] = None
                self._words[one.request_id, one.record_id] = one.words
            while len(self._known) > _REMEMBERED:
                oldest, _ = self._known.popitem(last=False)
                self._words.pop((oldest.request_id, oldest.record_id), None)

    def known(self) -> list[Error]:
        """Every error that was seen, the oldest first."""
        with self._looking:
            return list(self._known)

    def of(self, request_id: str, record_id: str) -> str | None:
        """What was said against a record of a push, or None."""
        return self._words.get((request_id, record_id))

    def _listed(self) -> list[Mapping[str, Any]]:
        answer = self._client.get("/push/_errors", "push.errors")
        if not isinstance(answer, list):
            raise UnreachableError("the errors of pushes could not be read", fix="It is tried again.")
        return [one for one in answer if isinstance(one, dict)]


def _error(listed: Mapping[str, Any]) -> Error:
    message = listed.get("message")
    said = message if isinstance(message, dict) else {"error_message": message}
    parts = (str(said.get(name) or "") for name in ("error_path", "error_message"))
    words = ": ".join(part for part in parts if part) or "Ometria gave no reason."
    return Error(
        str(listed.get("request_id") or ""), str(listed.get("record_id") or ""), str(listed.get("timestamp")), words
    )
