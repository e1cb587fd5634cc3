"""What happened to a contact as Mailchimp takes it: an event on the member, which nothing tells from a second one.

There is no id of an event at Mailchimp. Ours travels among its properties, and by it one is found again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from retail_sync.errors import UnreachableError
from retail_sync.model.delivery import Held, Wanted
from retail_sync.model.happenings import Happening
from retail_sync.model.texts import cut
from retail_sync.model.views import DestinationView
from retail_sync.vendors.mailchimp.access import Access
from retail_sync.vendors.mailchimp.facts import PAGE, MailchimpSettings
from retail_sync.vendors.mailchimp.payloads import contact_key, filled, moment
from retail_sync.vendors.mailchimp.wire import Paths, Write

#: The property that holds our id.
EVENT_ID = "event_id"


class EventKey(NamedTuple):
    """Where an event is: the contact's hash, and our id of it."""

    member: str
    event_id: str

    def __str__(self) -> str:
        return f"{self.member}/{self.event_id}"

    @classmethod
    def parse(cls, vendor_key: str) -> EventKey:
        """The key that `str` wrote."""
        member, _, event_id = vendor_key.partition("/")
        return cls(member, event_id)


class Events:
    """Renders happenings for one pair."""

    def __init__(self, view: DestinationView, settings: MailchimpSettings) -> None:
        self._names = view.events
        self._length = settings.event_text_length

    def render(self, happening: Happening) -> list[Wanted]:
        """The event; none where the pair has no name for such a thing."""
        name = self._names.get(happening.name)
        if name is None:
            return []
        member = contact_key(happening.email)
        properties = {key: cut(text, self._length) for key, text in filled(happening.properties).items()}
        return [
            Wanted(
                kind="event",
                object_id=happening.event_id,
                vendor_key=str(EventKey(member, happening.event_id)),
                payload={
                    "member": member,
                    "name": name,
                    "properties": {EVENT_ID: happening.event_id, **properties},
                    "occurred_at": moment(happening.at),
                },
                needs=(f"member:{happening.person_id}",),
                row="step",
                useful_until=happening.useful_until,
            )
        ]


def read_events(access: Access, vendor_keys: Sequence[str]) -> Iterator[Held]:
    """Which of these events have arrived; no answer for those of a contact that is not to be found under its hash.

    Raises:
        UnreachableError: Mailchimp did not tell.
    """
    keys = sorted(map(EventKey.parse, vendor_keys))
    for member, asked in groupby(keys, key=lambda key: key.member):
        told = _told(access, member)
        if told is not None:
            for key in asked:
                yield Held(kind="event", vendor_key=str(key), payload=told.get(key.event_id))


def _told(access: Access, member: str) -> dict[str, dict[str, Any]] | None:
    """What was told of a contact, by our id. A contact that has moved since took its events along."""
    path = Paths.one(access.paths.members, member, "events")
    found: dict[str, dict[str, Any]] = {}
    offset = 0
    while True:
        reply = access.send(Write("GET", path, "events.list", params={"count": str(PAGE), "offset": str(offset)}))
        if reply.status == 404:
            return None
        if not reply.ok or not isinstance(reply.body, dict):
            raise UnreachableError(f"events.list was answered with {reply.status}", fix="It is read again.")
        page = reply.body["events"]
        for event in page:
            properties = event.get("properties") or {}
            if EVENT_ID in properties:
                found[properties[EVENT_ID]] = {name: event[name] for name in ("name", "properties", "occurred_at")}
        offset += len(page)
        if not page or offset >= int(reply.body["total_items"]):
            return found
