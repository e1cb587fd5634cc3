"""A server that behaves like Emarsys' Core API, versions 2 and 3, with its uploads of sales data and catalogue.

`build(settings)` gives it. Written from the API's contract alone: may import only `sandbox.kit`, `sandbox.world` and
its own modules, nothing of the vendor's client side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from retail_sync.vendors.emarsys.sandbox.server import build
from retail_sync.vendors.emarsys.sandbox.settings import EventSetup, FieldSetup, Settings

__all__ = ["HURRY", "EventSetup", "FieldSetup", "Settings", "build", "serving"]

#: Settings of a pair's end that lose no time over the exports of a sandbox.
HURRY: Mapping[str, Any] = {"poll_from": 0.02, "poll_to": 1.0}


def serving(ends: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Settings with everything that the ends of pairs name: indexed keys, events by id, merchant, columns, folder."""
    found = list(ends)
    keys = dict.fromkeys(str(end.get("key_field") or "retail_sync_id") for end in found)
    fields = [{"string_id": key, "indexed": True} for key in keys if not key.isdigit()]
    settings: dict[str, Any] = {"fields": fields, "customer_field": fields[0]["string_id"]} if fields else {}
    events = {str(name): int(number) for end in found for name, number in dict(end.get("event_ids") or {}).items()}
    if events:
        settings["events"] = [{"name": name, "id": number} for name, number in events.items()]
    for name in ("merchant", "sales_folder", "sales_columns"):
        if told := next((end[name] for end in found if end.get(name)), None):
            settings[name] = told
    return settings
