"""Customers by REST, where no export definition may be installed for them.

It gives all of them, each time: nothing selects those that changed. It says nothing of consent, of when a record was
made or changed, or of what an account was merged into; so nobody is subscribed by what is read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from retail_sync.errors import IncompleteReadError, SchemaDriftError
from retail_sync.model.reading import Page
from retail_sync.model.records import Record
from retail_sync.vendors.orderwise.client import Answered, OrderWiseClient
from retail_sync.vendors.orderwise.customers import Customers
from retail_sync.vendors.orderwise.facts import Settings
from retail_sync.vendors.orderwise.payloads import CustomerRow, Flag, RestContact, RestCustomer

_RECORD = "GET customers"


class RestCustomers:
    """Reads every customer of an installation.

    Args:
        client: The installation.
        settings: The pair file's settings.
        maker: Turns what is read into records.
    """

    def __init__(self, client: OrderWiseClient, settings: Settings, maker: Customers) -> None:
        self._client = client
        self._settings = settings
        self._maker = maker

    def pages(self) -> Iterator[Page]:
        """All customers, by their ids.

        An empty answer ends the list (SEEN). That it is the end is asked once more from the other side: who asks for
        what is behind the last but one must get the last customer, and nothing else.

        Raises:
            IncompleteReadError: The list can't be trusted.
            WaitError: Try again later.
        """
        last_id = 0
        while True:
            answer = self._client.customers(last_id, self._settings.rest_page)
            found = _list(answer.value)
            if not found:
                break
            ids = [_id(one) for one in found]
            if any(after <= before for before, after in pairwise([last_id, *ids])):
                raise _incomplete("customers come twice, or out of order")
            yield self._page(answer, found)
            last_id = ids[-1]
        self._confirm(last_id)

    def _confirm(self, last_id: int) -> None:
        if last_id == 0:
            raise _incomplete("there is not one customer")
        behind = _list(self._client.customers(last_id - 1, self._settings.rest_page).value)
        if [_id(one) for one in behind] != [last_id]:
            raise _incomplete("what came as the end of the list is not its end")

    def _page(self, answer: Answered, found: Sequence[Any]) -> Page:
        records: list[Record] = []
        refused: list[tuple[str, str]] = []
        for one in found:
            try:
                customer = msgspec.convert(one, RestCustomer)
                records += self._maker.records(self._rows(customer), _labels(customer))
            except msgspec.ValidationError as error:
                refused.append((str(_id(one)), str(error)))
        return Page(records=records, requested_at=answer.requested_at, refused=refused, query="rest")

    def _rows(self, customer: RestCustomer) -> list[CustomerRow]:
        contacts = self._contacts(customer) if self._asks_for_contacts(customer) else []
        return [_row(customer, contact, self._flag) for contact in contacts] or [_row(customer, None, self._flag)]

    def _asks_for_contacts(self, customer: RestCustomer) -> bool:
        if customer.id in self._settings.web_accounts:
            return False
        wanted = self._settings.rest_contacts
        return wanted == "all" or (wanted == "without_email" and not (customer.statement_email or "").strip())

    def _contacts(self, customer: RestCustomer) -> list[RestContact]:
        found = self._client.contacts(customer.id, limit=self._settings.rest_page, last_id=0).value or []
        return [msgspec.convert(one, RestContact) for one in (found if isinstance(found, list) else [found])]

    def _flag(self, analysis: dict[str, Any] | None) -> Flag:
        said = (analysis or {}).get(f"l_{self._settings.consent.flag}")
        return said if isinstance(said, bool) else None


def _row(customer: RestCustomer, contact: RestContact | None, flag: Any) -> CustomerRow:
    """What the export definition would have given, as far as it is known here."""
    return CustomerRow(
        cd_id=customer.id,
        name=_text(customer.statement_name),
        email=_text(customer.statement_email),
        phone=_text(customer.statement_telephone),
        line_1=_text(customer.statement_address1),
        line_2=_text(customer.statement_address2),
        line_3=_text(customer.statement_address3),
        town=_text(customer.statement_town),
        county=_text(customer.statement_county),
        postcode=_text(customer.statement_postcode),
        country=_text(customer.statement_country),
        code=_text(customer.statement_country_code),
        merged_into=None,
        created_at=None,
        amended_at=None,
        flag=flag(customer.analysis),
        flag_at=None,
        birth_date=None,
        contact_id=contact.id if contact else None,
        contact_name=_text(contact.name) if contact else None,
        contact_email=_text(contact.email) if contact else None,
        contact_phone=_text(contact.mobile or contact.telephone) if contact else None,
        contact_created_at=None,
        contact_amended_at=None,
        contact_flag=flag(contact.analysis) if contact else None,
        contact_flag_at=None,
    )


def _labels(customer: RestCustomer) -> dict[str, str]:
    return {"attribute_category": "trade" if customer.account_customer else "retail"}


def _text(written: str | None) -> str | None:
    return (written or "").strip() or None


def _list(body: Any) -> list[Any]:
    if body is not None and not isinstance(body, list):
        raise SchemaDriftError("the answer is no list", record=_RECORD, fix="Read customers by an export definition.")
    return body or []


def _id(one: Any) -> int:
    found = one.get("id") if isinstance(one, dict) else None
    if not isinstance(found, int):
        raise SchemaDriftError("a customer has no id", record=_RECORD, fix="Read customers by an export definition.")
    return found


def _incomplete(what: str) -> IncompleteReadError:
    return IncompleteReadError(
        f"the customers were not read whole: {what}", record=_RECORD, fix="Run again; nothing is lost."
    )
