"""The mails that the account would have sent: order notifications and confirmations of a sign-up."""

from __future__ import annotations

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


def statuses(order: Json) -> Statuses:
    """The two words that notifications listen to."""
    return order["financial_status"], order["fulfillment_status"]


class Mails:
    """Everything sent so far, oldest first."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def after_order_write(self, store: Json, order: Json, email: str, before: Statuses, now: str) -> None:
        """Send what a change of status sets off; nothing while the store says that it is syncing."""
        if store["is_syncing"]:
            return
        for table, old, new in zip((FINANCIAL_MAILS, FULFILLMENT_MAILS), before, statuses(order), strict=True):
            if new != old and new in table:
                shown = {name: order[name] for name in SHOWN}
                about = {"store_id": store["id"], "order_id": order["id"], **shown}
                self.sent.append({"kind": table[new], "at": now, "email": email, **about})

    def after_member_write(self, member: Member, before: str | None) -> None:
        """Ask a contact that has become pending to confirm."""
        profile = member.profile
        if profile.status == "pending" != before:
            about = {"list_id": profile.list_id, "at": profile.last_changed, "email": profile.email_address}
            self.sent.append({"kind": "opt_in_confirmation", **about})
