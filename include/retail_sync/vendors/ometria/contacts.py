"""Who may be written to, as Ometria tells it: by the sweep of profiles, and by the list of those who left.

A profile says yes, no or nothing, and neither when nor how it came to that. When somebody left is told by the list of
unsubscribes only, which leaves out what came by the API. Ometria shows no bounces and no deletions here, and nothing
by which a contact's own yes could be told from anybody else's: so no yes counts as one of the contact's own hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

from retail_sync.errors import IncompleteReadError
from retail_sync.model.delivery import Contact, ContactStatus
from retail_sync.model.email import normalise
from retail_sync.vendors.ometria.client import OmetriaClient
from retail_sync.vendors.ometria.collection import Collection
from retail_sync.vendors.ometria.facts import OmetriaSettings
from retail_sync.vendors.ometria.paging import everything
from retail_sync.vendors.ometria.payloads import read_moment
from retail_sync.vendors.ometria.people import profile_key

_PROFILES = "/profiles/"
#: CONFIRMED: these concern text messages, whatever else the profile agreed to.
_BY_TEXT_MESSAGE = "stopword_"
#: A profile's opt-in is true, false or null (CONFIRMED), unlike a contact's, which is a word.
_STATUSES: Mapping[bool | None, ContactStatus] = {True: "subscribed", False: "unsubscribed", None: "transactional"}
_TIME = "%Y-%m-%dT%H:%M:%S"


class Left(NamedTuple):
    """That somebody left, under which address, by which way, and when by Ometria's clock."""

    profile: str
    email: str
    at: datetime
    reason: str


class Contacts:
    """Reads the profiles of one account.

    Args:
        client: The way to Ometria.
        collection: The contacts of ours.
        settings: The pair's settings.
    """

    def __init__(self, client: OmetriaClient, collection: Collection, settings: OmetriaSettings) -> None:
        self._client = client
        self._collection = collection
        self._settings = settings

    def lookup(self, emails: Sequence[str]) -> Iterator[Contact]:
        """The contacts of these addresses; of several profiles with one address, one that left speaks for all."""
        profiles = {email: self._of(email) for email in dict.fromkeys(emails)}
        if None in profiles.values():
            self._client.assure(_PROFILES, "profile.read")
        for same in profiles.values():
            yield from self._merged(same or [], {})

    def of(self, email: str) -> list[Mapping[str, Any]]:
        """All profiles of an address as Ometria gives them.

        Raises:
            WaitError: Ometria did not tell.
        """
        found = self._of(email)
        if found is None:
            self._client.assure(_PROFILES, "profile.read")
        return found or []

    def _of(self, email: str) -> list[Mapping[str, Any]] | None:
        """The same; None where Ometria says that nothing is there, as it may where it gives an object."""
        found = self._client.get("/profiles", "profile.lookup", {"email": email})
        if found is None:
            return None
        # Documents speak of an object, clients in use get a list.
        profiles = found if isinstance(found, list) else [found] if isinstance(found, dict) else []
        return [one for one in profiles if normalise(one.get("email")) == normalise(email)]

    def changed(self, since: datetime | None) -> Iterator[Contact]:
        """All contacts, or those that changed since a time; a little more than that.

        Raises:
            IncompleteReadError: Not all of them came.
        """
        overlap = timedelta(seconds=self._settings.change_overlap)
        back = (since.astimezone(UTC) - overlap).strftime(_TIME) if since else None
        left = self._unsubscribes({"since": back} if back else {})
        by_email: dict[str, list[Mapping[str, Any]]] = {}
        for profile in self._swept(back, left):
            if email := normalise(profile["email"]):
                by_email.setdefault(email, []).append(profile)
        # Of somebody who has just left one profile, others may stay that did not change.
        halves = {normalise(one.email) for one in left.values()} if since else set()
        for email, profiles in by_email.items():
            yield from self._merged(self.of(email) or profiles if email in halves else profiles, left)

    def _swept(self, since: str | None, left: Mapping[str, Left]) -> Iterator[Mapping[str, Any]]:
        """The profiles that changed, and those who left of whom the sweep does not know that as yet."""
        if since and self._settings.updates_since == "day":
            since, _, _ = since.partition("T")
        seen: set[str] = set()
        for profile in everything(self._client, _PROFILES, "profile.list", {"updateSince": since} if since else {}):
            seen.add(str(profile["id"]))
            yield _kept(profile)
        yield from map(_kept, filter(None, map(self.profile, sorted(left.keys() - seen))))

    def profile(self, profile_id: str) -> Mapping[str, Any] | None:
        """A profile as Ometria gives it; None where it is none.

        Raises:
            WaitError: Ometria did not tell.
        """
        found = self._client.get(f"{_PROFILES}{quote(profile_id, safe='')}", "profile.read")
        if found is None:
            self._client.assure(_PROFILES, "profile.read")
        return found if isinstance(found, dict) else None

    def _unsubscribes(self, window: Mapping[str, Any]) -> dict[str, Left]:
        """By profile, when it last left, as far as Ometria tells: not what was written by any API."""
        answer = self._client.get("/unsubscribes", "unsubscribe.list", window)
        if not isinstance(answer, list):
            raise IncompleteReadError("the list of unsubscribes is no list", fix="It is read again.")
        found: dict[str, Left] = {}
        for one in answer:
            kind = str(one.get("type") or "")
            if kind.startswith(_BY_TEXT_MESSAGE) or not one.get("profile_id"):
                continue
            reason = ": ".join(filter(None, (kind, str(one.get("reason") or ""))))
            left = Left(
                str(one["profile_id"]), str(one.get("email_address") or ""), read_moment(one["timestamp"]), reason
            )
            if left.profile not in found or left.at > found[left.profile].at:
                found[left.profile] = left
        return found

    def _merged(self, profiles: Sequence[Mapping[str, Any]], left: Mapping[str, Left]) -> Iterator[Contact]:
        """One contact for the profiles of one address: named by the one that is ours, with the strictest status."""
        if not profiles:
            return
        keys = [self._collection.of_profile(one) for one in profiles]
        ours = next(filter(None, keys), None)
        left_one = next((one for one in profiles if one.get("marketing_optin") is False), None)
        named = next((one for one, key in zip(profiles, keys, strict=True) if key), profiles[0])
        speaker = left_one or named
        status = _STATUSES[speaker.get("marketing_optin")]
        gone = left.get(str(speaker["id"])) if status == "unsubscribed" else None
        yield Contact(
            vendor_key=ours or profile_key(str(speaker["id"])),
            email=str(speaker["email"]).lower(),
            status=status,
            changed_at=gone.at if gone else None,
            reason=gone.reason if gone else None,
            still_in=left_one is not None and any(one.get("marketing_optin") is True for one in profiles),
        )


def _kept(profile: Mapping[str, Any]) -> dict[str, Any]:
    """What is looked at of a profile: a whole account of them is held at once."""
    return {name: profile.get(name) for name in ("id", "email", "customer_id", "marketing_optin")}
