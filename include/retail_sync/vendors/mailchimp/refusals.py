"""What each refusal of the Marketing API means for a row, and whose turn it is then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from retail_sync.model.delivery import ContactStatus, Verdict

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
        "cart_exists",
        "exists",
        ("cart with the provided id already exists",),
        "operations",
        "Nothing: the cart is updated.",
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
        "lacking",
        ("provided variant id does not exist",),
        "ecommerce",
        "Restore the product with all its variants at Mailchimp; what waits for it is then sent by itself.",
    ),
    Refusal(
        "product_missing",
        "lacking",
        ("product with the provided id does not exist", "parent product"),
        "ecommerce",
        "Restore the product at Mailchimp; what waits for it is then sent by itself.",
    ),
    Refusal(
        "customer_missing",
        "lacking",
        ("customer with the provided id does not exist",),
        "operations",
        "Nothing, if the contact was taken away on purpose; else restore it at Mailchimp, and its orders follow.",
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
        "gone",
        "gone",
        (),
        "marketing",
        "If somebody took the contact away by mistake, add it at Mailchimp again, and what waits for it follows.",
    ),
    Refusal(
        "member_gone",
        "rejected",
        (),
        "marketing",
        "Nothing, if the contact was taken away on purpose: there is nobody to be told.",
    ),
    Refusal(
        "address_archived",
        "retry",
        (),
        "marketing",
        "Bring the archived contact of the new address back at Mailchimp; the two become one the day after.",
    ),
    Refusal(
        "in_use",
        "retry",
        (),
        "operations",
        "See why orders of this former customer could not go to the new one; it is removed when they have.",
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

#: Refusals that hold for an address until its contact comes back by itself, with what the permanent record then says.
BARRED: dict[str, ContactStatus] = {"forgotten": "forgotten", "compliance": "compliance"}

#: What an update by `POST /lists/{id}` gets for a contact that is not there: it would need a status. ASSUMED.
MEMBER_GONE = ("status", "not a list member", "not exist", "resource not found")


def turn_of(code: str) -> tuple[Turn, str]:
    """Whose turn it is after a row ended with this code, and what to do."""
    found = next((refusal for refusal in REFUSALS if refusal.code == code), None)
    return (found.turn, found.next_step) if found else ("operations", "Read what Mailchimp said and correct the cause.")
