"""Where a merchant keeps who wants its newsletter. The vendor has no field for it, so merchants find their own way."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from retail_sync.vendors.fulfil.sandbox.database import Database
from retail_sync.vendors.fulfil.sandbox.records import Party
from retail_sync.vendors.fulfil.sandbox.settings import Settings

if TYPE_CHECKING:
    from retail_sync.vendors.fulfil.sandbox.shop import Shop

#: The name of contact mechanisms that hold a fact instead of a contact, as `key:value`.
_TAG = "data"


def wants_newsletter(db: Database, settings: Settings, party: Party) -> bool:
    """Whether a party is subscribed."""
    key = settings.newsletter_name
    if settings.newsletter == "category":
        return any(db.categories[number].name == settings.newsletter_name for number in party.categories)
    if settings.newsletter == "metafield":
        fields = (db.metafields[number] for number in party.metafields)
        return any(row.key == key and row.value == "yes" for row in fields)
    tags = (db.mechanisms[number] for number in party.contact_mechanisms)
    return any(row.active and row.name == _TAG and row.value == f"{key}:yes" for row in tags)


def set_newsletter(shop: Shop, party: Party, at: datetime, *, subscribed: bool, quietly: bool = False) -> None:
    """Subscribe a party or end its subscription; `quietly` where the party itself is new."""
    if wants_newsletter(shop.db, shop.settings, party) == subscribed:
        return
    {"category": _set_category, "metafield": _set_metafield, "tag": _set_tag}[shop.settings.newsletter](
        shop, party, at, subscribed
    )
    party.was_subscribed = party.was_subscribed or subscribed
    if not quietly and shop.settings.newsletter == "category":
        shop.touch(party, at)
    elif not quietly:
        shop.touch_parent(party, at)


def _set_category(shop: Shop, party: Party, _: datetime, subscribed: bool) -> None:
    if subscribed:
        party.categories.append(shop.newsletter_category)
    else:
        party.categories.remove(shop.newsletter_category)


def _set_metafield(shop: Shop, party: Party, at: datetime, subscribed: bool) -> None:
    value, key = "yes" if subscribed else "no", shop.settings.newsletter_name
    rows = (shop.db.metafields[number] for number in party.metafields)
    known = next((row for row in rows if row.key == key), None)
    if known is None:
        made = shop.db.metafields.add(create_date=at, record=f"party.party,{party.id}", key=key, value=value)
        party.metafields.append(made.id)
    else:
        known.value = value
        shop.touch(known, at)


def _set_tag(shop: Shop, party: Party, at: datetime, subscribed: bool) -> None:
    key = shop.settings.newsletter_name
    value = f"{key}:{'yes' if subscribed else 'no'}"
    rows = (shop.db.mechanisms[number] for number in party.contact_mechanisms)
    known = next((row for row in rows if row.name == _TAG and row.value.startswith(f"{key}:")), None)
    if known is None:
        made = shop.db.mechanisms.add(create_date=at, party=party.id, type="other", name=_TAG, value=value)
        party.contact_mechanisms.append(made.id)
    else:
        known.value = value
        shop.touch(known, at)
