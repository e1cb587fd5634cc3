"""What happens to customers and to their newsletter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import (
    CustomerErased,
    CustomerKnown,
    CustomersMerged,
    NewsletterChanged,
    PlaceOfLiving,
    ShopEvent,
)
from retail_sync.vendors.orderwise.sandbox.accounts import open_account, write
from retail_sync.vendors.orderwise.sandbox.newsletter import set_newsletter
from retail_sync.vendors.orderwise.sandbox.records import Account, AddressChange

if TYPE_CHECKING:
    from retail_sync.vendors.orderwise.sandbox.shop import Shop


def _known(shop: Shop, event: CustomerKnown) -> None:
    """Guests have no account: their orders are booked on that of all web customers."""
    account = shop.accounts.get(event.customer_id)
    if account is None:
        if event.registered:
            account = open_account(shop, event)
            set_newsletter(shop, account, event.at, subscribed=event.newsletter)
        return
    if event.email.lower() != account.email.lower():
        shop.address_changes.append(AddressChange(account.customer_id, account.email, event.at))
    account.email = event.email
    write(shop, account, event)
    set_newsletter(shop, account, event.at, subscribed=event.newsletter)


def _newsletter_changed(shop: Shop, event: NewsletterChanged) -> None:
    account = shop.accounts.get(event.customer_id)
    if account is not None:
        set_newsletter(shop, account, event.at, subscribed=event.subscribed)


def _merged(shop: Shop, event: CustomersMerged) -> None:
    """The second account is closed in favour of the first. Who has no account is nobody here, and can't be merged."""
    kept, merged = shop.accounts.get(event.kept_id), shop.accounts.get(event.merged_id)
    if kept is None or merged is None:
        return
    set_newsletter(shop, merged, event.at, subscribed=False)
    shop.database.update(
        "customer_detail",
        "cd_id",
        merged.customer_id,
        cd_closed=1,
        cd_merged_into_id=kept.customer_id,
        cd_last_amended_datetime=shop.local(event.at),
    )
    shop.address_changes.append(AddressChange(kept.customer_id, merged.email, event.at))
    shop.accounts[event.merged_id] = kept
    for sale in shop.sales_of.get(event.merged_id, ()) if shop.settings.merge_moves_orders else ():
        if sale.account_id == merged.customer_id:
            sale.account_id = kept.customer_id
            shop.database.update("order_header", "oh_id", sale.order_id, oh_cd_id=kept.customer_id)
            shop.amend(sale.order_id, event.at)


def _erased(shop: Shop, event: CustomerErased) -> None:
    """Somebody empties the account, and the delivery address of every order of that person; amounts stay."""
    account = shop.accounts.get(event.customer_id)
    if account is not None:
        shop.address_changes.append(AddressChange(account.customer_id, account.email, event.at))
        nowhere = PlaceOfLiving(line1="", postcode="", city="", country=_country(shop, account))
        nobody = CustomerKnown(
            at=event.at,
            customer_id=event.customer_id,
            email="",
            first_name="Erased",
            last_name="",
            registered=True,
            newsletter=False,
            home=nowhere,
            market="",
        )
        account.email = ""
        write(shop, account, nobody)
        set_newsletter(shop, account, event.at, subscribed=False)
        shop.database.update("customer_detail", "cd_id", account.customer_id, cd_closed=1)
    for sale in shop.sales_of.get(event.customer_id, ()):
        shop.database.update(
            "order_delivery_address",
            "oda_oh_id",
            sale.order_id,
            oda_name="Erased",
            oda_contact=None,
            oda_address_1=None,
            oda_town=None,
            oda_postcode=None,
            oda_telephone=None,
            oda_email=None,
        )
        shop.amend(sale.order_id, event.at)


def _country(shop: Shop, account: Account) -> str:
    code = shop.database.value(
        "SELECT cd_statement_country_code FROM customer_detail WHERE cd_id = ?", account.customer_id
    )
    return str(code or "")


HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    CustomerKnown: _known,
    NewsletterChanged: _newsletter_changed,
    CustomersMerged: _merged,
    CustomerErased: _erased,
}
