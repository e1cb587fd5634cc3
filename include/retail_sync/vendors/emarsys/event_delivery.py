"""Telling external events, a thousand in a call, each under an id by which Emarsys knows a repeat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from threading import Lock

from retail_sync.errors import SchemaDriftError, UnreachableError
from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.texts import shown
from retail_sync.vendors.emarsys.access import Access
from retail_sync.vendors.emarsys.facts import EMAIL, EVENT_BYTES, PER_CALL
from retail_sync.vendors.emarsys.verdicts import halved, portions, settled
from retail_sync.vendors.emarsys.wire import Ask, Send


class EventIds:
    """The external events of one account by name, read once and again where one is not found.

    Args:
        send: Takes a request to Emarsys.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._reading = Lock()
        self._known: dict[str, str] | None = None

    def find(self, name: str) -> str | None:
        """The id of an event, or None where there is none of that name.

        Raises:
            WaitError: Emarsys did not tell.
        """
        with self._reading:
            if self._known is None or name not in self._known:
                self._known = self._read()
            return self._known.get(name)

    def forget(self) -> None:
        """Read them anew before the next answer."""
        with self._reading:
            self._known = None

    def _read(self) -> dict[str, str]:
        reply = self._send(Ask("GET", "/event", "event.list"))
        if not reply.ok or not isinstance(reply.data, list):
            raise UnreachableError(f"external events could not be read ({reply.status})", fix="They are read again.")
        return {str(event.get("name")): str(event.get("id")) for event in reply.data}


class EventDelivery:
    """Tells events to contacts of one account.

    Args:
        access: The way to it.
        ids: Its external events.
    """

    def __init__(self, access: Access, ids: EventIds) -> None:
        self._access = access
        self._ids = ids

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """Tell events and yield an outcome for each.

        Raises:
            WaitError: Emarsys is not to be had; rows without an outcome may be sent again.
        """
        by_name = sorted(rows, key=_name)
        for name, same in groupby(by_name, key=_name):
            event = self._access.settings.event_ids.get(name) or self._ids.find(name)
            for call in portions(list(same), _whom, PER_CALL, EVENT_BYTES):
                if event is None:
                    yield from (_lacking(row, "event_missing", f"There is no external event {name!r}.") for row in call)
                else:
                    yield from self._tell(event, call)

    def _tell(self, event: str, rows: Sequence[Delivery]) -> list[Outcome]:
        """Tell by our keys; whom Emarsys does not know by one, such as somebody another pair has made, by address."""
        try:
            key_field = self._access.key_field
        except SchemaDriftError as error:
            return [_lacking(row, "field_missing", shown(str(error))) for row in rows]
        outcomes = self._trigger(event, rows, key_field, "contact")
        unknown = {ended.row_id for ended in outcomes if ended.verdict == "gone"}
        strangers = [row for row in rows if row.row_id in unknown]
        if not strangers:
            return self._heeded(outcomes)
        known = [ended for ended in outcomes if ended.row_id not in unknown]
        again = self._trigger(event, strangers, str(EMAIL), "email")
        return self._heeded(known + [_nobody(ended) if ended.verdict == "gone" else ended for ended in again])

    def _trigger(self, event: str, rows: Sequence[Delivery], key_id: str, key: str) -> list[Outcome]:
        contacts = [
            {
                "external_id": row.payload[key],
                "trigger_id": row.payload["trigger_id"],
                "event_time": row.payload["event_time"],
                "data": row.payload["data"],
            }
            for row in rows
        ]
        body = {"key_id": key_id, "contacts": contacts}
        reply = self._access.send(Ask("POST", f"/event/{event}/trigger", "event.trigger", body))
        refused = halved(rows, reply, lambda some: self._trigger(event, some, key_id, key))
        if refused is not None:
            return refused
        ended = list(settled(rows, reply, lambda row: str(row.payload[key])))
        return [_unheard(one) for one in ended] if reply.fields.get("connectedTo") is False else ended

    def _heeded(self, outcomes: list[Outcome]) -> list[Outcome]:
        """Whoever deleted an event may have made it anew, under another id."""
        if any(ended.code == "event_missing" for ended in outcomes):
            self._ids.forget()
        return outcomes


def _name(row: Delivery) -> str:
    return str(row.payload["event"])


def _whom(row: Delivery) -> tuple[str, str]:
    return row.payload["contact"], row.payload["email"]


def _lacking(row: Delivery, code: str, words: str) -> Outcome:
    return Outcome(row_id=row.row_id, verdict="lacking", code=code, words=words)


def _nobody(ended: Outcome) -> Outcome:
    return Outcome(row_id=ended.row_id, verdict="rejected", code="nobody_to_tell", words=ended.words)


def _unheard(ended: Outcome) -> Outcome:
    """Taken, though no program listens: an account with Interactions says so in passing."""
    if ended.verdict != "delivered":
        return ended
    return Outcome(row_id=ended.row_id, verdict="delivered", words="Nothing at Emarsys listens to this event.")
