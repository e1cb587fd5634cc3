"""The mails that the account would have sent: order notifications and confirmations of a sign-up."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from retail_sync.vendors.mailchimp.sandbox.member import Member
from retail_sync.vendors.mailchimp.sandbox.schema import Json

FINANCIAL_MAILS = {
    "pending": "order_confirmation",
    "paid": "order_invoice",
    "refunded": "refund_confirmation",
    "cancelled": "cancellation_confirmation",
}
FULFILLMENT_MAILS = {"shipped": "shipping_confirmation"}
#: What a notification could show, so that a check can see what the buyer would have read.
SHOWN = ("order_total", "currency_code", "tracking_number", "tracking_carrier", "tracking_url")
Statuses = tuple[str, str]
STATUSES = ("financial_status", "fulfillment_status")


def statuses(order: Json) -> Statuses:
    """The two words that notifications listen to."""
    return order["financial_status"], order["fulfillment_status"]


def _why_not(table: Mapping[str, str], old: str, new: str, *, is_syncing: bool) -> str:
    """Why a status sends no mail; empty where it does."""
    if new not in table:
        return "unknown word"
    if new == old:
        return "unchanged"
    return "is_syncing" if is_syncing else ""


class Mails:
    """Everything sent so far, oldest first.

    Attributes:
        sent: The mails.
        kept_back: Writes of an order's status that sent nothing, with the reason: `is_syncing`, `unchanged`, or
            `unknown word`, where no mail belongs to it.
    """

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.kept_back: list[dict[str, Any]] = []

    def after_order_write(
        self, store: Json, order: Json, email: str, before: Statuses, now: str, *, given: Container[str]
    ) -> None:
        """Send what a change of status sets off; nothing while the store says that it is syncing.

        Args:
            store: The store.
            order: The order as it now stands.
            email: Its buyer's address.
            before: Its two statuses before the write.
            now: The time, in the API's form.
            given: The fields that the request wrote.
        """
        for name, table, old in zip(STATUSES, (FINANCIAL_MAILS, FULFILLMENT_MAILS), before, strict=True):
            new = order[name]
            about = {"at": now, "email": email, "store_id": store["id"], "order_id": order["id"]}
            if why_not := _why_not(table, old, new, is_syncing=store["is_syncing"]):
                if name in given and new:
                    self.kept_back.append({**about, "field": name, "from": old, "to": new, "why": why_not})
            else:
                self.sent.append({"kind": table[new], **about, **{name: order[name] for name in SHOWN}})

    def after_member_write(self, member: Member, before: str | None) -> None:
        """Ask a contact that has become pending to confirm."""
        profile = member.profile
        if profile.status == "pending" != before:
            about = {"list_id": profile.list_id, "at": profile.last_changed, "email": profile.email_address}
            self.sent.append({"kind": "opt_in_confirmation", **about})
