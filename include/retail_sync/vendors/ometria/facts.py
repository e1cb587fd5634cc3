"""What is true of the Ometria Data API v2: its limits, its words, and a pair's settings.

Facts marked ASSUMED could not be confirmed from a first-party source; where behaviour hangs on one it is a setting.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

HOST = "https://api.ometria.com"
ROOT = "/v2"
#: Records of one push, all of one type (CONFIRMED).
RECORDS_PER_PUSH = 100
#: Profiles that one merge names beside the survivor (CONFIRMED).
PROFILES_PER_MERGE = 5
#: Bytes of one record as JSON (CONFIRMED: 60 kB). A kilobyte is taken for the smaller of the two that it may be.
RECORD_BYTES = 60_000
#: Rows of one page (CONFIRMED of products and profiles).
PAGE = 250
#: Pages overlap by this many rows, so that an empty page among full ones is seen for what it is.
PAGE_OVERLAP = 10
#: Characters of an event's name; longer ones are cut off by Ometria.
EVENT_NAME_LENGTH = 32

OPTED_IN, OPTED_OUT = "EXPLICITLY_OPTEDIN", "EXPLICITLY_OPTEDOUT"

KINDS = ("product", "variant", "contact", "order", "event")
#: What each kind is called in a push. A variant is a product of its own that says so.
TYPES = {
    "product": "product", "variant": "product", "contact": "contact", "order": "order", "event": "custom_event",
}  # fmt: skip
#: Kinds that no call reads back.
UNREADABLE = frozenset({"event"})

#: Fields that a contact has of its own, and how a value is written there. Any other name is a property.
CONTACT_FIELDS = {
    "prefix": "text",
    "firstname": "text",
    "middlename": "text",
    "lastname": "text",
    "phone_number": "phone",
    "gender": "gender",
    "date_of_birth": "date",
    "country_id": "country",
    "timezone": "text",
}
#: CONFIRMED of events' properties: texts, numbers, booleans and days. A list is taken and can't be segmented on.
PROPERTY_TYPES = frozenset({"text", "number", "date", "boolean", "list"})

#: Words for the states of an order, where the pair file has none of its own. Ometria takes any word; of these each is
#: one that its own documents use. An empty one leaves the word of what came before.
ORDER_STATUSES = {
    "financial.pending": "pending",
    "financial.confirmed": "pending",
    "financial.captured": "complete",
    "financial.partially_refunded": "partial_refund",
    "financial.refunded": "refunded",
    "financial.cancelled": "cancelled",
    "fulfillment.none": "",
    "fulfillment.partly_shipped": "",
    "fulfillment.shipped": "shipped",
}

Word = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=r"^[A-Za-z0-9_.-]+$")]


class OmetriaSettings(BaseModel):
    """The `destination.settings` of a pair file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    collection: Word | None = Field(None, description="The collection of our contacts; the source account if empty.")
    id_prefix: Word | None = Field(
        None, description="Stands before a person's number in the contact's id; the collection and a dash if empty."
    )
    account_ids: bool = Field(
        True,
        description="Contacts, orders and events name a person by the contact's id as `customer_id`. Turn it off where "
        "another integration gives customer ids: one e-mail address with two of them becomes two profiles.",
    )
    stores: dict[str, str] = Field(
        default_factory=dict, description="Ometria's store by currency; the currency itself where none is named."
    )
    variant_prefix: str = Field(
        "variant-", description="Stands before a variant's key in its id, so that no variant has a product's id."
    )
    variant_parent: Word | None = Field(
        "parent_id", description="The field by which a variant names its product, or null. ASSUMED: no document says."
    )
    text_length: int = Field(512, ge=1, description="Characters of a property. ASSUMED of contacts.")
    push_rate: float = Field(8, gt=0, description="Pushes a second that the account may make; older documents say 4.")
    data_rate: float = Field(4, gt=0, description="Other calls a second that the account may make.")
    queue_reserve: int = Field(
        2000, ge=0, description="Pushing pauses while Ometria's queue has room for fewer records than this."
    )
    queue_pause: float = Field(10, ge=0, description="Seconds of such a pause.")
    errors_kept: int = Field(100, ge=1, description="Errors of pushes that Ometria remembers, the latest ones.")
    poll_from: float = Field(0.3, gt=0, description="Seconds from a push to the first look at errors; doubled then.")
    poll_to: float = Field(10, gt=0, description="The longest wait between two looks.")
    proof: Literal["read", "time"] = Field(
        "read",
        description="What shows that a push was validated: `read` reads records of it back, all of a small push and "
        "the last one of a large push (ASSUMED: the records of a push are stored in their order); `time` waits.",
    )
    read_each_up_to: int = Field(20, ge=0, description="Records of a push that are all read back.")
    settle_for: float = Field(
        5, gt=0, description="Seconds without an error after which what can't be read back counts as stored. ASSUMED."
    )
    settle_deadline: float = Field(120, gt=0, description="Seconds that we wait for one push to be validated.")
    repeat_events: bool = Field(
        False,
        description="Send an event again whose push was not answered. ASSUMED to be unsafe: the id tells the event "
        "from others, but nobody says whether a known one sets campaigns off again.",
    )
    event_identity: Literal["account", "email"] = Field(
        "account", description="By what an event finds its profile; by e-mail where `account_ids` is off."
    )
    few: int = Field(10, ge=0, description="So many contacts are looked for one by one; for more the list is read.")
    listed_for: float = Field(300, ge=0, description="Seconds for which the list of our contacts' ids stays good.")
    updates_since: Literal["day", "time"] = Field(
        "day", description="How finely changed profiles are asked for. ASSUMED: no document says that a time is taken."
    )
    merge_profiles: bool = Field(
        False,
        description="Merge the profile of a contact that has become another one into that one's, so that what only "
        "Ometria knows of it goes along. ASSUMED: the account has the newer form of the call. Where a merge could "
        "change what a profile says of consent, none is made.",
    )
    merges_a_minute: float = Field(1, gt=0, description="Merges that the account may make in a minute.")
    merges_at_once: int = Field(5, ge=1, description="Merges that one delivery waits for; others go with later ones.")
    change_overlap: float = Field(300, ge=0, description="Seconds that a read of changed profiles reaches back.")
