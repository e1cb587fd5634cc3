"""What must stand at Emarsys before anything else: contact fields, our key's among them, and external events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from retail_sync.model.delivery import Delivery, Outcome, Wanted
from retail_sync.model.views import DestinationView
from retail_sync.vendors.emarsys.access import Access
from retail_sync.vendors.emarsys.contact_fields import contact_fields
from retail_sync.vendors.emarsys.event_delivery import EventIds
from retail_sync.vendors.emarsys.events import event_names
from retail_sync.vendors.emarsys.facts import FIELD_TYPES, EmarsysSettings
from retail_sync.vendors.emarsys.verdicts import delivered, outcome
from retail_sync.vendors.emarsys.wire import Ask, Reply

_KEY_TYPE = "shorttext"


def structure(view: DestinationView, settings: EmarsysSettings) -> Iterator[Wanted]:
    """Fields by name, then external events by name. A field's title is given once; marketing may change it."""
    if not settings.key_field.isdigit():
        yield _field(settings.key_field, _KEY_TYPE, "Retail Sync ID")
    for field in contact_fields(view.mapping, settings):
        if field.own:
            yield _field(field.name, FIELD_TYPES[field.type][0], view.mapping[field.name].label or field.name)
    for name in event_names(view):
        if name not in settings.event_ids:
            yield Wanted(
                kind="external_event", object_id=f"external_event:{name}", vendor_key=name, payload={"name": name}
            )


def _field(name: str, kind: str, title: str) -> Wanted:
    return Wanted(
        kind="field",
        object_id=f"field:{name}",
        vendor_key=name,
        payload={"name": name, "type": kind},
        birth={"title": title},
    )


class StructureWrites:
    """Makes contact fields and external events.

    Args:
        access: The way to the account.
        events: Its external events.
    """

    def __init__(self, access: Access, events: EventIds) -> None:
        self._access = access
        self._events = events

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """Make or compare them one by one, and yield an outcome for each."""
        for row in rows:
            yield self._field(row) if row.kind == "field" else self._event(row)

    def _field(self, row: Delivery) -> Outcome:
        held = self._access.ids.find(row.vendor_key)
        if row.operation == "create":
            return _exists(row) if held else self._make_field(row)
        if held is None:
            return _gone(row)
        if held.type == row.payload["type"]:
            return delivered(row)
        words = f"The field is {held.type} at Emarsys and {row.payload['type']} in the pair file."
        return Outcome(row_id=row.row_id, verdict="rejected", code="field_type", words=words)

    def _make_field(self, row: Delivery) -> Outcome:
        body = {
            "name": row.birth.get("title") or row.vendor_key,
            "application_type": row.payload["type"],
            "string_id": row.vendor_key,
        }
        reply = self._access.send(Ask("POST", "/field", "field.create", body))
        self._access.ids.forget()
        # Of one that was made by a try whose answer was lost, Emarsys says that its name is taken.
        return _exists(row) if not reply.ok and self._access.ids.find(row.vendor_key) else _made(row, reply)

    def _event(self, row: Delivery) -> Outcome:
        held = self._events.find(row.vendor_key)
        if row.operation == "create":
            return _exists(row) if held else self._make_event(row)
        return delivered(row) if held else _gone(row)

    def _make_event(self, row: Delivery) -> Outcome:
        reply = self._access.send(Ask("POST", "/event", "event.create", {"name": row.vendor_key}))
        self._events.forget()
        return _made(row, reply)


def _made(row: Delivery, reply: Reply) -> Outcome:
    return delivered(row) if reply.ok else outcome(row, reply.refused)


def _exists(row: Delivery) -> Outcome:
    return Outcome(row_id=row.row_id, verdict="exists", code="exists", words="It is there already.")


def _gone(row: Delivery) -> Outcome:
    return Outcome(row_id=row.row_id, verdict="gone", code="gone", words="It is not there any more.")
