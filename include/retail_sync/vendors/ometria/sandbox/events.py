"""Custom events: types that are registered, whom they concern, and how often each id came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retail_sync.vendors.ometria.sandbox.people import People
from retail_sync.vendors.ometria.sandbox.refusals import Rejected
from retail_sync.vendors.ometria.sandbox.schema import Json
from retail_sync.vendors.ometria.sandbox.settings import Settings
from retail_sync.vendors.ometria.sandbox.shapes import IDENTITIES

LONGEST_TYPE = 32


@dataclass(slots=True)
class CustomEvent:
    """An event as it was last sent.

    Attributes:
        times: How often its id came.
        first_at: When it came first.
        profile_id: Whom it concerns, empty where nobody was found.
    """

    id: str
    first_at: datetime
    fields: Json
    profile_id: str
    times: int = 1


class Events:
    """All custom events.

    Args:
        settings: The account.
        people: Whom they may concern.

    Attributes:
        known: By id.
    """

    def __init__(self, settings: Settings, people: People) -> None:
        self._settings = settings
        self._people = people
        self._registered = {one[:LONGEST_TYPE] for one in settings.event_types}
        self.known: dict[str, CustomEvent] = {}

    def take(self, record: Json, at: datetime) -> CustomEvent:
        """Store an event; the first of its id sets off what listens to its type.

        Raises:
            Rejected: Its type is not registered, or it does not say whom it concerns.
        """
        named = record["event_type"][:LONGEST_TYPE]
        if named not in self._registered:
            raise Rejected(f"Event type {named} is not registered", "event_type")
        if sum(record.get(name) is not None for name in IDENTITIES) != 1:
            raise Rejected(f"Exactly one of {', '.join(IDENTITIES)} is required")
        fields = {**record, "event_type": named}
        known, profile_id = self.known.get(record["id"]), self._whose(record)
        if known is None:
            known = self.known[record["id"]] = CustomEvent(record["id"], at, fields, profile_id)
        else:
            known.fields, known.profile_id = fields, profile_id
            known.times += 1
        if known.times == 1 or self._settings.event_sent_again == "sets_off":
            about = {"event_id": known.id, "event_type": named, "profile_id": profile_id}
            self._people.automations.append({"kind": "custom_event", "at": at, **about})
        return known

    def _whose(self, record: Json) -> str:
        people = self._people
        if record.get("profile_id") is not None:
            return record["profile_id"] if record["profile_id"] in people.profiles else ""
        if record.get("identity_account_id") is not None:
            found = people.clusters.with_customer(record["identity_account_id"])
        else:
            found = people.clusters.with_email(record["identity_email"])
        return max(found, key=lambda one: one.taken_in).id if found else ""
