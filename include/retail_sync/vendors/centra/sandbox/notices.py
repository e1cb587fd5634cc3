"""The event queue of each integration: oldest first, repeated until confirmed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

CHANGE_TYPES = ("CREATED", "UPDATED", "DELETED", "COMPLETED", "DEPENDENT_DATA_CHANGED")


@dataclass(frozen=True, slots=True)
class Notice:
    """That an object has changed; who wants to know how fetches it."""

    id: int
    object_type: str
    change_type: str
    reference: str
    at: datetime
    store_id: int
    market: str | None


@dataclass(slots=True)
class Listener:
    """What an integration wants to hear of one type of object."""

    integration: str
    object_type: str
    change_types: list[str]
    created_at: datetime
    updated_at: datetime


class NoticeBoard:
    """Listeners and queues of all integrations."""

    def __init__(self) -> None:
        self.listeners: dict[tuple[str, str], Listener] = {}
        self._queues: dict[str, dict[int, Notice]] = {}
        self._last = 0

    def listen(self, integration: str, object_type: str, change_types: Collection[str] | None, at: datetime) -> None:
        """Hear of a type of object, in addition to what was heard of before; none named means every change."""
        wanted = set(change_types or CHANGE_TYPES)
        listener = self.listeners.setdefault((integration, object_type), Listener(integration, object_type, [], at, at))
        heard = wanted | set(listener.change_types)
        listener.change_types = [one for one in CHANGE_TYPES if one in heard]
        listener.updated_at = at

    def unlisten(self, integration: str, object_type: str, change_types: Collection[str] | None) -> None:
        """Hear no more of it; what waits in the queue is deleted with it."""
        dropped = set(change_types or CHANGE_TYPES)
        listener = self.listeners.get((integration, object_type))
        if listener is None:
            return
        listener.change_types = [one for one in listener.change_types if one not in dropped]
        if not listener.change_types:
            del self.listeners[integration, object_type]
        queue = self._queues.get(integration, {})
        for notice in list(queue.values()):
            if notice.object_type == object_type and notice.change_type in dropped:
                del queue[notice.id]

    def of(self, integration: str) -> list[Listener]:
        """An integration's listeners."""
        return [listener for listener in self.listeners.values() if listener.integration == integration]

    def post(
        self, object_type: str, change_type: str, reference: object, at: datetime, *, store_id: int, market: str | None
    ) -> None:
        """Tell every integration that listens."""
        for listener in self.listeners.values():
            if listener.object_type == object_type and change_type in listener.change_types:
                self._last += 1
                notice = Notice(self._last, object_type, change_type, str(reference), at, store_id, market)
                self._queues.setdefault(listener.integration, {})[notice.id] = notice

    def waiting(self, integration: str, where: Mapping[str, Any]) -> list[Notice]:
        """What is not yet confirmed, the oldest first."""
        types, changes, stores = (where.get(name) for name in ("objectType", "changeType", "storeId"))
        return [
            notice
            for notice in self._queues.get(integration, {}).values()
            if (types is None or notice.object_type in types)
            and (changes is None or notice.change_type in changes)
            and (stores is None or notice.store_id in stores)
        ]

    def confirm(self, integration: str, ids: Collection[int]) -> list[int]:
        """Take events off the queue; gives those that were not on it."""
        queue = self._queues.get(integration, {})
        return [one for one in ids if queue.pop(one, None) is None]
