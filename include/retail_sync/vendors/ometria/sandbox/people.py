"""Takes listings in, gathers them to profiles, and keeps what their consent comes to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from retail_sync.vendors.ometria.sandbox.clusters import Clusters
from retail_sync.vendors.ometria.sandbox.consent import Change, Origin, Statement, Unsubscribe, resolve
from retail_sync.vendors.ometria.sandbox.orders import Order
from retail_sync.vendors.ometria.sandbox.profile import Listing, ListingKey, Profile
from retail_sync.vendors.ometria.sandbox.refusals import Rejected
from retail_sync.vendors.ometria.sandbox.schema import Json, is_true
from retail_sync.vendors.ometria.sandbox.settings import Settings
from retail_sync.vendors.ometria.sandbox.shapes import DIRECTIVES, IN, OUT

#: Collections by which SMS consent comes, and the fields that they take.
SMS_COLLECTIONS = ("optin:sms", "double_optin:sms")
_SMS_FIELDS = frozenset({"@type", "@collection", "@merge", "id", "email", "phone_number", "customer_id", "channels"})
_IDENTITIES = ("email", "customer_id", "phone_number")


class People:
    """Listings, profiles and who left.

    Args:
        settings: The account.
        now: The clock.

    Attributes:
        listings: By collection and id.
        left: Everybody whose profile went out, however.
        automations: What new subscribers have set off.
    """

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self.clusters = Clusters(now)
        self.listings: dict[ListingKey, Listing] = {}
        self.left: list[Unsubscribe] = []
        self.automations: list[Json] = []
        self._taken = 0

    @property
    def profiles(self) -> dict[str, Profile]:
        """All profiles, by id."""
        return self.clusters.profiles

    def take(self, record: Json, origin: Origin, cause: str) -> Listing:
        """Insert a listing, or merge what was sent of it into what stands.

        Raises:
            Rejected: It can't stand.
        """
        key = (record["@collection"], record["id"])
        known = self.listings.get(key)
        fields = {name: value for name, value in record.items() if name not in DIRECTIVES}
        if known and (self._settings.update == "merge" or is_true(record.get("@merge"))):
            fields = {**known.fields, **fields}
        self._check(record, fields)
        listing = known or self._new(key, origin)
        listing.fields, listing.updated_at = fields, self._now()
        self._say(listing, record, origin, cause)
        profile = self._place(listing)
        self._enter(profile, listing, record)
        self._settle(profile, cause)
        self._greet(profile, listing)
        return listing

    def attach(self, order: Order) -> None:
        """Find out whose an order is, unless it is known and still the same; a new profile has no consent."""
        profile = self.profiles.get(order.profile_id)
        identity = (order.customer_id, order.email)
        if not (profile and _is_of(order, profile)):
            self.detach(order)
            profile = (self.clusters.of_order(*identity) or self.clusters.new()) if any(identity) else None
        order.profile_id = profile.id if profile else ""
        if profile:
            profile.orders[order.id] = order
            self.clusters.refresh(profile)

    def detach(self, order: Order) -> None:
        """Take an order from its profile."""
        profile = self.profiles.get(order.profile_id)
        if profile:
            profile.orders.pop(order.id, None)
            self.clusters.refresh(profile)
        order.profile_id = ""

    def leave(self, profile: Profile, kind: str, reason: str) -> None:
        """Let a person unsubscribe on the vendor's own pages."""
        profile.said.append(self._statement(OUT, "person", kind, forced=False))
        self._settle(profile, kind, Unsubscribe(self._now(), profile.id, profile.email or "", kind, reason))
        profile.updated_at = self._now()

    def remove(self, listing: Listing) -> None:
        """Take a listing out; what it said is gone with it."""
        del self.listings[listing.key]
        profile = self.profiles[listing.profile_id]
        del profile.listings[listing.key]
        self.clusters.refresh(profile)
        self._settle_left(profile, "listing_removed")

    def merge(self, survivor: Profile, others: list[Profile]) -> None:
        """Let one profile remain of several: listings of the others are deleted, orders and own words move."""
        for other in others:
            for listing in other.listings.values():
                del self.listings[listing.key]
            other.listings.clear()
            orders = list(other.orders.values())
            other.orders.clear()
            self.clusters.refresh(other)
            survivor.said.extend(other.said)
            for order in orders:
                order.profile_id = survivor.id
                survivor.orders[order.id] = order
        self.clusters.refresh(survivor)
        self._settle(survivor, "merged")

    def _check(self, record: Json, fields: Json) -> None:
        if self._settings.refuse_email_ids and "@" in record["id"]:
            raise Rejected("Ids must not contain personal data", "id")
        if is_true(record.get("@force_optin")) and record.get("marketing_optin") is None:
            raise Rejected("@force_optin requires marketing_optin", "@force_optin")
        if not any(fields.get(name) for name in _IDENTITIES):
            raise Rejected(f"One of {', '.join(_IDENTITIES)} is required")
        if record["@collection"] in SMS_COLLECTIONS and (unknown := sorted(record.keys() - _SMS_FIELDS)):
            raise Rejected("Not allowed in this collection", unknown[0])

    def _new(self, key: ListingKey, origin: Origin) -> Listing:
        now = self._now()
        listing = self.listings[key] = Listing(*key, len(self.listings) + 1, origin, now, now)
        return listing

    def _statement(self, value: str, origin: Origin, cause: str, *, forced: bool) -> Statement:
        self._taken += 1
        return Statement(self._now(), self._taken, value, forced, origin, cause)

    def _say(self, listing: Listing, record: Json, origin: Origin, cause: str) -> None:
        value, forced = record.get("marketing_optin"), is_true(record.get("@force_optin"))
        if value:
            listing.said.append(self._statement(value, origin, cause, forced=forced))

    def _place(self, listing: Listing) -> Profile:
        profile = self.profiles.get(listing.profile_id)
        if profile and {listing.email} - {""} <= profile.found_by.emails and self._names_no_other(profile, listing):
            return profile
        if profile:
            del profile.listings[listing.key]
            self.clusters.refresh(profile)
            self._settle_left(profile, "listing_moved")
        found = self.clusters.of_listing(listing.customer_id, listing.email)
        return self._move(profile, found) if profile else found or self.clusters.new()

    def _move(self, old: Profile, found: Profile | None) -> Profile:
        """The profile of a listing that had another; one that it leaves empty goes along with it."""
        if old.id in self.profiles:
            return found or self.clusters.new()
        if found is None:
            self.profiles[old.id] = old
            return old
        found.said.extend(old.said)
        return found

    @staticmethod
    def _names_no_other(profile: Profile, listing: Listing) -> bool:
        return not listing.customer_id or listing.customer_id in profile.found_by.customer_ids

    def _enter(self, profile: Profile, listing: Listing, record: Json) -> None:
        self._taken += 1
        profile.taken_in = self._taken
        listing.profile_id = profile.id
        profile.listings.pop(listing.key, None)
        profile.listings[listing.key] = listing
        profile.lists |= set(record.get("@add_to_lists") or ())
        profile.lists -= set(record.get("@remove_from_lists") or ())
        allowed = ((record.get("channels") or {}).get("sms") or {}).get("allow_marketing")
        if listing.collection in SMS_COLLECTIONS and allowed is not None:
            profile.sms_optin = is_true(allowed)
        self.clusters.refresh(profile)

    def _settle(self, profile: Profile, cause: str, leaving: Unsubscribe | None = None) -> None:
        """Find out anew whether a profile may be mailed."""
        said = [one.said for one in profile.listings.values()] + [profile.said]
        optin = resolve(said, sticks=self._settings.optout_sticks)
        if optin == profile.optin:
            return
        profile.optin, now = optin, self._now()
        profile.history.append(Change(now, optin, cause))
        if optin is False:
            self.left.append(leaving or Unsubscribe(now, profile.id, profile.email or "", "api", cause))

    def _settle_left(self, profile: Profile, cause: str) -> None:
        """The same for a profile that has lost a listing, if anything is left of it."""
        if profile.id in self.profiles:
            self._settle(profile, cause)

    def _greet(self, profile: Profile, listing: Listing) -> None:
        fields = listing.fields
        wished = fields.get("marketing_optin") == IN and fields.get("timestamp_subscribed")
        if profile.optin and wished and not profile.welcomed:
            profile.welcomed = True
            self.automations.append({"kind": "subscribed", "at": self._now(), "profile_id": profile.id})


def _is_of(order: Order, profile: Profile) -> bool:
    """Whether an order still names the profile to which it was attached."""
    if order.customer_id:
        return order.customer_id in profile.found_by.customer_ids
    return order.email in profile.found_by.emails
