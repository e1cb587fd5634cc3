"""Who is told of events."""

from __future__ import annotations

from dataclasses import dataclass

from retail_sync.vendors.fulfil.sandbox.records.record import Record


@dataclass(slots=True, kw_only=True)
class Webhook(Record):
    """An address that is told of events; `secret` is base64."""

    event: str
    url: str
    secret: str | None = None
    active: bool = True
