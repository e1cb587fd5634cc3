"""External events: what hangs on them, and everything that was triggered, with how often each id came."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from retail_sync.vendors.emarsys.sandbox.contact import Contact
from retail_sync.vendors.emarsys.sandbox.settings import EventSetup

_FIRST_ID = 4001


@dataclass(slots=True)
class ExternalEvent:
    """An event of the account, and whether an e-mail hangs on it."""

    id: int
    name: str
    created: str
    mail: bool


@dataclass(slots=True)
class Trigger:
    """Something that was triggered.

    Attributes:
        event: The event's name.
        contact: The vendor's id of whom it was for.
        external_id: The key under which the contact was named.
        trigger_id: What repeats are known by; empty for none, and then there are no repeats.
        data: What the request told of it.
        at: Every time it came; it ran at the first of them only.
    """

    event_id: int
    event: str
    contact: int
    external_id: str
    trigger_id: str
    event_time: str
    data: Any
    at: list[datetime] = field(default_factory=list)


class Mail(NamedTuple):
    """An e-mail that an event set off, with the opt-in of whom it went to."""

    at: datetime
    event: str
    contact: int
    email: str
    opt_in: str
    trigger_id: str
    data: Any


class ExternalEvents:
    """All events of an account, and what came of them.

    Args:
        setups: Events at the start.
        created: The time, as the API writes it.

    Attributes:
        known: By id.
        triggers: Oldest first.
        mails: Oldest first.
    """

    def __init__(self, setups: tuple[EventSetup, ...], created: str) -> None:
        self.known: dict[int, ExternalEvent] = {}
        self.triggers: list[Trigger] = []
        self.mails: list[Mail] = []
        self._by_trigger: dict[tuple[int, str], Trigger] = {}
        self._next = _FIRST_ID
        for one in setups:
            self.add(one.name, created, mail=one.mail, number=one.id)

    def add(self, name: str, created: str, *, mail: bool, number: int = 0) -> ExternalEvent:
        """A new event, under the next number unless one is given."""
        number = number or self._next
        self._next = max(self._next, number) + 1
        event = self.known[number] = ExternalEvent(number, name, created, mail)
        return event

    def named(self, name: str) -> ExternalEvent | None:
        """An event by its name."""
        return next((event for event in self.known.values() if event.name == name), None)

    def trigger(
        self,
        event: ExternalEvent,
        contact: Contact,
        at: datetime,
        *,
        key: str,
        trigger_id: str,
        event_time: str,
        data: Any,
    ) -> None:
        """Run what hangs on an event, unless its id has been here before."""
        # ASSUMED: an id is a repeat within its event, whoever it is for.
        known = self._by_trigger.get((event.id, trigger_id)) if trigger_id else None
        if known is not None:
            known.at.append(at)
            return
        new = Trigger(event.id, event.name, contact.id, key, trigger_id, event_time, data, [at])
        self.triggers.append(new)
        if trigger_id:
            self._by_trigger[event.id, trigger_id] = new
        if event.mail:
            self.mails.append(Mail(at, event.name, contact.id, contact.email, contact.opt_in, trigger_id, data))
