"""Contact fields by name: an account numbers its own fields as it likes, and the API speaks in numbers."""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple

from retail_sync.errors import SchemaDriftError, UnreachableError
from retail_sync.vendors.emarsys.facts import SYSTEM_FIELDS
from retail_sync.vendors.emarsys.wire import Ask, Send


class KnownField(NamedTuple):
    """A contact field as the account has it; `type` is in the field API's words."""

    id: str
    type: str


class FieldIds:
    """The contact fields of one account, read once and again where one is not found. May be shared by threads.

    Args:
        send: Takes a request to Emarsys.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._reading = Lock()
        self._known: dict[str, KnownField] | None = None

    def of(self, name: str) -> str:
        """The id of a field, given by name or by its id itself.

        Raises:
            SchemaDriftError: There is none of that name.
            WaitError: Emarsys did not tell.
        """
        if name.isdigit():
            return name
        if name in SYSTEM_FIELDS:
            return str(SYSTEM_FIELDS[name])
        found = self.find(name)
        if found is None:
            raise SchemaDriftError(
                "is not there at Emarsys", record=f"contact field {name}", fix="Run the pair, which makes its fields."
            )
        return found.id

    def find(self, name: str) -> KnownField | None:
        """The field of that name among those that the account has of its own, or None.

        Raises:
            WaitError: Emarsys did not tell.
        """
        with self._reading:
            known = self._known
            if known is None or name not in known:
                known = self._known = self._read()
            return known.get(name)

    def forget(self) -> None:
        """Read them anew before the next answer: one has been made, or is gone."""
        with self._reading:
            self._known = None

    def _read(self) -> dict[str, KnownField]:
        """By the name for programs; by the title where a field has no such name, as older ones have not."""
        reply = self._send(Ask("GET", "/field", "field.list"))
        if not reply.ok or not isinstance(reply.data, list):
            raise UnreachableError(f"contact fields could not be read ({reply.status})", fix="They are read again.")
        known: dict[str, KnownField] = {}
        for field in sorted(reply.data, key=lambda field: not field.get("string_id")):
            name = str(field.get("string_id") or field.get("name") or "")
            known.setdefault(name, KnownField(str(field["id"]), str(field.get("application_type") or "")))
        return known
