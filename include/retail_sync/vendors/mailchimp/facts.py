"""What is true of the Mailchimp Marketing API 3.0: limits, what each refusal means, and a pair's settings.

Facts marked ASSUMED could not be confirmed from a first-party source; where behaviour hangs on one it is a setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from retail_sync.model.delivery import Verdict

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

KINDS = ("merge_field", "store", "member", "tags", "customer", "product", "order")
STATUSES = ("subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived")
FIELD_TYPES = frozenset(
    {"text", "number", "address", "phone", "date", "url", "imageurl", "radio", "dropdown", "birthday", "zip"}
)
#: Merge fields that every new audience has.
DEFAULT_FIELDS = {"FNAME": "text", "LNAME": "text", "ADDRESS": "address", "PHONE": "phone"}
#: Mailchimp's words for the states of an order, where the pair file has none of its own.
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
#: How long an address that signed up too often is left alone. ASSUMED.
THROTTLED_FOR = timedelta(hours=24)

Turn = Literal["marketing", "ecommerce", "cx", "operations"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that Mailchimp says when it refuses, and what it means for a row.

    Attributes:
        code: Our short name, kept with the row.
        verdict: How the row ends.
        says: Any of these, in lower case, in title, detail or item text names this refusal.
        turn: Whose turn it is.
        next_step: What that owner should do.
    """

    code: str
    verdict: Verdict
    says: tuple[str, ...]
    turn: Turn
    next_step: str


#: The first that fits decides, so the narrower ones stand first.
REFUSALS = (
    Refusal(
        "throttled",
        "retry",
        ("signed up to a lot of lists", "too many recent signup"),
        "operations",
        "Nothing: it is tried again when Mailchimp takes the address again.",
    ),
    Refusal(
        "compliance",
        "rejected",
        ("compliance state",),
        "marketing",
        "The contact left by its own will; only the contact can come back, by a form of Mailchimp's.",
    ),
    Refusal(
        "forgotten",
        "rejected",
        ("permanently deleted", "forgotten email"),
        "marketing",
        "The contact was deleted for good; only the contact can come back, by a form of Mailchimp's.",
    ),
    Refusal(
        "fake_address",
        "rejected",
        ("looks fake or invalid",),
        "cx",
        "Ask the customer for a real address and correct it in the shop.",
    ),
    Refusal(
        "member_exists",
        "exists",
        ("already a list member", "member exists", "error_contact_exists"),
        "operations",
        "Nothing: the contact is read and planned again.",
    ),
    Refusal(
        "merge_fields",
        "rejected",
        ("merge fields were invalid", "please enter a"),
        "marketing",
        "A contact field refuses its value: compare the field's type and rules with the pair file's mapping.",
    ),
    Refusal(
        "address_fixed",
        "rejected",
        ("may not be changed once a customer",),
        "operations",
        "The store's customer stands under another address: remove it at Mailchimp or merge the two in the shop.",
    ),
    Refusal(
        "customer_taken",
        "rejected",
        ("customer email already exists",),
        "operations",
        "Another program has put this customer into the store: give the pair a store of its own.",
    ),
    Refusal(
        "product_exists",
        "exists",
        ("product with the provided id already exists",),
        "operations",
        "Nothing: the product is updated.",
    ),
    Refusal(
        "order_exists",
        "exists",
        ("order with the provided id already exists",),
        "operations",
        "Nothing: the order is updated.",
    ),
    Refusal(
        "store_domain",
        "rejected",
        ("store with the domain",),
        "ecommerce",
        "Another store of the account has this domain: use that store, or another domain, in the pair file.",
    ),
    Refusal(
        "store_exists",
        "exists",
        ("store with the provided id already exists",),
        "operations",
        "Nothing: the store is updated.",
    ),
    Refusal(
        "variant_missing",
        "rejected",
        ("provided variant id does not exist",),
        "ecommerce",
        "The variant was removed at Mailchimp: reconcile puts the product right, then queue the order again.",
    ),
    Refusal(
        "product_missing",
        "rejected",
        ("product with the provided id does not exist", "parent product"),
        "ecommerce",
        "The product was removed at Mailchimp: reconcile puts it right, then queue the order again.",
    ),
    Refusal(
        "customer_missing",
        "rejected",
        ("customer with the provided id does not exist",),
        "operations",
        "The store's customer was removed at Mailchimp: reconcile puts it right, then queue the order again.",
    ),
    Refusal(
        "campaign_missing",
        "rejected",
        ("campaign with the provided id does not exist",),
        "marketing",
        "The order names a campaign that this account does not have.",
    ),
    Refusal(
        "invalid",
        "rejected",
        ("could not be validated", "invalid resource", "schema describes"),
        "operations",
        "Mailchimp does not take this value: correct it in the shop, or the mapping.",
    ),
    # What follows is ours to see: Mailchimp has no words for it.
    Refusal(
        "address_taken",
        "rejected",
        (),
        "operations",
        "Two contacts are one person: link the addresses in the alias list, or remove one contact at Mailchimp.",
    ),
    Refusal(
        "field_type",
        "rejected",
        (),
        "marketing",
        "Change the field's type in the pair file, or remove the field at Mailchimp.",
    ),
    Refusal(
        "created_by_update",
        "rejected",
        (),
        "marketing",
        "See at Mailchimp with which status the contact was made, and unsubscribe it if nobody agreed.",
    ),
)

#: What an update by `POST /lists/{id}` gets for a contact that is not there: it would need a status. ASSUMED.
MEMBER_GONE = ("status", "not a list member", "not exist", "resource not found")


def turn_of(code: str) -> tuple[Turn, str]:
    """Whose turn it is after a row ended with this code, and what to do."""
    found = next((refusal for refusal in REFUSALS if refusal.code == code), None)
    return (found.turn, found.next_step) if found else ("operations", "Read what Mailchimp said and correct the cause.")


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
    state_filler: str = Field("-", description="Stands for an address's missing state, which may not be empty. ASSUMED")
    skip_merge_validation: bool = Field(True, description="Take contacts without fields that only forms require.")
    quiet_first_tags: bool = Field(True, description="A contact's first tags start no automation.")
