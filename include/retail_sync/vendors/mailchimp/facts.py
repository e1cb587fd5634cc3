"""What is true of the Mailchimp Marketing API 3.0: its limits, its words, and a pair's settings.

Facts marked ASSUMED could not be confirmed from a first-party source; where behaviour hangs on one it is a setting.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

#: Simultaneous connections that Mailchimp allows to one user; all keys and programs of that user share them.
CONNECTIONS = 10
#: Members in one `POST /lists/{id}`.
MEMBERS_PER_CALL = 500
#: Rows in one page of any collection.
PAGE = 1000
#: Pages overlap by this many rows, since rows shift between offset pages while somebody writes.
PAGE_OVERLAP = 50
#: Tags that a member shows of itself; more of them need a call of their own.
TAGS_SHOWN = 50
#: Characters of an id in the e-commerce API.
ID_LENGTH = 50
#: Characters of a merge field's tag. ASSUMED.
TAG_LENGTH = 10
#: Seconds after which Mailchimp itself gives a call up.
SERVER_TIMEOUT = 120.0

KINDS = ("merge_field", "store", "member", "tags", "customer", "product", "order", "cart", "event")
#: Kinds of which Mailchimp makes a second one where it is told a second time.
TOLD = frozenset({"event"})
#: Kinds that are not compared: Mailchimp may do away with a cart by itself, and one that is put back is chased anew.
UNWATCHED = frozenset({"cart"})
#: Events that leave on one claim: so many may have to be read back where a worker dies over them.
EVENTS_PER_CLAIM = 50
STATUSES = ("subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived")
FIELD_TYPES = frozenset(
    {"text", "number", "address", "phone", "date", "url", "imageurl", "radio", "dropdown", "birthday", "zip"}
)
CHOICE_TYPES = frozenset({"radio", "dropdown"})
#: Merge fields that every new audience has.
DEFAULT_FIELDS = {"FNAME": "text", "LNAME": "text", "ADDRESS": "address", "PHONE": "phone"}
#: Mailchimp's words for the states of an order, where the pair file has none of its own. Of what is not here nothing is
#: said unless the pair says something.
ORDER_STATUSES = {
    "financial.pending": "pending",
    "financial.captured": "paid",
    "financial.partially_refunded": "partially_refunded",
    "financial.refunded": "refunded",
    "financial.cancelled": "cancelled",
    "fulfillment.shipped": "shipped",
    "fulfillment.partly_shipped": "partially_shipped",
    "fulfillment.none": "",
}
#: By field, the words whose coming makes Mailchimp write to the customer, and which mail that is.
ORDER_MAILS = {
    "financial_status": {
        "pending": "order confirmation",
        "paid": "order invoice",
        "refunded": "refund confirmation",
        "cancelled": "cancellation confirmation",
    },
    "fulfillment_status": {"shipped": "shipping confirmation"},
}
#: Words that say the same and that no mail listens to. ASSUMED: Mailchimp stores any word.
QUIET_STATUSES = {
    "pending": "awaiting_payment",
    "paid": "settled",
    "refunded": "paid_back",
    "cancelled": "called_off",
    "shipped": "despatched",
}
#: Domains whose addresses were seen refused with "looks fake or invalid".
REFUSED_DOMAINS = ("example.com", "example.org", "example.net", "yopmail.com")
#: What stands before the @ of addresses that belong to a role and not to a person. ASSUMED: which of them are refused.
REFUSED_NAMES = (
    "abuse", "hostmaster", "mailer-daemon", "maildaemon", "no-reply", "noreply", "postmaster", "root", "spam",
)  # fmt: skip
#: How long an address is left alone that signed up too often (ASSUMED), or that an archived contact has.
THROTTLED_FOR = timedelta(hours=24)

Id = Annotated[str, StringConstraints(min_length=1, max_length=ID_LENGTH)]


class MailchimpSettings(BaseModel):
    """The `destination.settings` of a pair file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    audience: Id = Field(description="The audience's (list's) id.")
    store: Id = Field(description="The store's id, chosen by us; created if it is not there.")
    store_name: str = Field("", description="The store's name as marketing sees it; its id where empty.")
    store_domain: str | None = Field(None, description="A domain that no other store of the account has.")
    direct_up_to: int = Field(200, ge=0, description="Rows of a kind that go by direct calls; more go to /batches.")
    batch_operations: int = Field(500, ge=1, le=500, description="Operations in one batch.")
    batch_deadline: float = Field(3600, gt=0, description="Seconds that we wait for one batch.")
    poll_from: float = Field(0.2, gt=0, description="Seconds before the first look at a batch; doubled each time.")
    poll_to: float = Field(60, gt=0, description="The longest wait between two looks at a batch.")
    change_overlap: float = Field(300, ge=0, description="Seconds that a read of changed contacts reaches back.")
    text_length: int = Field(255, ge=1, description="Characters that a text field holds. ASSUMED.")
    refused_domains: tuple[str, ...] = Field(
        REFUSED_DOMAINS, description="Domains whose addresses Mailchimp refuses; a rule warns of them."
    )
    refused_names: tuple[str, ...] = Field(
        REFUSED_NAMES, description="What stands before the @ of addresses that it refuses. ASSUMED."
    )
    state_filler: str = Field("-", description="Stands for an address's missing state, which may not be empty. ASSUMED")
    skip_merge_validation: bool = Field(True, description="Take contacts without fields that only forms require.")
    quiet_statuses: dict[str, str] = Field(
        default_factory=lambda: dict(QUIET_STATUSES),
        description="What stands for a status that writes to people, where they must not be written to: what happened "
        "long ago, and what the pair does not tell. ASSUMED: no mail listens to these words.",
    )
    move_orders: Literal["patch", "recreate"] = Field(
        "patch",
        description="How an order goes to another customer. ASSUMED: PATCH takes one; if not, it is taken away and put "
        "back with words that write to nobody.",
    )
    variant_shown: str = Field("visible", description="What a variant's visibility is called that is sold. ASSUMED.")
    variant_hidden: str = Field("hidden", description="What it is called once nobody can buy it any more. ASSUMED.")
    event_text_length: int = Field(1000, ge=1, description="Characters that a property of an event holds. ASSUMED.")
    quiet_first_tags: bool = Field(True, description="A contact's first tags start no automation.")
