"""An audience (the API says list): its members and how each kind of write may change them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from retail_sync.vendors.mailchimp.sandbox.ids import digest
from retail_sync.vendors.mailchimp.sandbox.member import Member, Profile, Tag, subscriber_hash
from retail_sync.vendors.mailchimp.sandbox.merge_fields import defaults
from retail_sync.vendors.mailchimp.sandbox.merge_values import read_values
from retail_sync.vendors.mailchimp.sandbox.problems import (
    compliance_state,
    forgotten_email,
    invalid_address,
    invalid_merge_fields,
    member_exists,
    not_found,
)
from retail_sync.vendors.mailchimp.sandbox.schema import Json
from retail_sync.vendors.mailchimp.sandbox.settings import Settings
from retail_sync.vendors.mailchimp.sandbox.traps import Traps

EMAIL = re.compile(r"[^@\s,;<>\"]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z0-9-]{2,}\Z")
#: Fields of a member that a write copies as they are.
PLAIN_FIELDS = frozenset(
    {"email_type", "interests", "language", "vip", "ip_signup", "timestamp_signup", "ip_opt", "timestamp_opt"}
)


def check_address(settings: Settings, email: str) -> None:
    """Refuse what is no address, and what looks invented.

    Raises:
        Problem: 400.
    """
    if not EMAIL.match(email):
        raise invalid_address("Please provide a valid email address.")
    plain = email.lower()
    if plain.rpartition("@")[2] in settings.fake_domains or plain in settings.fake_addresses:
        raise invalid_address(f"{email} looks fake or invalid, please enter a real email address.")


class Audience:
    """A list with everything that hangs on it, archived members included.

    Attributes:
        about: Name, contact, campaign defaults, `double_optin` and the like, as answers show them.
        merge_fields: By tag, in their order.
        members: By subscriber hash.
        forgotten: Addresses that were deleted for good, with the time.
        tags: Every tag of the list, by name.
    """

    def __init__(self, list_id: str, about: Json, settings: Settings, traps: Traps) -> None:
        self.id = list_id
        self.about = about
        self.settings = settings
        self._traps = traps
        self.merge_fields = defaults(list_id)
        self.members: dict[str, Member] = {}
        self.forgotten: dict[str, str] = {}
        self.tags: dict[str, Tag] = {}
        self._blank: dict[str, Any] = dict.fromkeys(self.merge_fields, "")
        self._contacts: dict[str, str] = {}
        self._merge_ids = len(self.merge_fields)
        self._made = 0

    def next_merge_id(self) -> int:
        """A number for a new merge field."""
        self._merge_ids += 1
        return self._merge_ids

    def rename_merge_value(self, old: str | None, new: str | None) -> None:
        """Follow a merge field that is new (no old tag), renamed, or gone (no new tag)."""
        self._blank = dict.fromkeys(self.merge_fields, "")
        for member in self.members.values():
            values = member.profile.merge_fields
            kept = values.pop(old, "") if old else ""
            if new:
                values[new] = kept

    def tag_named(self, name: str) -> Tag:
        """A tag of the list, which is made if it is new."""
        found = self.tags.get(name)
        if found is None:
            found = self.tags[name] = Tag(1000 + len(self.tags), name)
        return found

    def find(self, key: str) -> Member | None:
        """A member by hash, address or contact id."""
        if "@" in key:
            return self.members.get(subscriber_hash(key))
        return self.members.get(key) or self.members.get(self._contacts.get(key, ""))

    def get(self, key: str) -> Member:
        """The same, or 404."""
        found = self.find(key)
        if found is None:
            raise not_found()
        return found

    def admit(self, email: str) -> None:
        """Refuse an address that can't become a member.

        Raises:
            Problem: 400, for an invalid, an invented or a forgotten address.
        """
        check_address(self.settings, email)
        self._traps.check_new(email)
        if email.lower() in self.forgotten:
            raise forgotten_email(email)

    def create(self, body: Mapping[str, Any], status: str, now: str, cause: str, *, waive: bool = False) -> Member:
        """A new member.

        Args:
            body: Schema-checked fields, `email_address` among them; the address is not a member yet.
            status: Its first status.
            now: The time, in the API's form.
            cause: What the consent history says.
            waive: Whether required merge fields may be missing.

        Raises:
            Problem: 400, for the address or the merge values.
        """
        email: str = body["email_address"]
        self.admit(email)
        values = self._values(body, {}, waive)
        member = self._enter(email, values, status, now, cause)
        self._fill(member.profile, body)
        return member

    def _enter(self, email: str, values: Json, status: str, now: str, cause: str) -> Member:
        number = self._made = self._made + 1
        key = subscriber_hash(email)
        contact = digest(f"{self.id}:{number}")
        fields = {**self._blank, **values}
        profile = Profile(
            id=key,
            email_address=email,
            unique_email_id=contact[:10],
            contact_id=contact,
            full_name=_full_name(fields),
            web_id=500_000_000 + number,
            status=status,
            merge_fields=fields,
            timestamp_opt=now if status == "subscribed" else "",
            timestamp_signup=now if status == "pending" else "",
            last_changed=now,
            list_id=self.id,
        )
        member = self.members[key] = Member(profile, cause)
        self._contacts[contact] = key
        return member

    def change(
        self, member: Member, body: Mapping[str, Any], status: str | None, now: str, cause: str, *, waive: bool = False
    ) -> None:
        """Change a member, all of it or nothing. Without a status an archived one stays archived.

        Raises:
            Problem: 400, for the merge values, a new address that is taken, or a status that can't be had.
        """
        profile = member.profile
        if status == "subscribed" and member.latched:
            raise compliance_state(profile.email_address)
        email: str = body.get("email_address", profile.email_address)
        if email.lower() != profile.email_address.lower():
            self._check_new_address(email)
        values = self._values(body, profile.merge_fields, waive)
        fields = {**profile.merge_fields, **values}
        if self._fill(profile, body) or email != profile.email_address or fields != profile.merge_fields:
            self._move(member, email)
            profile.merge_fields = fields
            profile.full_name = _full_name(fields)
            profile.last_changed = now
        if status is not None:
            member.become(status, now, cause)

    def _check_new_address(self, email: str) -> None:
        if subscriber_hash(email) in self.members:
            raise member_exists(email)
        self.admit(email)

    def _move(self, member: Member, email: str) -> None:
        profile = member.profile
        key = subscriber_hash(email)
        if key != profile.id:
            self.members[key] = self.members.pop(profile.id)
            self._contacts[profile.contact_id] = key
            profile.id = key
        profile.email_address = email

    def _values(self, body: Mapping[str, Any], stored: Mapping[str, Any], waive: bool) -> Json:
        values, flaws = read_values(self.merge_fields, body.get("merge_fields", {}), stored, waive)
        if flaws:
            raise invalid_merge_fields(flaws)
        return values

    def _fill(self, profile: Profile, body: Mapping[str, Any]) -> bool:
        """Take plain fields over; tells whether that changed anything."""
        changed = False
        for name in PLAIN_FIELDS & body.keys():
            changed |= getattr(profile, name) != body[name]
            setattr(profile, name, body[name])
        if place := body.get("location"):
            changed = True
            profile.location = replace(profile.location, **place)
        return changed

    def forget(self, member: Member, now: str) -> None:
        """Delete a member for good; the address can never be written again."""
        profile = member.profile
        self.forgotten[profile.email_address.lower()] = now
        del self.members[profile.id]
        del self._contacts[profile.contact_id]

    def tag(self, member: Member, names: list[str], now: str) -> None:
        """Put tags on a member, keeping what it has."""
        if new := [name for name in names if name not in member.tags]:
            member.tags.update({name: (self.tag_named(name), now) for name in new})
            member.show_tags()

    def untag(self, member: Member, names: list[str]) -> None:
        """Take tags off a member; those it does not have don't matter."""
        for name in names:
            if member.tags.pop(name, None):
                member.show_tags()


def _full_name(values: Mapping[str, Any]) -> str:
    return f"{values.get('FNAME', '')} {values.get('LNAME', '')}".strip()
