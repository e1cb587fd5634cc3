"""Fulfil's parties as canonical customers."""

from __future__ import annotations

from retail_sync.model.records import Customer
from retail_sync.vendors.fulfil.addresses import address, names
from retail_sync.vendors.fulfil.channels import Channels
from retail_sync.vendors.fulfil.decoding import utc
from retail_sync.vendors.fulfil.newsletter import Newsletter
from retail_sync.vendors.fulfil.parties import Party
from retail_sync.vendors.fulfil.settings import Settings

_EMAIL = "email"


class Customers:
    """Turns parties into customers: one record a party, under its first address that is in use, as Fulfil shows it.

    Several parties may have one address (CONFIRMED); each is given, and the core makes one contact of them. Further
    addresses of a party are no contacts of their own: a pair's alias list may name them. A party that has been archived
    was merged or erased: it has become another where the settings say which field tells so, and else nobody is behind
    it any more.

    Args:
        newsletter: Says who has opted in.
        channels: Know which parties are nobody.
        settings: The pair file's settings.
    """

    def __init__(self, newsletter: Newsletter, channels: Channels, settings: Settings) -> None:
        self._newsletter = newsletter
        self._channels = channels
        self._settings = settings

    def record(self, party: Party) -> Customer | None:
        """The canonical customer; None for who is no customer, is nobody, or never had an e-mail address."""
        row = party.row
        if self._channels.is_anonymous(row.id) or (self._settings.customers_only and row.is_customer is False):
            return None
        is_gone = row.active is False and row.merged_into is None
        # What a merged party could be reached at stands on the one that it has become.
        email = party.first(_EMAIL) or row.merged_email
        if email is None and row.active is not False and not any(one.type == _EMAIL for one in party.mechanisms):
            return None
        home = address(next((one for one in party.addresses if one.active is not False), None))
        first_name, last_name = names(row.name)
        return Customer(
            key=str(row.id),
            email=email or "",
            created_at=utc(row.create_date),
            # Never that of a contact detail: were it deleted, what is left would seem to be older than what was there.
            updated_at=row.changed,
            opted_in=False if is_gone else self._newsletter.wanted_by(party),
            first_name=first_name,
            last_name=last_name,
            phone=party.first("mobile", "phone") or (home.phone if home else None),
            address=home,
            market=home.country if home and self._settings.market == "country" else None,
            anonymised=is_gone,
            merged_into=None if row.merged_into is None else str(row.merged_into),
        )
