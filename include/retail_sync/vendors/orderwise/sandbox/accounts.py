"""Accounts: that of all web customers, those of people who have one, those of who buys for resale."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import CustomerKnown, OrderPlaced, PlaceOfLiving
from retail_sync.vendors.orderwise.sandbox import dates
from retail_sync.vendors.orderwise.sandbox.countries import country_name
from retail_sync.vendors.orderwise.sandbox.records import Account

if TYPE_CHECKING:
    from retail_sync.vendors.orderwise.sandbox.shop import Shop

_INSTALLED_AT = datetime(2016, 4, 4, 8, 0, tzinfo=UTC)
_WEB_USER, _TRADE_DESK = 1, 2


def open_web_customer(shop: Shop) -> int:
    """The account on which everybody is booked who has none; gives its number."""
    at = shop.local(_INSTALLED_AT)
    number = shop.database.insert(
        "customer_detail",
        cd_account_number="WEB",
        cd_statement_name="Web customers",
        cd_account_customer=0,
        cd_on_hold=0,
        cd_closed=0,
        cd_c_id=shop.lists.currency(shop.settings.base_currency),
        cd_input_datetime=at,
        cd_last_amended_datetime=at,
    )
    shop.database.insert("customer_analysis", ca_cd_id=number)
    shop.database.insert("customer_profile", cp_customer_id=number, cp_sales_rep=_WEB_USER)
    return number


def open_account(shop: Shop, event: CustomerKnown) -> Account:
    """The account of somebody who has registered, with a contact."""
    at = shop.local(event.at)
    number = shop.database.insert(
        "customer_detail",
        cd_account_number=f"C{event.customer_id}",
        cd_account_customer=0,
        cd_on_hold=0,
        cd_closed=0,
        cd_c_id=shop.lists.currency(shop.settings.base_currency),
        cd_input_datetime=at,
    )
    contact = shop.database.insert("customer_contact", cc_cd_id=number, cc_input_datetime=at)
    shop.database.insert("customer_analysis", ca_cd_id=number)
    shop.database.insert("customer_contact_analysis", cca_cc_id=contact)
    shop.database.insert("customer_profile", cp_customer_id=number, cp_sales_rep=_WEB_USER)
    account = shop.accounts[event.customer_id] = Account(number, contact, event.email)
    write(shop, account, event)
    return account


def write(shop: Shop, account: Account, known: CustomerKnown) -> None:
    """Write down a customer as given, on the account and on its contact."""
    at, name = shop.local(known.at), f"{known.first_name} {known.last_name}".strip()
    email = shop.written(known.email, account.customer_id, 11)
    shop.database.update(
        "customer_detail",
        "cd_id",
        account.customer_id,
        cd_statement_name=shop.written(name, account.customer_id, 5),
        cd_statement_email=email,
        cd_statement_telephone=known.home.phone,
        cd_last_amended_datetime=at,
        **address_columns("cd_statement", known.home),
    )
    shop.database.update(
        "customer_contact",
        "cc_id",
        account.contact_id,
        cc_name=name,
        cc_email=email,
        cc_telephone=known.home.phone,
        cc_last_amended_datetime=at,
    )
    birth = dates.day(known.birthdate) if known.birthdate else None
    shop.database.update("customer_analysis", "ca_cd_id", account.customer_id, ca_d_2=birth)


def address_columns(prefix: str, home: PlaceOfLiving) -> dict[str, Any]:
    """The columns of a postal address."""
    return {
        f"{prefix}_address_1": home.line1,
        f"{prefix}_town": home.city,
        f"{prefix}_postcode": home.postcode,
        f"{prefix}_country": country_name(home.country),
        f"{prefix}_country_code": home.country,
    }


def trade_account(shop: Shop, order: OrderPlaced) -> int:
    """The credit account of somebody who buys for resale, opened with the first such order.

    What people have typed there is not always what the field is for.
    """
    number = shop.trade_accounts.get(order.customer_id)
    if number is None:
        at = shop.local(order.at)
        number = shop.trade_accounts[order.customer_id] = shop.database.insert(
            "customer_detail",
            cd_account_number=f"T{order.customer_id}",
            cd_statement_name=f"{order.last_name} Trading",
            cd_statement_email=f"{order.email}; accounts@shop.test",
            cd_statement_website=order.ship_to.phone,
            cd_invoice_name=f"{order.last_name} Trading, accounts",
            cd_account_customer=1,
            cd_on_hold=0,
            cd_closed=0,
            cd_c_id=shop.lists.currency(order.currency),
            cd_input_datetime=at,
            cd_last_amended_datetime=at,
            **address_columns("cd_statement", order.ship_to),
        )
        shop.database.insert("customer_analysis", ca_cd_id=number)
        shop.database.insert("customer_profile", cp_customer_id=number, cp_sales_rep=_TRADE_DESK)
    return number
