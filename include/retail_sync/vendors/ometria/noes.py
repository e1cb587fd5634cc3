"""Noes that must stand before something of ours is sent: an address that has said no goes on saying so.

A profile is made of listings, and one address may have several profiles. What one listing says is heard by one of them
(CONFIRMED), and goes along with that listing when it changes its address or loses it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from retail_sync.errors import UnreachableError
from retail_sync.model.delivery import Delivery
from retail_sync.model.email import normalise
from retail_sync.vendors.ometria.contacts import Contacts
from retail_sync.vendors.ometria.facts import OPTED_OUT
from retail_sync.vendors.ometria.readback import Readback
from retail_sync.vendors.ometria.records import Prepared, Records

_NO = {"marketing_optin": OPTED_OUT}


class Noes:
    """Finds which noes are needed, and makes listings of them, which say that and nothing else.

    Args:
        records: Makes records of rows.
        contacts: The profiles.
        readback: What stands.
    """

    def __init__(self, records: Records, contacts: Contacts, readback: Readback) -> None:
        self._records = records
        self._contacts = contacts
        self._readback = readback

    def opt_out(self, sent: Prepared) -> Prepared:
        """The no of a contact of ours, behind one for each other profile of its address that has not said it."""
        listing = self._listing(sent.key)
        email = normalise(listing.get("email"))
        own = str(listing.get("@profile_id") or "")
        return sent._replace(first=self._others(sent.row, self._contacts.of(email), own)) if email else sent

    def of_profile(self, row: Delivery, profile: Mapping[str, Any]) -> Prepared | None:
        """The no of a profile of which no contact is ours; None where nothing tells whose it is."""
        email = normalise(profile.get("email"))
        mine = self._of_profile(row, profile)
        if mine is None or email is None:
            return mine
        return mine._replace(first=self._others(row, self._contacts.of(email), str(profile["id"])))

    def given_up(self, sent: Prepared) -> Prepared:
        """What changes or empties the address of a contact, and leaves a no behind where one was said there.

        The contact takes that no along: else a yes of its birth would come to life under the new address.
        """
        row = sent.row
        if row.operation == "update" and (row.previous or row.payload).get("email") == row.payload.get("email"):
            return sent
        listing = self._listing(row.vendor_key)
        email = normalise(listing.get("email"))
        if email is None or email == row.payload.get("email"):
            return sent
        profiles = self._contacts.of(email)
        if listing.get("marketing_optin") != OPTED_OUT and not any(map(_is_out, profiles)):
            return sent
        key = f"left-{row.vendor_key}-{row.row_id}"
        stays = self._records.contact(_as_no(row), key, {"email": email, **_NO})
        others = self._others(row, profiles, str(listing.get("@profile_id") or ""))
        return sent._replace(record=sent.record | _NO, first=(stays, *others))

    def _listing(self, key: str) -> Mapping[str, Any]:
        """A contact of ours, which was seen to be there."""
        found = self._readback.raw("contact", key)
        if found is None:
            raise UnreachableError("a contact that was there was not given", record=f"contact {key}")
        return found

    def _others(self, row: Delivery, profiles: Sequence[Mapping[str, Any]], own: str) -> tuple[Prepared, ...]:
        others = (one for one in profiles if str(one["id"]) != own and not _is_out(one))
        return tuple(filter(None, (self._of_profile(row, one) for one in others)))

    def _of_profile(self, row: Delivery, profile: Mapping[str, Any]) -> Prepared | None:
        whose = {name: profile[name] for name in ("email", "customer_id") if profile.get(name)}
        if not whose:
            return None
        return self._records.contact(_as_no(row), f"profile-{profile['id']}", {**whose, **_NO})


def _is_out(profile: Mapping[str, Any]) -> bool:
    return profile.get("marketing_optin") is False


def _as_no(row: Delivery) -> Delivery:
    """The row as one that says no, so that it is seen to stand as such."""
    return replace(row, operation="opt_out")
