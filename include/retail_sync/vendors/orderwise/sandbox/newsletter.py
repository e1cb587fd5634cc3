"""The agreed analysis flag that is the newsletter: `l_1` of a contact or of a customer, its last change in `d_1`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from retail_sync.vendors.orderwise.sandbox.records import Account

if TYPE_CHECKING:
    from retail_sync.vendors.orderwise.sandbox.shop import Shop

Owner = Literal["contact", "customer"]
#: The analysis table of each, its columns' prefix and its key; then the same of the record itself.
ANALYSIS: dict[Owner, tuple[str, str, str]] = {
    "contact": ("customer_contact_analysis", "cca", "cca_cc_id"),
    "customer": ("customer_analysis", "ca", "ca_cd_id"),
}
_RECORDS: dict[Owner, tuple[str, str, str]] = {
    "contact": ("customer_contact", "cc_id", "cc_last_amended_datetime"),
    "customer": ("customer_detail", "cd_id", "cd_last_amended_datetime"),
}


def set_newsletter(shop: Shop, account: Account, at: datetime, *, subscribed: bool) -> None:
    """Set an account's flag where the installation keeps it."""
    on = shop.settings.consent_on
    write_newsletter(
        shop, on, account.contact_id if on == "contact" else account.customer_id, at, subscribed=subscribed
    )


def write_newsletter(shop: Shop, on: Owner, key: int, at: datetime, *, subscribed: bool) -> None:
    """Set the flag of a contact or of a customer; times move where the flag does."""
    table, prefix, column = ANALYSIS[on]
    before = shop.database.value(f"SELECT {prefix}_l_1 FROM {table} WHERE {column} = ?", key)  # noqa: S608 - our own
    if before is None or bool(before) != subscribed:
        changes: dict[str, Any] = {f"{prefix}_l_1": int(subscribed), f"{prefix}_d_1": shop.local(at)}
        shop.database.update(table, column, key, **changes)
        touch(shop, on, key, at)


def touch(shop: Shop, on: Owner, key: int, at: datetime) -> None:
    """A contact or a customer has been changed by somebody."""
    table, column, amended = _RECORDS[on]
    moved: dict[str, Any] = {amended: shop.local(at)}
    shop.database.update(table, column, key, **moved)
