"""What must stand at Mailchimp before anything else: merge fields, the store, the placeholder product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from retail_sync.model.delivery import Wanted
from retail_sync.model.views import DestinationView, FieldMapping
from retail_sync.vendors.mailchimp.facts import MailchimpSettings
from retail_sync.vendors.mailchimp.fields import field_type
from retail_sync.vendors.mailchimp.payloads import filled
from retail_sync.vendors.mailchimp.products import Products


def structure(view: DestinationView, settings: MailchimpSettings, *, live: bool) -> Iterator[Wanted]:
    """Merge fields by their tags, then the store, then what needs it."""
    for tag in sorted(view.mapping):
        mapped = view.mapping[tag]
        # Marketing may rename a field's label at Mailchimp, so we give it once and own the type alone.
        yield Wanted(
            kind="merge_field",
            object_id=f"merge_field:{tag}",
            vendor_key=tag,
            payload={"tag": tag, "type": field_type(tag, mapped)},
            birth={"name": mapped.label or tag} | _options(mapped),
        )
    yield _store(view, settings, live=live)
    yield Products(view, settings).placeholder()


def _options(mapped: FieldMapping) -> dict[str, Any]:
    return {"options": {"choices": list(mapped.choices)}} if mapped.choices else {}


def _store(view: DestinationView, settings: MailchimpSettings, *, live: bool) -> Wanted:
    payload = {
        "id": settings.store,
        "list_id": settings.audience,
        "name": settings.store_name or settings.store,
        "currency_code": view.currency,
        "platform": "Retail Sync",
        # A store that is syncing sends no order mail and starts no automation: right for a history, wrong ever after.
        "is_syncing": not live,
    }
    payload |= filled({"domain": settings.store_domain})
    return Wanted(kind="store", object_id=f"store:{settings.store}", vendor_key=settings.store, payload=payload)
