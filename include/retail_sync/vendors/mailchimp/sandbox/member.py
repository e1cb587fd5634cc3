"""A contact of an audience: what answers show of it, and what only the books know."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import UNSET, Struct, UnsetType, field

from retail_sync.vendors.mailchimp.sandbox.ids import digest

#: Tags that an answer shows of one member.
SHOWN_TAGS = 50
SELF_UNSUBSCRIBED = "N/A (Unsubscribed by the contact)"
API_UNSUBSCRIBED = "N/A (Unsubscribed by an admin)"


def subscriber_hash(email: str) -> str:
    """The id of a member: MD5 of the address in lower case."""
    return digest(email.lower())


class EcommerceData(Struct, frozen=True, gc=False):
    """What a contact has bought in all stores of its list."""

    total_revenue: Decimal = Decimal(0)
    number_of_orders: int = 0
    currency_code: str = ""


class Stats(Struct, frozen=True):
    """Figures on a contact."""

    avg_open_rate: int = 0
    avg_click_rate: int = 0
    ecommerce_data: EcommerceData = EcommerceData()


class Location(Struct, frozen=True, gc=False):
    """Where a contact is thought to be."""

    latitude: Decimal = Decimal(0)
    longitude: Decimal = Decimal(0)
    gmtoff: int = 0
    dstoff: int = 0
    country_code: str = ""
    timezone: str = ""
    region: str = ""


class Tag(Struct, frozen=True, gc=False):
    """A tag on a contact."""

    id: int
    name: str


class Profile(Struct, kw_only=True):
    """A member exactly as answers show it."""

    id: str
    email_address: str
    unique_email_id: str
    contact_id: str
    full_name: str
    web_id: int
    email_type: str = "html"
    status: str
    unsubscribe_reason: str | UnsetType = UNSET
    consents_to_one_to_one_messaging: bool = True
    sms_phone_number: str = ""
    sms_subscription_status: str = "nonsubscribed"
    sms_subscription_last_updated: str = ""
    merge_fields: dict[str, Any]
    interests: dict[str, bool] = field(default_factory=dict)
    stats: Stats = Stats()
    ip_signup: str = ""
    timestamp_signup: str = ""
    ip_opt: str = ""
    timestamp_opt: str = ""
    member_rating: int = 2
    last_changed: str
    language: str = ""
    vip: bool = False
    email_client: str = ""
    location: Location = Location()
    source: str = "API - Generic"
    tags_count: int = 0
    tags: tuple[Tag, ...] = ()
    list_id: str


class StatusChange(NamedTuple):
    """A status, since when, and what brought it about."""

    at: str
    status: str
    cause: str


class MemberEvent(NamedTuple):
    """Something that an integration says the contact did."""

    occurred_at: str
    name: str
    properties: dict[str, str]
    is_syncing: bool = False

    def shown(self) -> dict[str, Any]:
        """The event as answers show it."""
        return {"occurred_at": self.occurred_at, "name": self.name, "properties": self.properties}


class Member:
    """A contact.

    Attributes:
        profile: What answers show.
        history: Every status it has had, oldest first.
        latched: It left or bounced by itself, so that no write can subscribe it.
        tags: All its tags by name, with the time they were given.
        events: What was reported of it.
    """

    __slots__ = ("events", "history", "latched", "profile", "tags")

    def __init__(self, profile: Profile, cause: str) -> None:
        self.profile = profile
        self.history = [StatusChange(profile.last_changed, profile.status, cause)]
        self.latched = profile.status == "cleaned"
        self.tags: dict[str, tuple[Tag, str]] = {}
        self.events: tuple[MemberEvent, ...] = ()

    def become(self, status: str, at: str, cause: str) -> None:
        """Take a status, whoever wants it; the same status again is no change."""
        profile = self.profile
        if profile.status == status:
            return
        profile.status = status
        profile.last_changed = at
        profile.unsubscribe_reason = API_UNSUBSCRIBED if status == "unsubscribed" else UNSET
        if status == "subscribed" and not profile.timestamp_opt:
            profile.timestamp_opt = at
        if status == "cleaned":
            self.latched = True
        self.history.append(StatusChange(at, status, cause))

    def leave(self, at: str) -> None:
        """Unsubscribe as the contact does it: nobody else can undo that."""
        self.become("unsubscribed", at, "contact_left")
        self.profile.unsubscribe_reason = SELF_UNSUBSCRIBED
        self.latched = True

    def say_yes(self, at: str, cause: str, *, ip: str, source: str) -> None:
        """Be subscribed from now on with this evidence of the wish; an empty `ip` is no evidence at all."""
        self.become("subscribed", at, cause)
        profile = self.profile
        profile.source, profile.ip_opt, profile.timestamp_opt = source, ip, at if ip else ""
        profile.last_changed = at

    @property
    def status_before_archive(self) -> str:
        """The last status that was not `archived`; the API hides it."""
        return next(change.status for change in reversed(self.history) if change.status != "archived")

    def show_tags(self) -> None:
        """Bring what answers show in line with the tags."""
        self.profile.tags_count = len(self.tags)
        self.profile.tags = tuple(tag for tag, _ in self.tags.values())[:SHOWN_TAGS]
