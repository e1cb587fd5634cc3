"""`customers` and `crm`: what REST shows of customers."""

from __future__ import annotations

from typing import Any

from retail_sync.sandbox.kit import Request, Response, reply
from retail_sync.vendors.orderwise.sandbox.replies import (
    analysis,
    is_asked,
    listed,
    not_there,
    number,
    path_number,
    refused,
)
from retail_sync.vendors.orderwise.sandbox.shop import Shop

_PAGE = 1000
_BLOCK = {
    "Name": "name", "Address1": "address_1", "Address2": "address_2", "Address3": "address_3", "Town": "town",
    "Postcode": "postcode", "County": "county", "Country": "country", "CountryCode": "country_code", "Email": "email",
    "Website": "website", "Telephone": "telephone",
}  # fmt: skip
#: What a customer has besides, and this shop makes no use of.
_UNUSED = (
    "vatNumber", "defaultTaxCodeId", "overrideVariantTax", "nominalCodeId", "departmentCodeId", "costCentreId",
    "defaultDeliveryMethodId", "defaultDeliveryGroupId", "usePriceList", "priceListId", "priceListDiscountPercent",
    "multisaverDiscountGroupId", "discountStructureId", "defaultStockLocationId", "overCreditTerms", "creditLimit",
    "openOrdersValue", "availableToSpend", "balance",
)  # fmt: skip


class CustomersApi:
    """Answers for customers and their contacts.

    Args:
        shop: The books.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def customers(self, request: Request) -> Response:
        """So many customers behind a number, in their order; nothing tells which of them have changed."""
        limit, last = number(request, "limit", _PAGE), number(request, "last_id", 0)
        if limit is None or last is None:
            return refused("limit and last_id are numbers.", 400)
        rows = self._shop.database.rows(
            "SELECT * FROM customer_detail WHERE cd_id > ? ORDER BY cd_id LIMIT ?", [last, limit]
        )
        return listed([_customer(row) for row in rows], self._shop.settings)

    def customer(self, request: Request) -> Response:
        """One customer."""
        key = path_number(request, "id")
        row = self._shop.database.row("SELECT * FROM customer_detail WHERE cd_id = ?", key)
        if row is None:
            return not_there(request, 404)
        shown = _customer(row)
        if self._shows_analysis(request):
            fields = self._shop.database.row("SELECT * FROM customer_analysis WHERE ca_cd_id = ?", key) or {}
            shown["analysis"] = analysis(fields, "ca")
        return reply(shown)

    def contacts(self, request: Request) -> Response:
        """The contacts of a customer, or one of them that is named."""
        key, one = path_number(request, "id"), request.argument("contact_id")
        limit, last = number(request, "limit", _PAGE), number(request, "last_id", 0)
        if limit is None or last is None or (one is not None and not one.isdecimal()):
            return refused("limit, last_id and contact_id are numbers.", 400)
        found = [
            self._contact(row, request)
            for row in self._shop.database.rows(
                "SELECT * FROM customer_contact WHERE cc_cd_id = ? AND cc_id > ? ORDER BY cc_id LIMIT ?",
                [key, last, limit],
            )
            if one is None or row["cc_id"] == int(one)
        ]
        if one is not None and found and not self._shop.settings.lists_contacts:
            return reply(found[0])
        return listed(found, self._shop.settings)

    def crm(self, request: Request) -> Response:
        """A CRM record, which here is that of the contact with its number."""
        row = self._shop.database.row("SELECT * FROM customer_contact WHERE cc_id = ?", path_number(request, "id"))
        if row is None:
            return not_there(request, 404)
        return reply({"id": row["cc_id"], "customerId": row["cc_cd_id"], "contactId": row["cc_id"]})

    def activities(self, request: Request) -> Response:
        """Nobody here has made a note of a call or a visit."""
        missing = self._shop.database.value(
            "SELECT 1 FROM customer_contact WHERE cc_id = ?", path_number(request, "id")
        )
        return not_there(request, 404) if missing is None else listed([], self._shop.settings)

    def contact(self, request: Request) -> Response:
        """One contact of a customer by both of their numbers."""
        row = self._shop.database.row(
            "SELECT * FROM customer_contact WHERE cc_id = ? AND cc_cd_id = ?",
            path_number(request, "contact"),
            path_number(request, "id"),
        )
        return not_there(request, 404) if row is None else reply(self._contact(row, request))

    def _contact(self, row: dict[str, Any], request: Request) -> dict[str, Any]:
        shown = {
            "id": row["cc_id"],
            **{name: row[f"cc_{name}"] for name in ("name", "email", "telephone", "mobile", "fax")},
        }
        if self._shows_analysis(request):
            fields = self._shop.database.row(
                "SELECT * FROM customer_contact_analysis WHERE cca_cc_id = ?", row["cc_id"]
            )
            shown["analysis"] = analysis(fields or {}, "cca")
        return shown

    def _shows_analysis(self, request: Request) -> bool:
        return self._shop.settings.takes_analysis and is_asked(request, "include_analysis")


def _customer(row: dict[str, Any]) -> dict[str, Any]:
    statement = {f"statement{name}": row[f"cd_statement_{column}"] for name, column in _BLOCK.items()}
    invoice = {f"invoice{name}": row.get(f"cd_invoice_{column}") for name, column in _BLOCK.items()}
    return {
        "id": row["cd_id"],
        "accountNumber": row["cd_account_number"],
        **statement,
        "statementFax": None,
        **invoice,
        "invoiceFax": None,
        **dict.fromkeys(_UNUSED),
        "currencyId": row["cd_c_id"],
        "accountCustomer": bool(row["cd_account_customer"]),
        "onHold": bool(row["cd_on_hold"] or row["cd_closed"]),
        "manualOnHold": bool(row["cd_on_hold"]),
    }
