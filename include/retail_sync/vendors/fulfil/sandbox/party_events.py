"""What happens to parties: who is known, how they are reached, and whether they want the newsletter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import (
    CustomerErased,
    CustomerKnown,
    CustomersMerged,
    NewsletterChanged,
    PlaceOfLiving,
    ShopEvent,
)
from retail_sync.vendors.fulfil.sandbox.newsletter import set_newsletter
from retail_sync.vendors.fulfil.sandbox.records import Address, Mechanism, Party
from retail_sync.vendors.fulfil.sandbox.values import naive

if TYPE_CHECKING:
    from retail_sync.vendors.fulfil.sandbox.shop import Shop


def _known(shop: Shop, event: CustomerKnown) -> None:
    at = naive(event.at)
    number = shop.parties.get(event.customer_id)
    if number is None and not event.registered and shop.settings.guests_share_a_party:
        shop.guests[event.customer_id] = event
        return
    if number is None:
        _new_party(shop, event, at)
    else:
        _changed(shop, shop.db.parties[number], event, at)


def _new_party(shop: Shop, event: CustomerKnown, at: datetime) -> None:
    party = shop.db.parties.add(
        create_date=at,
        name=_name(event),
        code=str(event.customer_id),
        registered=event.registered,
        birthdate=event.birthdate,
    )
    shop.parties[event.customer_id] = party.id
    _reach(shop, party, "email", event.email, at)
    if event.home.phone:
        _reach(shop, party, "phone", event.home.phone, at)
    address_of(shop, party, _name(event), event.home, at)
    if event.newsletter:
        set_newsletter(shop, party, at, subscribed=True, quietly=True)


def _changed(shop: Shop, party: Party, event: CustomerKnown, at: datetime) -> None:
    if party.name != _name(event) or party.registered != event.registered:
        party.name, party.registered = _name(event), event.registered
        shop.touch(party, at)
    _set_value(shop, party, "email", event.email, at)
    if event.home.phone:
        _set_value(shop, party, "phone", event.home.phone, at)
    address_of(shop, party, _name(event), event.home, at)
    set_newsletter(shop, party, at, subscribed=event.newsletter)


def _name(event: CustomerKnown) -> str:
    return f"{event.first_name} {event.last_name}".strip()


def _reach(shop: Shop, party: Party, kind: str, value: str, at: datetime) -> Mechanism:
    mechanism = shop.db.mechanisms.add(create_date=at, party=party.id, type=kind, value=value)
    party.contact_mechanisms.append(mechanism.id)
    return mechanism


def _set_value(shop: Shop, party: Party, kind: str, value: str, at: datetime) -> None:
    """Overwrite the first contact of a kind: nothing of the party itself shows that it was."""
    rows = (shop.db.mechanisms[number] for number in party.contact_mechanisms)
    mechanism = next((row for row in rows if row.type == kind and row.active), None)
    if mechanism is None:
        _reach(shop, party, kind, value, at)
        shop.touch_parent(party, at)
    elif mechanism.value != value:
        if mechanism.value.lower() != value.lower():
            mechanism.former[mechanism.value] = at
        mechanism.value = value
        shop.touch(mechanism, at)
        shop.touch_parent(party, at)


def address_of(
    shop: Shop, party: Party, name: str, place: PlaceOfLiving, at: datetime, *, email: str | None = None
) -> Address:
    """An address of a party: the one that it has already, or a new one."""
    country = shop.country(place.country)
    wanted = (name, place.line1, place.city, place.postcode, country, email, place.phone)
    for number in party.addresses if email is None else ():
        known = shop.db.addresses[number]
        if wanted == (known.name, known.street, known.city, known.zip, known.country, known.email, known.phone):
            return known
    address = shop.db.addresses.add(
        create_date=at,
        party=party.id,
        name=name,
        street=place.line1,
        city=place.city,
        zip=place.postcode,
        country=country,
        email=email,
        phone=place.phone,
    )
    party.addresses.append(address.id)
    shop.touch_parent(party, at)
    return address


def _newsletter_changed(shop: Shop, event: NewsletterChanged) -> None:
    number = shop.parties.get(event.customer_id)
    if number is not None:
        set_newsletter(shop, shop.db.parties[number], naive(event.at), subscribed=event.subscribed)


def _merged(shop: Shop, event: CustomersMerged) -> None:
    """All that leads to the second party leads to the first from now on; the second is archived."""
    kept_id, merged_id, at = shop.parties.get(event.kept_id), shop.parties.get(event.merged_id), naive(event.at)
    if kept_id is None or merged_id is None or kept_id == merged_id:
        return
    kept, merged = shop.db.parties[kept_id], shop.db.parties[merged_id]
    for table, numbers in ((shop.db.mechanisms, merged.contact_mechanisms), (shop.db.addresses, merged.addresses)):
        for number in numbers:
            row: Any = table.rows[number]
            row.party = kept_id
            shop.touch(row, at)
    kept.contact_mechanisms += merged.contact_mechanisms
    kept.addresses += merged.addresses
    merged.contact_mechanisms, merged.addresses, merged.active = [], [], False
    shop.touch(merged, at)
    shop.touch_parent(kept, at)
    for sale in shop.db.sales:
        if sale.party == merged_id:
            sale.party = kept_id
            shop.touch(sale, at)
    shop.parties[event.merged_id] = kept_id


def _erased(shop: Shop, event: CustomerErased) -> None:
    """The party is archived without anything that tells who it was; amounts stay."""
    number, at = shop.parties.get(event.customer_id), naive(event.at)
    if number is None:
        return
    party = shop.db.parties[number]
    set_newsletter(shop, party, at, subscribed=False)
    party.name, party.birthdate, party.active, party.is_erased = "", None, False, True
    shop.touch(party, at)
    for row in (shop.db.mechanisms[one] for one in party.contact_mechanisms):
        if row.type == "email":
            row.former[row.value] = at
        row.value, row.active = "", False
        shop.touch(row, at)
    for address in (shop.db.addresses[one] for one in party.addresses):
        address.name = address.street = address.city = address.zip = address.phone = address.email = None
        shop.touch(address, at)


HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    CustomerKnown: _known,
    NewsletterChanged: _newsletter_changed,
    CustomersMerged: _merged,
    CustomerErased: _erased,
}
