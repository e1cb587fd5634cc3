"""The endpoints that make, name and list external events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_sync.vendors.emarsys.sandbox.endpoints import Ask, Endpoint
from retail_sync.vendors.emarsys.sandbox.envelope import Json, bad_request
from retail_sync.vendors.emarsys.sandbox.external_events import ExternalEvent

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account


def _shown(event: ExternalEvent) -> Json:
    return {"id": str(event.id), "name": event.name, "created": event.created}


def list_events(account: Account, _: Ask) -> list[Json]:
    """Every event; ids are texts here."""
    return [_shown(event) for event in account.events.known.values()]


def create_event(account: Account, ask: Ask) -> Json:
    """A new event; here its id is a number."""
    name = _name(account, ask)
    event = account.events.add(name, account.vienna_text(), mail=account.settings.mail_on_new_events)
    return {**_shown(event), "id": event.id}


def rename_event(account: Account, ask: Ask) -> Json:
    """Another name for an event."""
    event = event_of(account, ask)
    event.name = _name(account, ask)
    return _shown(event)


def delete_event(account: Account, ask: Ask) -> str:
    """Take an event away."""
    del account.events.known[event_of(account, ask).id]
    return ""


def usages(account: Account, ask: Ask) -> Json:
    """What hangs on an event."""
    event = event_of(account, ask)
    return {"emails": [account.settings.campaign_id] if event.mail else [], "programs": []}


def _name(account: Account, ask: Ask) -> str:
    name = ask.body().get("name")
    if not isinstance(name, str) or not name:
        raise bad_request(5002, "The event name is missing")
    if account.events.named(name) is not None:
        raise bad_request(5003, f"An event with this name exists: {name}")
    return name


def event_of(account: Account, ask: Ask) -> ExternalEvent:
    """The event that a path names.

    Raises:
        Refused: 400 when it is no number (5004) or no event (5001).
    """
    event = account.events.known.get(ask.number("event", code=5004))
    if event is None:
        raise bad_request(5001, f"Unknown event: {ask.params['event']}")
    return event


ENDPOINTS = (
    Endpoint("GET", "/event", list_events),
    Endpoint("POST", "/event", create_event, writes=True),
    Endpoint("POST", "/event/{event}", rename_event, writes=True),
    Endpoint("POST", "/event/{event}/delete", delete_event, writes=True),
    Endpoint("GET", "/event/{event}/usages", usages),
)
